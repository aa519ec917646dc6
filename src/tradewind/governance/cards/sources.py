"""Everything a card is made from, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tradewind.core import InputError
from tradewind.core.plain import finite
from tradewind.governance.cards.notes import CardNotes


@dataclass(frozen=True, kw_only=True)
class CardSources:
    """What is known of one version of a model.

    Attributes
    ----------
    record : the registry's record of it (``ModelRecord.to_dict()``).
    notes : what people wrote.
    stage, history : its stage of approval, and the signed decisions that led there, oldest first.
    metrics : the whole metrics.json of its evaluation; None takes what the record holds.
    explanation, fairness : summaries by those packages; None takes what the record holds.
    quality : summary of the quality of its data (``QualityReport.to_dict()``), or None.

    Raises
    ------
    InputError : ``metrics`` are of another evaluation than the record's, or ``explanation`` of another model.
    """

    record: Mapping[str, Any]
    notes: CardNotes = field(default_factory=CardNotes)
    stage: str = ""
    history: tuple[Mapping[str, Any], ...] = ()
    metrics: Mapping[str, Any] | None = None
    explanation: Mapping[str, Any] | None = None
    fairness: Mapping[str, Any] | None = None
    quality: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse figures of another evaluation: a card must not mix two."""
        held = self.record.get("metrics") or {}
        for name in ("accuracy", "n"):
            own, given = held.get(name), (self.metrics or {}).get(name)
            if own is not None and given is not None and own != given:
                raise InputError(
                    f"these metrics are of another evaluation: {name} is {given}, the record says {own}",
                    field=name,
                    fix="give the metrics.json that the model was registered with",
                )
        about = (self.explanation or {}).get("about")
        told = about if isinstance(about, Mapping) else {}
        settings = self.record.get("settings") or {}
        for name, own in (("trained_until", self.record.get("trained_until")), ("members", settings.get("models"))):
            found = told.get(name)
            if own and found and _plain(own) != _plain(found):
                raise InputError(
                    f"this explanation is of another model: {name} is {_plain(found)}, the record says {_plain(own)}",
                    field=name,
                    fix="run `tradewind importance` on the registered model",
                )

    @property
    def figures(self) -> Mapping[str, Any]:
        """The evaluation's figures: the given file, else what the record holds."""
        return self.metrics or self.record.get("metrics") or {}

    @property
    def primary(self) -> str:
        """Name of the judged model in the figures."""
        return str(self.figures.get("primary") or "ensemble")

    @property
    def main(self) -> Mapping[str, Any]:
        """Figures of the judged model."""
        return (self.figures.get("models") or {}).get(self.primary) or {}

    @property
    def explained(self) -> Mapping[str, Any] | None:
        """The explanation's summary, None where there is none."""
        return self.explanation or self.record.get("explanation") or None

    @property
    def parity(self) -> Mapping[str, Any] | None:
        """The fairness summary: given, the record's, or what the evaluation measured; None where there is none."""
        return self.fairness or self.record.get("fairness") or self.figures.get("parity") or None

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping; what the checklist looks its fields up in."""
        content: dict[str, Any] = finite(
            {
                "record": {key: value for key, value in self.record.items() if key != "metrics"},
                "notes": self.notes.model_dump(mode="json"),
                "stage": self.stage,
                "history": [dict(one) for one in self.history],
                "metrics": dict(self.figures),
                "main": dict(self.main),
                "explanation": self.explained,
                "fairness": self.parity,
                "quality": self.quality,
            }
        )
        return content


def _plain(value: Any) -> str:
    """Return a date as its day and names joined, whatever kind of sequence or moment holds them."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)[:10]
