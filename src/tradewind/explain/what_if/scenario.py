"""What if: a forecast before and after a scenario, what the change is due to, and where a forecast turns.

A scenario on bars changes the row's own day and computes every feature anew, so all columns move together. A scenario
on a feature sets one column and leaves the others: quick to read, but it may describe a day that cannot be. Where a bar
can bring the feature there, the result says which close would do it and what the forecast would be then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tradewind.core import Dataset, Panel, UsageError
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.explain.counterfactual.moves import Plausible
from tradewind.explain.counterfactual.result import FeatureShift, chance, moved_features
from tradewind.explain.what_if.bar import Bar
from tradewind.explain.what_if.due_to import due_to_groups
from tradewind.explain.what_if.replay import Replay
from tradewind.explain.what_if.scenario_text import Scenario
from tradewind.explain.what_if.shocks import at_closes, fear_moved, gap_move, market_move, wilder
from tradewind.features import REGISTRY

SCAN = 201


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Where a forecast changes side as one feature moves and the others stay.

    ``value`` : the first value at which it has changed (None where it does not within training values), with the
    ``probability`` there. ``end`` : the last value scanned. ``turns`` : how often the side changes on the way; more
    than once means the answer is not a simple threshold.
    """

    feature: str
    start: float
    end: float
    value: float | None
    probability: float | None
    turns: int


@dataclass(frozen=True, kw_only=True)
class ByPrice:
    """The nearest close that brings a feature where a scenario wants it, every column moving with it.

    ``move`` : the day's return, a fraction; ``percentile`` : where it stands among the symbol's past days.
    """

    close: float
    move: float
    percentile: float
    value: float
    probability: float


@dataclass(frozen=True, kw_only=True)
class ScenarioResult:
    """One scenario.

    Attributes
    ----------
    before, after : probability of a rise, each as :meth:`TrainedModel.forecast` gave it.
    features : the features that moved most. due_to : what each feature group gave of ``after - before``; sums to it.
    outside : moved features that end beyond the outer quantiles of training: the model extrapolates there.
    already : the scenario holds as things are, so nothing was changed.
    crossing, by_price : for a scenario on one feature with `<` or `>`.
    """

    text: str
    before: float
    after: float
    features: tuple[FeatureShift, ...]
    due_to: Mapping[str, float]
    outside: tuple[str, ...]
    already: bool
    crossing: Crossing | None = None
    by_price: ByPrice | None = None

    @property
    def change(self) -> float:
        """Change of the probability."""
        return self.after - self.before

    @property
    def turns(self) -> bool:
        """True where the forecast changes side."""
        return (self.before > 0.5) != (self.after > 0.5)

    @property
    def words(self) -> str:
        """Return the result as sentences."""
        if self.already:
            return f"{self.text}: holds already; the probability of a rise is {self.before:.3f}."
        if self.after == self.before and not self.features:
            return f"{self.text}: moves nothing the model reads; the probability of a rise stays {self.before:.3f}."
        verb = "turns the forecast: it moves" if self.turns else "moves"
        parts = [
            f"{self.text}: {verb} the probability of a rise from {chance(self.before, 0.5)} "
            f"to {chance(self.after, 0.5)}."
        ]
        if self.outside:
            parts.append(f"Beyond training values: {', '.join(self.outside)}; read it with care.")
        if self.crossing is not None:
            parts.append(_crossing_words(self.crossing))
        if self.by_price is not None:
            one = self.by_price
            parts.append(
                f"A close of {one.close:,.6g} (a day's return of {100 * one.move:+.2f} %, percentile "
                f"{one.percentile:.0f} of past days) would bring it there; with every column moved by that close the "
                f"forecast would be {chance(one.probability, 0.5)}."
            )
        return " ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values."""
        return {**asdict(self), "change": self.change, "turns": self.turns, "words": self.words}


def _crossing_words(one: Crossing) -> str:
    if one.value is None:
        return f"Alone, {one.feature} turns the forecast nowhere between {one.start:.4g} and {one.end:.4g}."
    again = "" if one.turns == 1 else f" (the side changes {one.turns} times up to {one.end:.4g})"
    return f"Alone, {one.feature} turns the forecast at {one.value:.4g}{again}."


def run_scenarios(replay: Replay, scenarios: Sequence[Scenario]) -> tuple[ScenarioResult, ...]:
    """Run each of ``scenarios`` alone and, where there are several, all of them together.

    Raises
    ------
    UsageError : a scenario needs what the prices lack (a bar before, a fear index).
    """
    results = [_with_reach(replay, one, _run(replay, [one])) for one in scenarios]
    if len(scenarios) > 1:
        results.append(_run(replay, scenarios))
    return tuple(results)


