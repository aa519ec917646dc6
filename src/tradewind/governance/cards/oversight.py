"""Sections for those who answer for a model: fairness, explanation, limits, monitoring, approvals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.governance.cards.digest import digest
from tradewind.governance.cards.facts import listed
from tradewind.governance.cards.sources import CardSources
from tradewind.governance.pages import Block, Notice, Section, Table, Text
from tradewind.governance.pages.numbers import known, moment, number, percent, percent_range, text

TOP = 12


def fairness(sources: CardSources) -> Section:
    """Return how alike groups are forecast, or that it was not assessed."""
    found = sources.parity
    if not found:
        return Section("Fairness", "fairness", (Notice("Fairness: not assessed.", "warn"),))
    blocks: list[Block] = []
    if isinstance(found.get("words"), str):
        blocks.append(Text(f"{found['words'][0].upper()}{found['words'][1:]}."))
    groups = found.get("groups")
    if isinstance(groups, list | tuple) and groups and all("rise" in one for one in groups):
        blocks.append(
            Table(
                ("group", "forecasts", "forecast to rise", "true positive rate", "false positive rate", "accuracy"),
                tuple(_group_row(one) for one in groups),
                note="95 % intervals in brackets.",
            )
        )
    rest = {key: value for key, value in found.items() if key not in {"words", "groups"}}
    blocks += [digest(rest)] if rest else []
    return Section("Fairness", "fairness", tuple(blocks))


def _group_row(group: Mapping[str, Any]) -> tuple[str, ...]:
    def rate(name: str) -> str:
        found = group.get(name) or {}
        bounds = percent_range((found.get("lower"), found.get("upper")))
        return f"{percent(found.get('value'))} ({bounds})"

    return (
        text(group.get("group")),
        f"{group.get('n', 0):,}",
        *map(rate, ("rise", "true_positive", "false_positive", "accuracy")),
    )


def explanation(sources: CardSources) -> Section:
    """Return what the model rests on: shares of feature groups, then the first features."""
    found = sources.explained
    if not found:
        return Section("Explanation", "explanation", (Notice("Explanation: not assessed.", "warn"),))
    blocks: list[Block] = []
    if isinstance(found.get("words"), str):
        blocks.append(Text(found["words"]))
    used = {"words"}
    for key, title in (("groups", "group"), ("features", "feature"), ("importance", "feature")):
        weights = _weights(found.get(key))
        if weights:
            blocks.append(_ranked(title, weights))
            used.add(key)
    rest = {key: value for key, value in found.items() if key not in used}
    blocks += [digest(rest)] if rest else []
    return Section("Explanation", "explanation", tuple(blocks))


def _weights(found: Any) -> dict[str, float]:
    """Return numbers by name from a mapping, or from a list of records with a name and one number."""
    if isinstance(found, Mapping):
        return {str(name): float(value) for name, value in found.items() if known(value)}
    weights = {}
    for one in found if isinstance(found, list | tuple) else ():
        if isinstance(one, Mapping):
            names = [value for value in one.values() if isinstance(value, str)]
            values = [value for value in one.values() if known(value)]
            if names and values:
                weights[names[0]] = float(values[0])
    return weights


def _ranked(title: str, weights: Mapping[str, float]) -> Table:
    total = sum(map(abs, weights.values()))
    order = sorted(weights, key=lambda name: -abs(weights[name]))[:TOP]
    rows = tuple(
        (name, number(weights[name], 4), percent(abs(weights[name]) / total if total else None)) for name in order
    )
    more = f"The first {TOP} of {len(weights)}. " if len(weights) > TOP else ""
    return Table((title, "importance", "share"), rows, note=f"{more}Shares are of the sum of absolute values.")


def limitations(sources: CardSources) -> Section:
    """Return what the model must not be trusted with."""
    blocks: list[Block] = [
        Text("Limitations:"),
        listed(sources.record.get("limitations") or (), "No limitation is recorded; every model has some."),
        Text("Known ways it fails:"),
        listed(sources.notes.failure_modes, "Failure modes are not stated."),
    ]
    overfit = (sources.figures.get("overfit") or {}).get(sources.primary) or {}
    if isinstance(overfit.get("words"), str) and overfit["words"]:
        words = overfit["words"]
        blocks.append(Notice(f"{words[0].upper()}{words[1:]}.", "warn"))
    return Section("Limitations and failure modes", "limitations", tuple(blocks))


def monitoring(sources: CardSources) -> Section:
    """Return how the model is watched, and what makes the team train it again."""
    notes = sources.notes
    return Section(
        "Monitoring and retraining",
        "monitoring",
        (
            Text("Watched:"),
            listed(notes.monitoring, "There is no monitoring plan."),
            Text("Trained again when:"),
            listed(notes.retraining_triggers, "There is no retraining trigger."),
        ),
    )


def approvals(sources: CardSources) -> Section:
    """Return every decision about the model with its signature."""
    return Section("Approvals", "approvals", (decisions(sources.history), Text(f"Stage now: {text(sources.stage)}.")))


def decisions(history: tuple[Mapping[str, Any], ...]) -> Block:
    """Return signed decisions as a table, oldest first."""
    if not history:
        return Notice("No decision is recorded: the model is not approved for anything.", "bad")
    return Table(
        ("when", "by", "role", "decision", "reason", "signature"),
        tuple(
            (
                moment(one.get("at")),
                text(one.get("by")),
                text(one.get("role")),
                _decided(one),
                text(one.get("reason")),
                _signature(one.get("signature")),
            )
            for one in history
        ),
        left=6,
    )


def _decided(one: Mapping[str, Any]) -> str:
    """Return a move as "draft to validated", another act by its name."""
    if one.get("to_stage"):
        return f"{one.get('from_stage') or 'new'} to {one['to_stage']}"
    return text(one.get("act"))


def _signature(value: Any) -> str:
    """Return the first digits of a signature: enough to find it in the registry, which checks it."""
    shown = text(value)
    return f"{shown[:16]}…" if len(shown) > 20 else shown
