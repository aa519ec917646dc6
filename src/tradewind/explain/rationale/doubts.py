"""Signs of low confidence: what was seen, the alert, and the fuller explanation that such a forecast gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tradewind.core import Event, Severity
from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import Layer, Table, cells, listed
from tradewind.explain.rationale.sentences import Sentence, say

KIND = "low_confidence"


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One sign: its name (``near``, ``wide``, ``dissent``, ``outside``, ``missing``), what was measured, the limit."""

    name: str
    sentence: Sentence
    value: float
    limit: float


def doubts_of(facts: Facts) -> tuple[Doubt, ...]:
    """Return the signs of low confidence that the evidence shows, by the limits in its settings."""
    found = []
    for name, path, below, template in _SIGNS:
        if not facts.has(path):
            continue
        value, limit = float(facts.value(path)), float(facts.value(f"settings.{name}"))
        if value <= limit if below else value >= limit:
            found.append(
                Doubt(name=name, sentence=say(facts, _filled(facts, name, template), name), value=value, limit=limit)
            )
    return tuple(found)


_SIGNS: tuple[tuple[str, str, bool, str], ...] = (
    (
        "near",
        "doubt.lean",
        True,
        "The probability is only {doubt.lean|apart1} from a coin flip (the limit is {settings.near|apart1}).",
    ),
    (
        "wide",
        "doubt.wider_than",
        False,
        "The return interval is wider than {doubt.wider_than|pct1} of those on earlier bars: {forecast.width|pct2} "
        "against a usual {doubt.usual_width|pct2}.",
    ),
    ("dissent", "doubt.dissent", False, "Members with {doubt.dissent|pct0} of the weight lean the other way: NAMES."),
    (
        "outside",
        "doubt.outside_share",
        False,
        "{doubt.outside|count} of {doubt.inputs|count} inputs LIE beyond the outer quantiles of training.",
    ),
    (
        "missing",
        "doubt.missing_share",
        False,
        "{doubt.missing|count} of {doubt.inputs|count} inputs ARE missing; training medians stand in for them.",
    ),
)


def _filled(facts: Facts, name: str, template: str) -> str:
    if name == "dissent":
        names = [f"{{doubt.dissenters[{i}]}}" for i in range(len(facts.value("doubt.dissenters")))]
        return template.replace("NAMES", listed(names))
    if name in {"outside", "missing"}:
        one = facts.value(f"doubt.{name}") == 1
        return template.replace("LIE", "lies" if one else "lie").replace("ARE", "is" if one else "are")
    return template


def alert_of(facts: Facts, doubts: tuple[Doubt, ...]) -> Event | None:
    """Return the alert of a forecast with signs of low confidence; None where there is none."""
    if not doubts:
        return None
    day, known = facts.value("data.date"), facts.value("data.known_at")
    return Event(
        kind=KIND,
        severity=Severity.WARNING,
        message=" ".join(doubt.sentence.text for doubt in doubts),
        symbol=facts.value("data.symbol"),
        event_time=datetime.fromisoformat(day),
        known_at=datetime.fromisoformat(known),
        evidence={
            "probability": facts.value("forecast.probability"),
            **{doubt.name: {"value": doubt.value, "limit": doubt.limit} for doubt in doubts},
        },
    )


def doubt_layer(facts: Facts, doubts: tuple[Doubt, ...]) -> Layer:
    """Return what a doubtful forecast is told beyond the four layers: the signs, what would change it, the inputs."""
    sentences = [doubt.sentence for doubt in doubts]
    sentences += _pivots(facts)
    sentences += _other_members(facts)
    if not facts.value("what_if"):
        sentences.append(
            say(
                facts,
                "No counterfactual was computed; one would show the smallest change that turns the forecast.",
                "asks",
            )
        )
    return Layer(
        name="doubt", title="Why this forecast is doubtful", sentences=tuple(sentences), tables=_unusual(facts)
    )


def _pivots(facts: Facts) -> list[Sentence]:
    """Return which single features carry the side: without their contribution the sum stands on the other one."""
    probability, coin = facts.value("forecast.probability"), facts.value("settings.coin")
    if probability == coin:
        return []  # there is no side that a feature could carry
    found = []
    for i, row in enumerate(facts.value("attribution.features")):
        without = probability - row["value"]
        if (probability - coin) * (without - coin) < 0:
            key = f"without.{row['name']}"
            facts.derive(key, "difference", ("forecast.probability", f"attribution.features[{i}].value"), "pct2")
            found.append(f"{{attribution.features[{i}].name}} (the rest sums to {{{key}|pct2}})")
    if not found:
        return [
            say(
                facts,
                "No single feature carries the side of the forecast: without any one the sum stays on it.",
                "pivot",
            )
        ]
    return [
        say(
            facts,
            f"The side hangs on single features; the sum changes sides without that of {listed(found[:3])}.",
            "pivot",
        )
    ]


def _other_members(facts: Facts) -> list[Sentence]:
    parts = [f"{{members[{i}].name}} {{members[{i}].calibrated|pct2}}" for i in range(len(facts.value("members")))]
    if len(parts) < 2:
        return []
    return [say(facts, f"Members alone, each calibrated, say: {listed(parts)}.", "members")]


def _unusual(facts: Facts) -> tuple[Table, ...]:
    """Return the inputs that are missing, beyond the training range or in its tails, those that gave most first."""
    limit = facts.value("settings.unusual")
    places = {row["feature"]: i for i, row in enumerate(facts.value("inputs"))}
    rows = []
    for given, part in enumerate(facts.value("attribution.features")):
        i = places[part["name"]]
        row = facts.value(f"inputs[{i}]")
        if not row["missing"] and not row["outside"] and limit < row["percentile"] < 1.0 - limit:
            continue
        at, form = f"inputs[{i}]", row["form"]
        known = row["low"] is not None and row["high"] is not None
        rows.append(
            cells(
                facts,
                f"{{{at}.feature}}",
                "missing" if row["missing"] else f"{{{at}.value|{form}}}",
                f"{{{at}.low|{form}}} to {{{at}.high|{form}}}" if known else "",
                "" if row["missing"] else "beyond" if row["outside"] else f"{{{at}.below|pct1}}",
                f"{{attribution.features[{given}].value|points2}}",
            )
        )
    if not rows:
        return ()
    return (
        Table(
            title="Unusual inputs",
            columns=("input", "value", "training range", "training rows below", "gives"),
            rows=tuple(rows),
            numeric=(False, True, True, True, True),
        ),
    )
