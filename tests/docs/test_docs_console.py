"""The commands on the pages of tutorials and tasks do what the pages show; every command on any page exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from docs_console import GROUND, differs, steps_of
from docs_pages import ROOT, blocks_of, pages
from tradewind.cli.main import app

SHOWN = [
    page
    for folder in ("tutorial", "how-to", "explanation", "handbooks")
    for page in sorted((ROOT / "docs" / folder).glob("*.md"))
    if page != GROUND and steps_of(page.read_text(encoding="utf-8"))
]


@pytest.mark.slow
@pytest.mark.parametrize("page", [GROUND, *SHOWN], ids=lambda page: page.name)
def test_commands_print_what_the_page_shows(page: Path, left: Callable[[Path], tuple[Path, list[str]]]) -> None:
    wrong = left(page)[1]
    assert not wrong, "\n".join(wrong)


def test_numbers_may_differ_and_words_may_not() -> None:
    printed = "Wrote 12 bars\n\n accuracy  0.51\n SIM000  2013-12-27"
    assert not differs(["Wrote 9 bars", "...", " SIM001   2014-01-01"], printed)
    assert differs(["Wrote 9 items"], printed) == "Wrote 9 items"
    assert differs(["SIM000 2013-12-27", "Wrote 12 bars"], printed) == "Wrote 12 bars"  # not in this order


def commands_of(text: str) -> Iterator[list[str]]:
    """Yield the words of each `tradewind ...` of a text, up to the end of the command."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for found in re.finditer(r"(?:^|[`$(]\s*|\$ |&& )tradewind ([^`\n|;&]*)", joined, re.MULTILINE):
        try:
            yield shlex.split(found[1].split(" #")[0].split(" > ")[0].rstrip(")."))
        except ValueError:  # a quotation mark of prose
            yield found[1].split()


def unknown_in(command: Any, words: list[str], *, whole: bool = False) -> str:
    """Return the first word after ``command`` that it and those below it do not know; empty where all are known.

    ``whole`` : the command line is one to be typed as it stands, so a flag that must be given and is not is named too.
    """
    rest = list(words)
    while hasattr(command, "commands") and rest and re.fullmatch(r"[a-z][a-z-]+", rest[0]):
        if rest[0] not in command.commands:
            return rest[0]
        command = command.commands[rest.pop(0)]
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    given = [word.split("=")[0].rstrip(",.:") for word in rest if re.match(r"--[a-z]", word)]
    lacking = [one.opts[0] for one in command.params if one.required and one.opts[0].startswith("--")] if whole else []
    absent = [f"value for {name}" for name in lacking if name not in given and "--help" not in given]
    return next((flag for flag in given if flag not in known), absent[0] if absent else "")


@pytest.mark.slow
def test_every_command_and_flag_on_the_pages_exists() -> None:
    wrong, seen, root = [], 0, typer.main.get_command(app)
    for page in pages():
        text = page.read_text(encoding="utf-8")
        shown = "\n".join(block.body for block in blocks_of(page) if block.kind == "console")
        typed = re.findall(r"^\$ ((?:.*\\\n)*.*)", shown, re.MULTILINE)
        other = [block.body for block in blocks_of(page) if block.kind not in ("python", "console")]
        for part in (*typed, shown, *other, *re.findall(r"`[^`\n]+`", text)):
            for words in commands_of(part):
                seen += 1
                if bad := unknown_in(root, words, whole=part in typed and "..." not in words):
                    wrong.append(f"{page.relative_to(ROOT)}: tradewind {' '.join(words)}: there is no {bad}")
    assert seen > 300
    assert not wrong, "\n".join(dict.fromkeys(wrong))
