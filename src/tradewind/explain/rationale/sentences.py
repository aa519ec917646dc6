"""Sentences made of facts by templates, and the check that every number in one came from its fact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.forms import FORMS, NUMBER, read_back

_SLOT = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Where in a sentence a fact stands: ``text[start:end]`` prints the fact ``key``."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence and the facts that fill it. ``topic`` says what it tells: forecast, driver, against, ..."""

    text: str
    slots: tuple[Slot, ...]
    topic: str = ""

    def __str__(self) -> str:
        return self.text

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the facts, in order."""
        return tuple(slot.key for slot in self.slots)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"text": self.text, "topic": self.topic, "slots": [[s.start, s.end, s.key] for s in self.slots]}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Sentence:
        """Return the sentence that :meth:`to_dict` described."""
        slots = tuple(Slot(start=start, end=end, key=key) for start, end, key in row["slots"])
        return cls(text=row["text"], slots=slots, topic=row["topic"])


def say(facts: Facts, template: str, topic: str = "") -> Sentence:
    """Return ``template`` with each ``{key|form}`` filled by the fact of that key or path.

    A key that is not a fact yet is taken from the evidence at that path. Without a form the fact's own is used.

    Raises
    ------
    ValueError : the template itself holds a number: a number may come from a fact alone.
    KeyError : there is no such fact and nothing at that path.
    """
    loose = NUMBER.search(_SLOT.sub("", template))
    if loose:
        raise ValueError(f"the template holds the number {loose.group()!r}, which no fact backs: {template!r}")
    pieces: list[str] = []
    slots: list[Slot] = []
    at = length = 0
    for found in _SLOT.finditer(template):
        key, form = found[1], found[2]
        fact = facts[key] if key in facts else facts.take(key, form or "text")
        printed = FORMS[form or fact.form].show(fact.value)
        before = template[at : found.start()]
        start = length + len(before)
        pieces += [before, printed]
        length, at = start + len(printed), found.end()
        slots.append(Slot(start=start, end=length, key=key))
    pieces.append(template[at:])
    return Sentence(text="".join(pieces), slots=tuple(slots), topic=topic)


def verify(sentence: Sentence, facts: Facts) -> tuple[str, ...]:
    """Return what no fact backs in ``sentence``; empty where every number and word slot is true to its fact.

    Each number of the text must lie in a slot; the slot's text is read back and compared with the fact's value at the
    precision it is printed with. That the facts are true to their sources is :meth:`Facts.check`.
    """
    wrong: list[str] = []
    last = 0
    for slot in sentence.slots:
        if not last <= slot.start <= slot.end <= len(sentence.text):
            wrong.append(f"the slot of {slot.key} does not lie in the sentence")
            continue
        last = slot.end
        if slot.key not in facts:
            wrong.append(f"there is no fact {slot.key}")
            continue
        problem = _mismatch(sentence.text[slot.start : slot.end], facts[slot.key].value)
        if problem:
            wrong.append(f"{slot.key}: {problem}")
    wrong += [
        f"no fact backs the number {number.group()!r}"
        for number in NUMBER.finditer(sentence.text)
        if not any(slot.start <= number.start() and number.end() <= slot.end for slot in sentence.slots)
    ]
    return tuple(wrong)


_SCALES = {"": 1.0, " %": 100.0, " points": 100.0, " billionths": 1e9}


def _mismatch(printed: str, value: Any) -> str:
    """Return why ``printed`` does not tell ``value``; empty where it does."""
    if isinstance(value, str) or value is None:
        return "" if printed == str(value) else f"printed {printed!r}, the fact is {value!r}"
    if isinstance(value, bool):
        return f"a yes or no is printed as {printed!r}"
    try:
        number, decimals, suffix = read_back(printed)
    except ValueError as error:
        return str(error)
    if suffix not in _SCALES:
        return f"{printed!r} has the unknown unit {suffix!r}"
    half = 0.5 * 10.0**-decimals
    told = value * _SCALES[suffix]
    if abs(number - told) > half + 1e-15 * abs(told) + 1e-12:
        return f"printed {printed!r}, the fact is {value!r}"
    return ""
