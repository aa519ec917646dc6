"""Facts: values with the place they came from, the only thing a sentence may be made of."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.explain.rationale.forms import FORMS
from tradewind.explain.rationale.rules import RULES

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One value and where it came from.

    Attributes
    ----------
    key : its name, unique in an explanation.
    value : number, word or None; a probability is a fraction.
    form : how it is printed (:data:`~tradewind.explain.rationale.forms.FORMS`).
    source : path into the evidence, as "forecast.probability" or "attribution.features[3].value"; of a derived fact,
        the rule and the paths or facts it was made from, as "ratio(a, b)".
    rule : name of the rule of a derived fact, empty where the value was taken as it is.
    of : paths or keys the rule was applied to.
    """

    key: str
    value: Any
    form: str
    source: str
    rule: str = ""
    of: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "key": self.key,
            "value": self.value,
            "form": self.form,
            "source": self.source,
            **({"rule": self.rule, "of": list(self.of)} if self.rule else {}),
        }


class Facts:
    """The facts of one forecast, taken from its ``evidence``: a tree of plain values (JSON) kept beside them."""

    def __init__(self, evidence: Mapping[str, Any]) -> None:
        self.evidence = evidence
        self._found: dict[str, Fact] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._found

    def __getitem__(self, key: str) -> Fact:
        return self._found[key]

    def __iter__(self) -> Any:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def has(self, path: str) -> bool:
        """Return whether the evidence holds a value (neither absent nor None nor NaN) at ``path``."""
        try:
            value = resolve(self.evidence, path)
        except KeyError:
            return False
        return value is not None and not (isinstance(value, float) and math.isnan(value))

    def value(self, path: str) -> Any:
        """Return what stands at ``path`` of the evidence; KeyError where nothing does."""
        return resolve(self.evidence, path)

    def take(self, path: str, form: str = "text") -> Fact:
        """Return the fact at ``path`` of the evidence, noting it the first time; KeyError where nothing is there."""
        if path not in self._found:
            if form not in FORMS:
                raise KeyError(f"there is no form {form!r}")
            self._found[path] = Fact(key=path, value=resolve(self.evidence, path), form=form, source=path)
        return self._found[path]

    def derive(self, key: str, rule: str, of: tuple[str, ...], form: str) -> Fact:
        """Note and return the fact ``key`` that ``rule`` makes of paths of the evidence or keys of other facts."""
        source = f"{rule}({', '.join(of)})"
        self._found[key] = Fact(key=key, value=self._apply(rule, of), form=form, source=source, rule=rule, of=of)
        return self._found[key]

    def check(self) -> tuple[str, ...]:
        """Return what is wrong: facts whose value is not what their source holds; empty where all is right."""
        wrong = []
        for fact in self:
            held = self._apply(fact.rule, fact.of) if fact.rule else resolve(self.evidence, fact.source)
            if not same(held, fact.value):
                wrong.append(f"{fact.key} is {fact.value!r}, its source {fact.source} holds {held!r}")
        return tuple(wrong)

    def _apply(self, rule: str, of: tuple[str, ...]) -> Any:
        return RULES[rule](*(self._held(name) for name in of))

    def _held(self, name: str) -> Any:
        """Return what the evidence holds at path ``name``, else the derived fact of that key; KeyError of neither."""
        if name in self._found and self._found[name].rule:
            return self._found[name].value
        return self.value(name)

    def to_list(self) -> list[dict[str, Any]]:
        """Return every fact as a JSON-ready mapping, in the order they were noted."""
        return [fact.to_dict() for fact in self]

    @classmethod
    def from_list(cls, evidence: Mapping[str, Any], rows: list[dict[str, Any]]) -> Facts:
        """Return the facts that :meth:`to_list` described."""
        one = cls(evidence)
        for row in rows:
            one._found[row["key"]] = Fact(**{**row, "of": tuple(row.get("of", ()))})
        return one


def same(a: Any, b: Any) -> bool:
    """Return whether two plain values are equal; numbers to a relative 1e-12."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-15)
    return bool(a == b)


def resolve(tree: Any, path: str) -> Any:
    """Return what ``path`` ("a.b[3].c") leads to in a tree of mappings and lists; KeyError names the path."""
    at = tree
    for name, index in _STEP.findall(path):
        try:
            at = at[int(index)] if index else at[name]
        except (KeyError, IndexError, TypeError):
            raise KeyError(path) from None
    return at
