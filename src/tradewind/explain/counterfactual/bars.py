"""Which other bar, within what the symbol's past makes plausible, would have turned the forecast.

Only the row's own bar is changed: past bars are facts, the calendar cannot move, and nothing published later is read.
Every feature is computed again from the changed bar, so all columns move together. One input is tried before two, two
before three; of each set the smallest change is kept, in standard deviations of the symbol's own past moves (after
Wachter, Mittelstadt and Russell 2018, "Counterfactual Explanations without Opening the Black Box", with actionability
as in Ustun, Spangher and Liu 2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from pydantic import Field

from tradewind.core import Settings, UsageError
from tradewind.core.arrays import FloatArray
from tradewind.explain.counterfactual.moves import INPUTS, Plausible
from tradewind.explain.counterfactual.result import BarCounterfactual, BarSearch, InputChange, moved_features
from tradewind.explain.what_if.bar import Bar
from tradewind.explain.what_if.replay import SAME, Replay

WORTH = 0.005
"""A further input must bring the probability this much nearer to count as coming further."""
SLIGHT = 1e-4
"""An input that alone brings the probability no nearer than this is not tried together with others."""

TOGETHER = 2.0
"""Inputs together are taken to do at most this many times the sum of what each does alone."""

_Best = tuple[dict[str, float], float]


class BarSettings(Settings):
    """``target`` : probability of a rise to be crossed. ``most`` : inputs that may change together. ``wanted`` : how
    many counterfactuals, of different inputs. ``window``, ``outer`` : past bars and outer quantile that bound a move.
    ``grid`` : points per input. ``draws`` : random points per set of two or more inputs. ``budget`` : variants after
    which no further set is begun.
    """

    target: float = Field(default=0.5, gt=0.0, lt=1.0)
    most: int = Field(default=3, ge=1, le=5)
    wanted: int = Field(default=3, ge=1)
    window: int = Field(default=250, ge=60)
    outer: float = Field(default=0.005, ge=0.0, lt=0.5)
    grid: int = Field(default=33, ge=5)
    draws: int = Field(default=40, ge=1)
    budget: int = Field(default=1000, ge=50)
    seed: int = 7


@dataclass(eq=False)
class _Runner:
    """Runs variants and counts them."""

    replay: Replay
    plausible: Plausible
    settings: BarSettings
    runs: int = 0

    def __post_init__(self) -> None:
        self.up = self.replay.probability <= self.settings.target

    def gain(self, changes: Sequence[Mapping[str, float]]) -> FloatArray:
        """(V,) how far each change brings the probability beyond the target; positive: it turns the forecast."""
        self.runs += len(changes)
        bars = [self.plausible.bar_of(change) for change in changes]
        probability = self.replay.bar_probabilities(bars)
        gap: FloatArray = probability - self.settings.target
        return gap if self.up else -gap

    def spent(self) -> bool:
        return self.runs >= self.settings.budget


def bar_counterfactuals(replay: Replay, settings: BarSettings | None = None) -> BarSearch:
    """Search the bars that would have turned the forecast of ``replay``, and run each of them again the whole way.

    What is reported is the probability that :meth:`TrainedModel.forecast` gave; a candidate that did not turn it there
    is left out.

    Raises
    ------
    InputError : the symbol has too few past bars.
    """
    rules = settings or BarSettings()
    plausible = Plausible.of(replay.panel, replay.row, window=rules.window, outer=rules.outer)
    runner = _Runner(replay, plausible, rules)
    usable = [name for i, name in enumerate(INPUTS) if plausible.usable[i]]
    if not usable:
        raise UsageError(
            f"no part of {replay.symbol}'s bar of {str(replay.time)[:10]} varies", fix="ask about another symbol or day"
        )
    found: list[dict[str, float]] = []
    best, reach = _singles(runner, usable, found)
    if not found:
        best = _sets(runner, reach, best, found)
    found.sort(key=plausible.distance)
    claims = [_claim(runner, change) for change in _different(found)]
    turned = tuple(one for one in claims if _beyond(runner, one.probability))[: rules.wanted]
    nearest = None if turned or not best[0] else _claim(runner, best[0])
    return BarSearch(
        symbol=replay.symbol,
        date=str(replay.time)[:10],
        probability=replay.probability,
        target=rules.target,
        found=turned,
        nearest=nearest,
        runs=runner.runs,
        bounds={name: _bounds(plausible, name) for name in usable},
    )


def _sets(runner: _Runner, reach: Mapping[str, float], best: _Best, found: list[dict[str, float]]) -> _Best:
    """Try sets of two inputs, then three, of those that move the forecast alone; stop at the size that turns it.

    A set is tried only where :data:`TOGETHER` times the sum of what its inputs do alone would reach the target.
    """
    still = float(runner.gain([{}])[0])
    order = [name for name in sorted(reach, key=lambda one: -reach[one]) if reach[name] - still > SLIGHT]
    rng = np.random.default_rng(runner.settings.seed)
    for size in range(2, min(runner.settings.most, len(order)) + 1):
        for names in combinations(order, size):
            if runner.spent():
                return best
            if still + TOGETHER * sum(reach[name] - still for name in names) <= 0:
                continue
            change, gain = _together(runner, names, rng)
            if gain > best[1] + WORTH:
                best = (change, gain)
            if gain > 0:
                found.append(change)
        if found:
            break
    return best


def _beyond(runner: _Runner, probability: float) -> bool:
    return probability > runner.settings.target if runner.up else probability < runner.settings.target


def _bounds(plausible: Plausible, name: str) -> tuple[float, float]:
    i = INPUTS.index(name)
    return float(np.expm1(plausible.low[i])), float(np.expm1(plausible.high[i]))


def _singles(runner: _Runner, usable: Sequence[str], found: list[dict[str, float]]) -> tuple[_Best, dict[str, float]]:
    """Try every input alone; add the smallest change of each that turns the forecast.

    Returns
    -------
    ((the change that came furthest, its gain), the best gain of each input).
    """
    best: _Best = ({}, -np.inf)
    reach = {}
    for name in usable:
        i = INPUTS.index(name)
        points = np.linspace(runner.plausible.low[i], runner.plausible.high[i], runner.settings.grid)
        points = points[np.argsort(np.abs(points - runner.plausible.now[i]))]
        gains = runner.gain([{name: float(point)} for point in points])
        reach[name] = float(gains.max())
        if reach[name] > best[1]:
            best = ({name: float(points[int(gains.argmax())])}, reach[name])
        if reach[name] > 0:
            first = int(np.flatnonzero(gains > 0)[0])
            found.append(_shrink(runner, {name: float(points[first])}))
    return best, reach


def _together(runner: _Runner, names: Sequence[str], rng: np.random.Generator) -> tuple[dict[str, float], float]:
    """Return the smallest change found of ``names`` together and its gain, or the one that came furthest."""
    place = [INPUTS.index(name) for name in names]
    low, high = runner.plausible.low[place], runner.plausible.high[place]
    corners = np.array(np.meshgrid(*zip(low, high, strict=True))).T.reshape(-1, len(names))
    drawn = rng.uniform(low, high, size=(runner.settings.draws, len(names)))
    points = np.concatenate([corners, drawn])
    changes = [dict(zip(names, map(float, point), strict=True)) for point in points]
    gains = runner.gain(changes)
    turned = [change for change, gain in zip(changes, gains, strict=True) if gain > 0]
    if not turned:
        at = int(gains.argmax())
        return changes[at], float(gains[at])
    least = min(turned, key=runner.plausible.distance)
    small = _shrink(runner, least)
    return small, float(runner.gain([small])[0])


def _shrink(runner: _Runner, change: dict[str, float]) -> dict[str, float]:
    """Return ``change`` with each move brought back towards the bar's own as far as the forecast stays turned."""
    for name in sorted(change, key=lambda one: -runner.plausible.distance({one: change[one]})):
        now = float(runner.plausible.now[INPUTS.index(name)])
        lost, kept = 0.0, 1.0
        for _ in range(2):
            shares = np.linspace(lost, kept, 10)[1:-1]
            tries = [{**change, name: now + float(share) * (change[name] - now)} for share in shares]
            held = np.flatnonzero(runner.gain(tries) > 0)
            first = int(held[0]) if len(held) else len(shares)
            lost, kept = float(np.r_[lost, shares][first]), float(np.r_[shares, kept][first])
        change = {**change, name: now + kept * (change[name] - now)}
    return change


