"""From words to a scenario: `rsi_14<30`, `return_1=-5%`, `volume doubles`, `market falls 3 %`, `VIX +10`, `price -5%`.

A scenario names a feature or a part of the market, a relation and a number:

========================  =========================================================================================
`NAME=5`, `NAME<5`        the feature takes that value; with `<`, `>`, `<=`, `>=` only where it does not hold already
`NAME+5`, `NAME-5`        the feature is moved by that much; `NAME x2` multiplies it
`price -5%`, `price=98`   the day's return of the symbol becomes -5 %, or its close that price
`gap -3%`                 the symbol opens 3 % under the close before, and the whole bar moves with it
`volume x2`, `volume +50%`, `volume doubles`, `volume halves`   shares traded in the symbol's bar
`market -3%`              the day's equal-weighted market return becomes -3 %; symbols follow by their betas
`vix +10`, `vix=40`       the market fear index of the day
`volatility x2`           deviations of the last 20 bars of every symbol, doubled
========================  =========================================================================================

Numbers may carry a unit: `%` (hundredths), `bp` (ten-thousandths), `sd` (training standard deviations of the feature,
with `+` and `-`). "falls below", "rises above", "falls", "rises" and "today" are understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from tradewind.core import UsageError
from tradewind.features import REGISTRY

Relation = Literal["=", "<", "<=", ">", ">=", "+", "x"]
PARTS = ("price", "gap", "volume", "market", "vix", "volatility")
_SAME_PART = {"close": "price", "fear": "vix", "index": "market"}
_WORDS = (
    (r"^if ", ""),
    (r"\b(today|the)\b", ""),
    (r"\bpercent\b", "%"),
    (r"\b(falls|fell|drops|sinks|rises|rose|climbs|goes) to\b", "="),
    (r"\b(falls|fell|drops|sinks) (below|under)\b", "<"),
    (r"\b(rises|climbs|goes) (above|over)\b", ">"),
    (r"\b(is|was)? ?(below|under)\b", "<"),
    (r"\b(is|was)? ?(above|over)\b", ">"),
    (r"\b(falls|fell|drops|loses|sinks)( by)?\b", "-"),
    (r"\b(rises|rose|gains|climbs|grows)( by)?\b", "+"),
    (r"\bdoubles\b", "x2"),
    (r"\btriples\b", "x3"),
    (r"\bhalves\b", "x0.5"),
    (r"\b(is|becomes|to)\b", "="),
)
_FORM = re.compile(
    r"^(?P<name>[a-z][a-z0-9_]*)(?:\s*(?P<sign><=|>=|<|>|=|\+|-|\*)|\s+(?P<times>x))\s*"
    r"(?P<number>[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)\s*(?P<unit>%|bp|sd)?$"
)
_EXAMPLES = "write rsi_14<30, return_1=-5%, price -5%, volume x2, market -3% or vix +10"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One change that is asked about.

    ``text`` : as it was written. ``name`` : a feature, or one of :data:`PARTS`. ``relation`` and ``value`` : the
    change; ``+`` carries a signed value. ``unit`` : ``sd``, ``share`` (a fraction) or empty (the number itself).
    """

    text: str
    name: str
    relation: Relation
    value: float
    unit: str = ""

    @property
    def is_feature(self) -> bool:
        """True where a feature is set; else the bars change."""
        return self.name not in PARTS

    @classmethod
    def parse(cls, text: str, features: Sequence[str]) -> Scenario:
        """Read ``text``; ``features`` are those the model reads.

        Raises
        ------
        UsageError : the text cannot be understood, or names nothing that can be changed; near names are given.
        """
        plain = " ".join(text.strip().lower().split())
        for pattern, sign in _WORDS:
            plain = re.sub(pattern, sign, plain)
        plain = re.sub(r"\s+", " ", plain).strip()
        match = _FORM.match(plain)
        if match is None:
            raise UsageError(f"the scenario {text!r} cannot be understood", fix=_EXAMPLES)
        number = float(match["number"])
        sign = match["times"] or match["sign"]
        if sign in {"+", "-"} and match["number"][0] in "+-":
            raise UsageError(f"the scenario {text!r} gives its change two signs", fix="write one of them")
        relation = "x" if sign == "*" else sign
        if relation == "-":
            relation, number = "+", -number
        unit = match["unit"] or ""
        if unit in {"%", "bp"}:
            number, unit = number * (0.01 if unit == "%" else 1e-4), "share"
        name = _name(match["name"], features, text)
        one = cls(text=text.strip(), name=name, relation=relation, value=number, unit=unit)  # type: ignore[arg-type]
        _check(one)
        return one


def _name(given: str, features: Sequence[str], text: str) -> str:
    name = _SAME_PART.get(given, given)
    if name in PARTS or name in features:
        return name
    family = [one for one in features if re.fullmatch(rf"{re.escape(name)}_\d+", one)]
    if len(family) == 1:
        return family[0]
    near = family or get_close_matches(name, [*features, *PARTS], n=4, cutoff=0.5)
    shown = ", ".join(near) if near else ", ".join([*list(features)[:6], "..."])
    if name in REGISTRY.names():
        raise UsageError(f"the model does not read {name!r}, so {text!r} would change nothing", fix=f"it reads {shown}")
    raise UsageError(f"the scenario {text!r} names {given!r}, which is not known", fix=f"did you mean {shown}")


def _check(one: Scenario) -> None:
    """Refuse relations that have no meaning for a part of the market."""
    allowed = {
        "price": ("=", "+"), "gap": ("=", "+"), "volume": ("=", "+", "x"), "market": ("=", "+"), "vix": ("=", "+"),
        "volatility": ("x",),
    }.get(one.name)  # fmt: skip
    if allowed is not None and one.relation not in allowed:
        raise UsageError(f"the scenario {one.text!r} has no meaning", fix=_EXAMPLES)
    moves = one.name in {"gap", "market"} or (one.name == "price" and (one.relation == "+" or one.unit == "share"))
    if moves and one.unit != "share":
        raise UsageError(f"the scenario {one.text!r} lacks a unit", fix=f"write {one.name} {one.value:+g}%")
    if moves and not -0.95 < one.value < 10:
        raise UsageError(f"the scenario {one.text!r} moves a price out of reach", fix="give a move above -95 %")
    if one.name == "volume":
        _check_volume(one)
    if one.name == "vix" and one.unit == "share":
        raise UsageError(f"the scenario {one.text!r} has no meaning: the index moves by points", fix="write vix +10")
    if one.name in {"volume", "volatility"} and one.relation == "x" and one.value <= 0:
        raise UsageError(f"the scenario {one.text!r} multiplies by {one.value:g}", fix="multiply by more than 0")
    if one.unit == "sd" and (one.name in PARTS or one.relation != "+"):
        raise UsageError(
            f"the scenario {one.text!r} uses sd where it has no meaning", fix="write sd with a feature and + or -"
        )


def _check_volume(one: Scenario) -> None:
    if one.relation == "+" and one.unit != "share":
        raise UsageError(f"the scenario {one.text!r} lacks a unit", fix="write volume +50% or volume x2")
    if one.relation == "=" and one.unit == "share":
        raise UsageError(
            f"the scenario {one.text!r} has no meaning", fix="write volume +50%, volume x0.5 or volume=1000"
        )
    if one.relation != "x" and one.value < (-1 if one.relation == "+" else 0):
        raise UsageError(f"the scenario {one.text!r} leaves fewer shares than none", fix="give a smaller fall")
