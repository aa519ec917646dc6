"""The independent validation report: the validator's judgement beside the figures it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.core import UsageError
from tradewind.core.ids import content_id
from tradewind.governance.cards import CardSources
from tradewind.governance.cards.digest import digest
from tradewind.governance.cards.explained import explanation, quality_blocks
from tradewind.governance.cards.facts import complexity, features, training_data
from tradewind.governance.cards.performance import calibration, performance, slices, stress, verdict
from tradewind.governance.pages import Block, Document, Items, Mark, Notice, Section, Table, Text, Tone
from tradewind.governance.pages.numbers import DASH, count, day, moment, text
from tradewind.governance.reports.incident import SEVERITY
from tradewind.governance.reports.report import Report
from tradewind.governance.reports.validation_file import ValidationNotes

CONCLUSION: dict[str, Tone] = {"fit": "good", "fit with conditions": "warn", "not fit": "bad"}
ORDER = ("critical", "high", "medium", "low")


@dataclass(frozen=True, kw_only=True)
class ValidationInput:
    """What a validation report is made from.

    Attributes
    ----------
    sources : the model's record, figures, explanation and fairness.
    notes : what the validator wrote.
    reproduction : result of `tradewind reproduce --json`, or None: then reproduction was not tested.
    explanation_quality : measures of faithfulness and stability, or None.

    Raises
    ------
    UsageError : notes or reproduction are of another model, or the validator is the model's author.
    """

    sources: CardSources
    notes: ValidationNotes
    reproduction: Mapping[str, Any] | None = None
    explanation_quality: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse a validation of another model, or one that is not independent."""
        record = self.sources.record
        reference = f"{record.get('name')}/{record.get('version')}"
        if self.notes.model != reference:
            raise UsageError(
                f"the validation is of {self.notes.model}, the record of {reference}",
                field="model",
                fix="give the file of this model",
            )
        rebuilt = (self.reproduction or {}).get("model", reference)
        if rebuilt != reference:
            raise UsageError(
                f"the reproduction is of {rebuilt}, the validation of {reference}",
                field="reproduction",
                fix=f"run `tradewind reproduce {reference} --json`",
            )
        if self.notes.validator == record.get("author"):
            raise UsageError(
                f"{self.notes.validator} trained the model and cannot validate it",
                field="validator",
                fix="let somebody else validate it",
            )

    @property
    def trusted(self) -> Mapping[str, Any] | None:
        """Measures of the explanations: given, or within the summary of the explanation; None where there are none."""
        return self.explanation_quality or (self.sources.explained or {}).get("quality")

    @property
    def not_tested(self) -> tuple[str, ...]:
        """What was not tested: as the validator wrote, and what was not given."""
        figures = self.sources.figures
        absent = {
            "reproduction: no result of `tradewind reproduce` was given": self.reproduction,
            "quality of explanations (faithfulness, stability): no measures were given": self.trusted,
            "explanations: no summary was given": self.sources.explained,
            "fairness: no report was given": self.sources.parity,
            "quality of the data: no report was given": self.sources.quality,
            "slices: the evaluation holds none": figures.get("slices"),
            "known crises: none lies in the span of the evaluation": (figures.get("stress") or {}).get("crises"),
        }
        return (*self.notes.not_tested, *(said for said, found in absent.items() if not found))


def validation(given: ValidationInput, *, at: datetime) -> Report:
    """Return the validation report as of ``at``."""
    notes, sources = given.notes, given.sources
    record = sources.record
    counts = {grade: sum(f.severity == grade for f in notes.findings) for grade in ORDER}
    found = ", ".join(f"{number} {grade}" for grade, number in counts.items() if number) or "none"
    _, sentence = verdict(sources.figures)
    data = {
        "kind": "validation",
        "at": moment(at),
        "model": notes.model,
        "model_sha256": record.get("model_sha256"),
        "notes": notes.model_dump(mode="json"),
        "notes_id": content_id(notes.model_dump(mode="json"), record.get("model_sha256")),
        "findings": counts,
        "not_tested": list(given.not_tested),
        "reproduction": given.reproduction,
        "explanation_quality": given.explanation_quality,
        "metrics": dict(sources.figures),
    }
    return Report(
        name=f"validation-{record.get('name')}-{record.get('version')}",
        data=data,
        document=Document(
            kind="Independent validation",
            title=f"{record.get('name')} version {record.get('version')}",
            status=Mark(notes.conclusion, CONCLUSION[notes.conclusion]),
            lead=(notes.reasons, sentence),
            facts=(
                ("Validator", notes.validator),
                ("Author of the model", text(record.get("author"))),
                ("Examined", f"{day(notes.began)} to {day(notes.ended)}"),
                ("Findings", found),
                ("Report of", moment(at)),
            ),
            sections=_sections(given, str(data["notes_id"])),
            foot=f"Of the model with hash {text(record.get('model_sha256'))}.",
        ),
    )


