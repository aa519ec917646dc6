"""Counterfactuals as evidence: what would have had to be different, each found by running the model again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradewind.explain.counterfactual import (
    BarCounterfactual,
    BarSearch,
    BarSettings,
    FeatureSearch,
    FeatureSettings,
    bar_counterfactuals,
    feature_counterfactuals,
)
from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import listed
from tradewind.explain.rationale.sentences import Sentence, say
from tradewind.explain.rationale.words import describe
from tradewind.explain.what_if.replay import Replay

MOVES = {
    "close": "the day's return",
    "open": "the opening gap",
    "high": "the high above open and close",
    "low": "the low below open and close",
    "volume": "the volume against its usual",
}


def counterfactuals_of(
    replay: Replay, *, bar: BarSettings | None = None, features: FeatureSettings | None = None
) -> list[dict[str, Any]]:
    """Return the smallest plausible bar and the fewest features that turn the forecast of ``replay``, as evidence.

    Where a search finds none, its entry has no changes and tells how far it came and in how many tries.

    Raises
    ------
    InputError : the symbol has too few past bars.
    """
    return [
        _bar(bar_counterfactuals(replay, bar or BarSettings(wanted=1))),
        _features(feature_counterfactuals(replay, features or FeatureSettings(wanted=1))),
    ]


def _bar(search: BarSearch) -> dict[str, Any]:
    if not search.found:
        furthest = None if search.nearest is None else search.nearest.probability
        return {"kind": "bar", "changes": [], "furthest": furthest, "runs": search.runs}
    first: BarCounterfactual = search.found[0]
    changes = [
        {"name": MOVES[one.name], "before": one.move_before, "after": one.move_after, "form": "move2"}
        for one in first.changes
    ]
    return {
        "kind": "bar",
        "changes": changes,
        "probability": first.probability,
        "as_unusual": first.plausibility / 100.0,
        "runs": search.runs,
    }


def _features(search: FeatureSearch) -> dict[str, Any]:
    if not search.found:
        return {"kind": "features", "changes": [], "furthest": search.furthest, "runs": search.runs}
    first = search.found[0]
    changes = [
        {"name": one.name, "before": one.before, "after": one.after, "form": describe(one.name)[1]}
        for one in first.changes
    ]
    return {"kind": "features", "changes": changes, "probability": first.probability, "runs": search.runs}


def what_if(facts: Facts) -> list[Sentence]:
    """Return a sentence for each entry of the evidence's ``what_if``."""
    return [_said(facts, i, one) for i, one in enumerate(facts.value("what_if"))]


def _said(facts: Facts, i: int, one: dict[str, Any]) -> Sentence:
    at = f"what_if[{i}]"
    kind = "plausible change of the day's bar" if one["kind"] == "bar" else "change of a few inputs"
    if not one["changes"]:
        furthest = f"; the furthest came to {{{at}.furthest|pct2}}" if facts.has(f"{at}.furthest") else ""
        return say(facts, f"No {kind} among {{{at}.runs|count}} tried turns the forecast{furthest}.", "what_if")
    changed = listed(_changes(at, one["changes"]))
    rare = f"; {{{at}.as_unusual|pct1}} of past days were at least as unusual" if facts.has(f"{at}.as_unusual") else ""
    return say(facts, f"Had {changed}, the model, run again, would give {{{at}.probability|pct2}}{rare}.", "what_if")


def _changes(at: str, changes: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"{{{at}.changes[{j}].name}} been {{{at}.changes[{j}].after|{one['form']}}} and not "
        f"{{{at}.changes[{j}].before|{one['form']}}}"
        for j, one in enumerate(changes)
    ]