def _different(changes: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """Keep the first of each set of inputs, and no set that holds a smaller one."""
    kept: list[dict[str, float]] = []
    for change in changes:
        if not any(set(other) <= set(change) for other in kept):
            kept.append(change)
    return kept


def _claim(runner: _Runner, change: dict[str, float]) -> BarCounterfactual:
    """Return what ``change`` does when the whole model is run on the changed panel."""
    replay, plausible = runner.replay, runner.plausible
    bar = plausible.bar_of(change)
    data = replay.with_bar(bar)
    probability = replay.whole(data)
    claimed = float(replay.bar_probabilities([bar])[0])
    return BarCounterfactual(
        changes=tuple(_input_change(plausible, name, change[name], bar) for name in sorted(change, key=INPUTS.index)),
        bar=bar,
        probability=probability,
        features=moved_features(replay, data.features[replay.row]),
        distance=plausible.distance(change),
        plausibility=min(plausible.rarity(name, move) for name, move in change.items()),
        verified=abs(probability - claimed) < SAME,
    )


def _input_change(plausible: Plausible, name: str, move: float, bar: Bar) -> InputChange:
    i = INPUTS.index(name)
    return InputChange(
        name=name,
        before=float(getattr(plausible.bar, name)),
        after=float(getattr(bar, name)),
        move_before=float(np.expm1(plausible.now[i])),
        move_after=float(np.expm1(move)),
        deviations=float((move - plausible.now[i]) / plausible.deviation[i]),
        percentile=plausible.percentile(name, move),
    )
