"""The explanation of one forecast: four layers, the alert, and the record by which anyone can check every number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.core import Event
from tradewind.core.ids import content_id
from tradewind.explain.rationale.doubts import Doubt, alert_of, doubt_layer, doubts_of
from tradewind.explain.rationale.drivers import drivers
from tradewind.explain.rationale.evidence import evidence_of
from tradewind.explain.rationale.executive import executive
from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.internals import internals
from tradewind.explain.rationale.layers import LAYERS, Layer
from tradewind.explain.rationale.sentences import Sentence, verify
from tradewind.explain.rationale.subject import Subject
from tradewind.explain.rationale.technical import technical


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """One forecast explained.

    Attributes
    ----------
    id : changes when, and only when, the evidence or a sentence changes.
    facts : every fact that is told, with the evidence they come from.
    layers : executive, attribution, technical, internals.
    doubts : signs of low confidence; ``more`` is the fuller explanation they call for, ``alert`` the event to raise;
        both None without a sign.
    """

    id: str
    facts: Facts
    layers: tuple[Layer, ...]
    doubts: tuple[Doubt, ...]
    more: Layer | None
    alert: Event | None

    @property
    def evidence(self) -> Mapping[str, Any]:
        """The tree that every fact is taken from."""
        return self.facts.evidence

    def every(self) -> Iterator[Sentence]:
        """Yield every sentence."""
        for layer in (*self.layers, *((self.more,) if self.more else ())):
            yield from layer.every()

    def check(self) -> tuple[str, ...]:
        """Return what is wrong with facts or sentences; empty where every number is true to its source."""
        return self.facts.check() + tuple(
            problem for sentence in self.every() for problem in verify(sentence, self.facts)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the whole as a JSON-ready mapping that :func:`check_record` can check on its own."""
        evidence = self.evidence
        return {
            "id": self.id,
            "symbol": evidence["data"]["symbol"],
            "date": evidence["data"]["date"],
            "probability": evidence["forecast"]["probability"],
            "layers": [layer.to_dict() for layer in self.layers],
            "more": self.more.to_dict() if self.more else None,
            "alert": self.alert.to_dict() if self.alert else None,
            "facts": self.facts.to_list(),
            "evidence": evidence,
        }


def explain(subject: Subject, place: int) -> Explanation:
    """Explain row ``place`` (0 to m - 1) of ``subject``.

    Raises
    ------
    ValueError : a sentence holds a number that its source does not; nothing of it is returned.
    """
    evidence = evidence_of(subject, place)
    facts = Facts(evidence)
    doubts = doubts_of(facts)
    evidence["doubts"] = [{"name": d.name, "value": d.value, "limit": d.limit} for d in doubts]
    layers = (executive(facts, doubts), drivers(facts), technical(facts), internals(facts))
    more = doubt_layer(facts, doubts) if doubts else None
    texts = [sentence.text for layer in (*layers, *((more,) if more else ())) for sentence in layer.every()]
    found = Explanation(
        id=content_id(evidence, texts),
        facts=facts,
        layers=layers,
        doubts=doubts,
        more=more,
        alert=alert_of(facts, doubts),
    )
    wrong = found.check()
    if wrong:
        raise ValueError(f"the explanation is not true to its facts: {'; '.join(wrong[:3])}")
    return found


def check_record(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is wrong with an explanation read from JSON (:meth:`Explanation.to_dict`); empty where nothing is.

    Facts are compared with the evidence in the record, sentences with the facts, and, where all four layers are there,
    the id with both.
    """
    facts = Facts.from_list(record["evidence"], record["facts"])
    layers = [*record["layers"], *([record["more"]] if record["more"] else [])]
    sentences = [
        Sentence.from_dict(row)
        for layer in layers
        for row in (
            *layer["sentences"],
            *(cell for table in layer["tables"] for line in table["rows"] for cell in line),
        )
    ]
    wrong = facts.check() + tuple(problem for sentence in sentences for problem in verify(sentence, facts))
    whole = {layer["name"] for layer in record["layers"]} == set(LAYERS)  # of a part of the layers no id was made
    if whole and content_id(record["evidence"], [sentence.text for sentence in sentences]) != record["id"]:
        wrong += ("the id does not belong to this evidence and these sentences",)
    return wrong
