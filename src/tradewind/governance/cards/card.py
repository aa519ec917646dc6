"""The model card: everything a reader must know of a model before trusting it.

After M. Mitchell and others, *Model Cards for Model Reporting*, FAT* 2019, with the sections that model risk
management asks for beside theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.core import TradewindError
from tradewind.governance.cards import explained, facts, oversight, performance
from tradewind.governance.cards.checklist import Checklist, check_card
from tradewind.governance.cards.mapping import DISCLAIMER, mapping_table
from tradewind.governance.cards.sources import CardSources
from tradewind.governance.pages import (
    Document,
    Items,
    Notice,
    Section,
    Text,
    to_html,
    to_markdown,
    write_document,
)
from tradewind.governance.pages.numbers import day, text

SECTIONS = (
    facts.identity,
    facts.use,
    performance.performance,
    performance.calibration,
    performance.slices,
    performance.stress,
    oversight.fairness,
    explained.explanation,
    facts.training_data,
    facts.features,
    facts.complexity,
    oversight.limitations,
    oversight.monitoring,
    oversight.approvals,
    facts.reproduction,
)


class IncompleteCardError(TradewindError):
    """A card with gaps was to be written as a finished one."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A model card: its document, what it was made from, and what its checklist says."""

    document: Document
    sources: CardSources
    checklist: Checklist

    @property
    def markdown(self) -> str:
        """The card as Markdown."""
        return to_markdown(self.document)

    @property
    def html(self) -> str:
        """The card as one HTML page."""
        return to_html(self.document)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping of the sources and the checklist."""
        return {**self.sources.to_dict(), "checklist": self.checklist.to_dict()}

    def write(self, folder: Path, *, stem: str = "card", draft: bool = False, pdf: bool = False) -> tuple[Path, ...]:
        """Write the card as HTML, Markdown and JSON (and PDF) into ``folder`` and return the files.

        Raises
        ------
        IncompleteCardError : the checklist fails and ``draft`` does not allow it.
        OutputError, MissingExtraError : as of :func:`~tradewind.governance.pages.write_document`.
        """
        if not draft and not self.checklist.complete:
            names = ", ".join(gap.requirement.path for gap in self.checklist.failing)
            raise IncompleteCardError(
                f"the card lacks {len(self.checklist.failing)} fields: {names}. "
                "Fix: give them (`tradewind card check` says how), or write it as a draft."
            )
        return write_document(self.document, self.to_dict(), folder, stem, markdown=True, pdf=pdf)


def make_card(sources: CardSources, *, strict: bool = False) -> Card:
    """Return the card of a model; an incomplete one is marked as a draft and lists its gaps.

    Parameters
    ----------
    strict : explanation, fairness and quality of the data must be there too.
    """
    checklist = check_card(sources, strict=strict)
    record = sources.record
    mark, sentence = performance.verdict(sources.figures)
    sections = [make(sources) for make in SECTIONS]
    sections.append(Section("Frameworks", "frameworks", (Text(DISCLAIMER, "soft"), mapping_table())))
    if not checklist.complete:
        sections.insert(0, _gaps(checklist))
    document = Document(
        kind="Model card" if checklist.complete else "Model card (draft, incomplete)",
        title=f"{text(record.get('name'))} version {text(record.get('version'))}",
        status=mark,
        lead=(sentence, f"Purpose: {text(record.get('purpose'))}."),
        facts=(
            ("Stage", text(sources.stage)),
            ("Owner", text(sources.notes.owner)),
            ("Risk tier", text(sources.notes.tier)),
            ("Recorded", day(record.get("created"))),
            ("Checklist", _checklist_words(checklist)),
        ),
        sections=tuple(sections),
        foot=f"Made from the registry's record of model {text(record.get('model_sha256'))[:16]}. After Mitchell et al. "
        "2019, Model Cards for Model Reporting.",
    )
    return Card(document=document, sources=sources, checklist=checklist)


def _checklist_words(checklist: Checklist) -> str:
    if not checklist.complete:
        return f"{len(checklist.failing)} of {checklist.checked} required fields missing"
    open_ = [gap.requirement.path for gap in checklist.unassessed]
    return f"complete; not assessed: {', '.join(open_)}" if open_ else f"complete, all {checklist.checked} fields"


def _gaps(checklist: Checklist) -> Section:
    items = tuple(f"{gap.requirement.path} {gap.why}: {gap.requirement.give}" for gap in checklist.failing)
    return Section(
        "Gaps of this card",
        "gaps",
        (Notice("This card is not complete and must not be relied on. Missing:", "bad"), Items(items)),
    )
