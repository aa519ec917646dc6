"""Sections for those who answer for a model: fairness, limits, monitoring, approvals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.governance.cards.digest import digest
from tradewind.governance.cards.facts import listed
from tradewind.governance.cards.sources import CardSources
from tradewind.governance.pages import Block, Notice, Section, Table, Text
from tradewind.governance.pages.numbers import moment, percent, percent_range, text


def fairness(sources: CardSources) -> Section:
    """Return how alike groups are forecast, or that it was not assessed."""
    found = sources.parity
    if not found:
        return Section("Fairness", "fairness", (Notice("Fairness: not assessed.", "warn"),))
    words = found.get("words") or ()
    sentences = (words,) if isinstance(words, str) else words
    blocks: list[Block] = [Text(f"{sentence[0].upper()}{sentence[1:]}.") for sentence in sentences]
    kinds = [one for one in found.get("kinds") or () if isinstance(one, Mapping)]
    for one in kinds:
        whole = one.get("whole") or {}
        blocks += [Text(f"By {text(one.get('by')).replace('_', ' ')}:"), *_groups(whole), *_gaps(whole)]
    blocks += _groups(found)
    rest = {key: value for key, value in found.items() if key not in {"words", "groups", "kinds"}}
    blocks += [digest(rest)] if rest else []
    return Section("Fairness", "fairness", tuple(blocks))


def _groups(parity: Mapping[str, Any]) -> list[Block]:
    """Return rates of each group, where the mapping holds them."""
    groups = parity.get("groups")
    if not isinstance(groups, list | tuple) or not groups or not all("rise" in one for one in groups):
        return []
    head = ("group", "forecasts", "forecast to rise", "true positive rate", "false positive rate", "accuracy")
    return [Table(head, tuple(_group_row(one) for one in groups), note="95 % intervals in brackets.")]


def _gaps(parity: Mapping[str, Any]) -> list[Block]:
    rest = {key: parity[key] for key in ("gap", "ratio") if parity.get(key)}
    return [digest(rest)] if rest else []


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
        blocks.append(Notice(f"{words[0].upper()}{words[1:]}.", "warn" if overfit.get("overfits") else "soft"))
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