def run_together(replay: Replay, scenarios: Sequence[Scenario]) -> ScenarioResult:
    """Run all of ``scenarios`` at once, and none of them alone.

    Raises
    ------
    UsageError : as :func:`run_scenarios`.
    """
    return _run(replay, scenarios)


OWN_BAR = frozenset({"price", "gap", "volume"})
"""Parts of the market that are of the row's own bar: a scenario on them changes no other bar."""


def changed_row(replay: Replay, scenarios: Sequence[Scenario]) -> tuple[AnyArray, Bar | None]:
    """Return the row's features (p,) and its bar under ``scenarios`` on its own bar and on features, in their order.

    The bar is None where no scenario changes it; where one does, every feature of bars is computed anew.

    Raises
    ------
    UsageError : as :func:`run_scenarios`. ValueError : a scenario is on other bars than the row's own.
    """
    bar = None
    own = [one for one in scenarios if not one.is_feature]
    if own:
        row, first = replay.row, max(replay.row - 1, replay.history.start)
        near = np.zeros(len(replay.panel), dtype=np.bool_)
        near[first : row + 1] = True
        panel = replay.panel.select(near)
        for one in own:
            if one.name not in OWN_BAR:
                raise ValueError(f"the scenario {one.text!r} is on other bars than the row's own")
            panel = _on_own_bar(replay, panel, row - first, one)
        bar = Bar.at(panel, row - first)
    values: AnyArray = np.array(replay.features if bar is None else replay.bar_features([bar])[0])
    for one in scenarios:
        if one.is_feature:
            values = _on_feature(replay, values, one)
    return values, bar


def _run(replay: Replay, scenarios: Sequence[Scenario]) -> ScenarioResult:
    panel = replay.panel
    for one in scenarios:
        if not one.is_feature:
            panel = _on_bars(replay, panel, one)
    data = replay.data if panel is replay.panel else replay.on_panel(panel)
    values = np.array(data.features[replay.row])
    for one in scenarios:
        if one.is_feature:
            values = _on_feature(replay, values, one)
    table = data.features.copy()
    table[replay.row] = values
    data = data.with_features(table, replay.names)
    changed = panel is not replay.panel or not np.array_equal(values, replay.features, equal_nan=True)
    after = replay.whole(data) if changed else replay.probability
    low, high = replay.bounds
    moved = ~np.isclose(values, replay.features, rtol=1e-5, atol=1e-7, equal_nan=True)
    beyond = moved & ((values < low) | (values > high))
    return ScenarioResult(
        text=" and ".join(one.text for one in scenarios),
        before=replay.probability,
        after=after,
        features=moved_features(replay, values),
        due_to=due_to_groups(replay, values, after) if changed else {},
        outside=tuple(replay.names[i] for i in np.flatnonzero(beyond)),
        already=not changed,
    )


def _on_bars(replay: Replay, panel: Panel, one: Scenario) -> Panel:
    """Return ``panel`` under a scenario on bars; the panel's last day is the row's."""
    if one.name == "market":
        return market_move(panel, one.value)
    if one.name == "vix":
        return fear_moved(panel, to=one.value) if one.relation == "=" else fear_moved(panel, add=one.value)
    if one.name == "volatility":
        return wilder(panel, one.value)
    return _on_own_bar(replay, panel, replay.row, one)


def _on_own_bar(replay: Replay, panel: Panel, row: int, one: Scenario) -> Panel:
    """Return ``panel``, which holds the replayed bar at ``row``, under a scenario on that bar."""
    rows = np.array([row], dtype=np.int64)
    if one.name == "volume":
        volume = panel.volume.copy()
        own = float(volume[row])
        new = {"=": one.value, "x": own * one.value, "+": own * (1 + one.value)}[one.relation]
        volume[row] = np.round(max(new, 0.0))
        return replace(panel, volume=volume)
    if replay.row == replay.history.start:
        raise UsageError(f"{replay.symbol} has no bar before {str(replay.time)[:10]}", fix="choose a later day")
    if one.name == "gap":
        return gap_move(panel, rows, one.value)
    if one.relation == "=" and one.unit != "share":
        if one.value <= 0:
            raise UsageError(f"the scenario {one.text!r} asks for a price of {one.value:g}", fix="give a price above 0")
        return at_closes(panel, rows, np.array([one.value]))
    factor = panel.adj_close[rows] / panel.close[rows]
    return at_closes(panel, rows, panel.adj_close[rows - 1] * (1 + one.value) / factor)