def _sections(given: ValidationInput, notes_id: str) -> tuple[Section, ...]:
    notes, sources = given.notes, given.sources
    conditions: tuple[Block, ...] = (Text("Conditions:"), Items(notes.conditions)) if notes.conditions else ()
    benchmark = performance(sources).blocks
    return (
        Section("Scope", "scope", (Text(notes.scope),)),
        Section("Findings", "findings", (_findings(notes),)),
        Section("Data", "data", (Text(notes.data), *training_data(sources).blocks)),
        Section(
            "Conceptual soundness",
            "soundness",
            (Text(notes.soundness), *features(sources).blocks, *complexity(sources).blocks),
        ),
        Section(
            "Outcome analysis",
            "outcomes",
            (Text(notes.outcomes), *calibration(sources).blocks, *slices(sources).blocks),
        ),
        Section("Benchmarking", "benchmarks", (Text(notes.benchmarks), *benchmark)),
        Section("Sensitivity and stress", "sensitivity", (Text(notes.sensitivity), *stress(sources).blocks)),
        Section("Explanations", "explanations", (Text(notes.explanations), *_explained(given))),
        Section("Reproduction", "reproduction", _reproduction(given.reproduction)),
        Section("What was not tested", "not-tested", (Items(given.not_tested),)),
        Section("Conclusion", "conclusion", (Notice(_conclusion(notes), CONCLUSION[notes.conclusion]), *conditions)),
        Section("Signatures", "signatures", (_signatures(notes, notes_id),)),
    )


def _conclusion(notes: ValidationNotes) -> str:
    return f"{notes.conclusion[0].upper()}{notes.conclusion[1:]} for the use examined. {notes.reasons}"


def _findings(notes: ValidationNotes) -> Block:
    if not notes.findings:
        return Text("No finding.")
    order = sorted(notes.findings, key=lambda one: ORDER.index(one.severity))
    rows = tuple(
        (
            Mark(one.severity, SEVERITY[one.severity]),
            one.title,
            one.detail,
            one.recommendation,
            one.owner,
            DASH if one.due is None else day(one.due),
        )
        for one in order
    )
    return Table(("severity", "finding", "detail", "recommendation", "owner", "due"), rows, left=6)


def _explained(given: ValidationInput) -> tuple[Block, ...]:
    blocks = explanation(given.sources).blocks
    if not given.trusted:
        return (*blocks, Notice("Quality of the explanations: not assessed.", "warn"))
    own = quality_blocks(given.explanation_quality) if given.explanation_quality else []
    return (*blocks, *own)


def _reproduction(result: Mapping[str, Any] | None) -> tuple[Block, ...]:
    if not result:
        return (Notice("Reproduction: not assessed.", "warn"),)
    same = result.get("reproduced")
    if same is None:
        return (Notice("The result does not say whether the model was reproduced.", "warn"), digest(result))
    words = "The model was rebuilt from its record and gives the same forecasts."
    failed = "The rebuilt model does not give the forecasts of the record."
    return (Notice(words if same is True else failed, "good" if same is True else "bad"), digest(result))


def _signatures(notes: ValidationNotes, notes_id: str) -> Block:
    rows = tuple((one.name, one.role, day(one.on)) for one in notes.signatures)
    note = f"Signed statement {notes_id}: a hash over the validator's file and the model, {count(len(rows))} names."
    return Table(("name", "role", "on"), rows, left=3, note=note)
