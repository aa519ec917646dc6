"""A document as Markdown (CommonMark with tables); what people wrote stays words, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tradewind.governance.pages.blocks import Block, Code, Document, Figure, Items, Notice, Pairs, Table, Text

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&$])")
_BLOCK_START = re.compile(r"^(\s*)([-+=]+|\d+[.)])(?=\s|$)")


def escaped(text: object) -> str:
    """Return ``text`` on one line with every character that Markdown or HTML would act on escaped."""
    line = _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
    return _BLOCK_START.sub(lambda found: found.group(0)[:-1] + "\\" + found.group(0)[-1], line)


def to_markdown(document: Document) -> str:
    """Return ``document`` as Markdown text."""
    parts = [f"# {escaped(document.kind)}: {escaped(document.title)}"]
    if document.status:
        parts.append(f"**{escaped(document.status)}**")
    parts += [escaped(sentence) for sentence in document.lead]
    if document.facts:
        parts.append("\n".join(f"- **{escaped(name)}**: {escaped(value)}" for name, value in document.facts))
    for section in document.sections:
        parts.append(f"## {escaped(section.title)}")
        for block in section.blocks:
            parts += _block(block)
    if document.foot:
        parts += ["---", escaped(document.foot)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Text(text=text):
            yield escaped(text)
        case Notice(text=text):
            yield f"> **Note.** {escaped(text)}"
        case Items(items=items):
            yield "\n".join(f"- {escaped(item)}" for item in items)
        case Code(text=text):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
            yield f"{fence}\n{text}\n{fence}"
        case Pairs(rows=rows):
            yield _grid(("", ""), [[str(cell) for cell in row] for row in rows], 2)
        case Table(columns=columns, rows=rows, left=left, note=note):
            yield _grid(columns, [[str(cell) for cell in row] for row in rows], left)
            if note:
                yield f"*{escaped(note)}*"
        case Figure(alt=alt, note=note):
            yield f"*Figure: {escaped(alt)}. {escaped(note)}*".replace(" *", "*")


def _grid(columns: tuple[str, ...], rows: list[list[str]], left: int) -> str:
    head = " | ".join(escaped(name) for name in columns)
    rule = " | ".join("---" if place < left else "---:" for place in range(len(columns)))
    body = [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows]
    return "\n".join([f"| {head} |", f"| {rule} |", *body])