def _on_feature(replay: Replay, values: AnyArray, one: Scenario) -> AnyArray:
    """Return ``values`` (p,) with the feature of ``one`` where the scenario wants it."""
    at = replay.names.index(one.name)
    own = float(values[at])
    if one.relation in {"<", "<=", ">", ">="}:
        goal = _just(one)
        holds = own <= goal if one.relation.startswith("<") else own >= goal
        new = own if holds else goal
    elif one.relation == "+":
        new = own + one.value * (replay.deviations[at] if one.unit == "sd" else 1.0)
    else:
        new = own * one.value if one.relation == "x" else one.value
    if not np.isfinite(new):
        raise UsageError(
            f"{one.name} is not known for {replay.symbol} on {str(replay.time)[:10]}", fix=f"write {one.name}=VALUE"
        )
    out = values.copy()
    out[at] = new
    return out


def _just(one: Scenario) -> float:
    """Return the value nearest the scenario's bound that satisfies it, in single precision as features are held."""
    bound = np.float32(one.value)
    if one.relation == "<":
        return float(np.nextafter(bound, np.float32(-np.inf)))
    return float(np.nextafter(bound, np.float32(np.inf))) if one.relation == ">" else float(bound)


def crossing(replay: Replay, feature: str, *, down: bool, target: float = 0.5) -> Crossing:
    """Scan ``feature`` from its value towards its outer training quantile and find where the forecast changes side.

    Other features stay. The first change of side is narrowed down by halving.
    """
    at = replay.names.index(feature)
    start = float(replay.features[at])
    low, high = replay.bounds
    end = float(min(low[at], start) if down else max(high[at], start))
    if not np.isfinite(start) or not np.isfinite(end):
        raise UsageError(f"{feature} is not known on that day or was empty in training", fix="choose another feature")
    points = np.linspace(start, end, SCAN)
    side = _along(replay, at, points) > target
    changes = np.flatnonzero(side[1:] != side[:-1])
    value = probability = None
    if len(changes):
        left, right = points[changes[0]], points[changes[0] + 1]
        for _ in range(12):
            middle = (left + right) / 2
            if (_along(replay, at, np.array([middle]))[0] > target) == side[0]:
                left = middle
            else:
                right = middle
        values = np.array(replay.features)
        values[at] = right
        value, probability = float(right), replay.whole(replay.with_features(values))
    return Crossing(feature=feature, start=start, end=end, value=value, probability=probability, turns=len(changes))


def _along(replay: Replay, at: int, points: FloatArray) -> FloatArray:
    values = np.tile(replay.features, (len(points), 1))
    values[:, at] = points
    return replay.probabilities(values)


def _with_reach(replay: Replay, one: Scenario, result: ScenarioResult) -> ScenarioResult:
    """Add where the forecast turns and which close gets there, for a scenario with `<` or `>` on a feature."""
    if not one.is_feature or one.relation not in {"<", "<=", ">", ">="}:
        return result
    down = one.relation.startswith("<")
    at = replay.names.index(one.name)
    if np.isfinite([replay.features[at], replay.bounds[0 if down else 1][at]]).all():  # else there is no way to scan
        result = replace(result, crossing=crossing(replay, one.name, down=down))
    if result.already or REGISTRY.get(one.name).needs != "bars":
        return result
    return replace(result, by_price=_by_price(replay, one.name, _just(one), down=down))


def _by_price(replay: Replay, feature: str, goal: float, *, down: bool) -> ByPrice | None:
    """Return the nearest plausible close that brings ``feature`` to ``goal``, None where there is none."""
    if replay.row - replay.history.start <= 60:
        return None
    plausible = Plausible.of(replay.panel, replay.row)
    if not plausible.usable[0]:
        return None
    at = replay.names.index(feature)
    points = np.linspace(plausible.low[0], plausible.high[0], 121)
    points = points[np.argsort(np.abs(points - plausible.now[0]))]
    bars = [_closing(plausible.bar, plausible.before_close * float(np.exp(point))) for point in points]
    reached = replay.bar_features(bars)[:, at]
    held = np.flatnonzero(reached <= goal if down else reached >= goal)
    if not len(held):
        return None
    move, bar = float(points[held[0]]), bars[held[0]]
    data: Dataset = replay.with_bar(bar)
    return ByPrice(
        close=bar.close,
        move=float(np.expm1(move)),
        percentile=plausible.percentile("close", move),
        value=float(data.features[replay.row, at]),
        probability=replay.whole(data),
    )


def _closing(bar: Bar, adj_close: float) -> Bar:
    """Return ``bar`` with another close, its range widened where it must be, as a scenario on the price has it."""
    close = adj_close * bar.close / bar.adj_close
    return replace(bar, close=close, adj_close=adj_close, high=max(bar.high, close), low=min(bar.low, close))
