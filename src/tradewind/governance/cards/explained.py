"""What a model rests on, as the summary of an explanation tells it, and whether explanations can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.governance.cards.digest import digest
from tradewind.governance.cards.sources import CardSources
from tradewind.governance.pages import Block, Mark, Notice, Section, Table, Text
from tradewind.governance.pages.numbers import count, known, number, percent, percent_range, text

TOP = 12
"""Parts that a table names."""


def explanation(sources: CardSources) -> Section:
    """Return what the model rests on: shares of feature groups, then the first features.

    The summary is what `tradewind importance` writes, or a mapping with ``groups`` or ``features`` (importance by
    name) and ``words``.
    """
    found = sources.explained
    if not found:
        return Section("Explanation", "explanation", (Notice("Explanation: not assessed.", "warn"),))
    measured = isinstance(found.get("shap"), Mapping)
    blocks = _measured(found) if measured else _told(found)
    return Section("Explanation", "explanation", tuple(blocks))


def quality_blocks(quality: Mapping[str, Any]) -> list[Block]:
    """Return the checks of a way of explaining: what was checked, whether it holds, and what was seen."""
    checks = quality.get("checks")
    if not isinstance(checks, Sequence) or not checks:
        return [digest(quality)]
    rows = tuple((text(one.get("name")), _holds(one.get("passed")), text(one.get("words"))) for one in checks)
    return [Table(("check of the explanations", "holds", "seen"), rows, left=3)]


def _holds(passed: Any) -> Mark:
    if passed is None:
        return Mark("not assessed", "warn")
    return Mark("yes", "good") if passed is True else Mark("no", "bad")


def _measured(found: Mapping[str, Any]) -> list[Block]:
    shap = found["shap"]
    blocks: list[Block] = [
        Text(
            f"Mean absolute Shapley values over {count(shap.get('rows'))} forecasts of {count(shap.get('days'))} days, "
            "out of sample, in probability; shares with 95 % intervals."
        )
    ]
    for kind, title in (("groups", "feature group"), ("features", "feature")):
        parts = [one for one in shap.get(kind) or () if isinstance(one, Mapping)]
        if parts:
            blocks.append(_parts(title, parts))
    drift, quality = found.get("drift"), found.get("quality")
    if isinstance(drift, Mapping):
        blocks.append(Text(f"Drift of importance within the test: {text(drift.get('verdict'))}."))
    blocks += quality_blocks(quality) if isinstance(quality, Mapping) else []
    return blocks


def _parts(title: str, parts: Sequence[Mapping[str, Any]]) -> Table:
    shown = []
    for one in parts[:TOP]:
        importance, share = one.get("importance") or {}, one.get("share") or {}
        bounds = percent_range((share.get("lower"), share.get("upper")))
        shown.append((text(one.get("name")), number(importance.get("value"), 4), percent(share.get("value")), bounds))
    more = f"The first {TOP} of {len(parts)}." if len(parts) > TOP else ""
    return Table((title, "importance", "share", "95 % interval"), tuple(shown), note=more)


def _told(found: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    if isinstance(found.get("words"), str):
        blocks.append(Text(found["words"]))
    used = {"words"}
    for key, title in (("groups", "feature group"), ("features", "feature"), ("importance", "feature")):
        weights = _weights(found.get(key))
        if weights:
            blocks.append(_ranked(title, weights))
            used.add(key)
    rest = {key: value for key, value in found.items() if key not in used}
    blocks += [digest(rest)] if rest else []
    return blocks


def _weights(found: Any) -> dict[str, float]:
    if not isinstance(found, Mapping):
        return {}
    return {str(name): float(value) for name, value in found.items() if known(value)}


def _ranked(title: str, weights: Mapping[str, float]) -> Table:
    total = sum(map(abs, weights.values()))
    order = sorted(weights, key=lambda name: -abs(weights[name]))[:TOP]
    rows = tuple(
        (name, number(weights[name], 4), percent(abs(weights[name]) / total if total else None)) for name in order
    )
    more = f"The first {TOP} of {len(weights)}. " if len(weights) > TOP else ""
    return Table((title, "importance", "share"), rows, note=f"{more}Shares are of the sum of absolute values.")
