"""A changed day, run by the real model: features set to values, bars changed by scenarios."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tradewind.core import Forecast, UsageError
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.web.views.analyst.whatif_shapes import (
    WhatIfAnswer,
    WhatIfCurve,
    WhatIfDue,
    WhatIfMember,
    WhatIfShift,
)
from tradewind.web.views.analyst.why_desk import Asked, Desk

if TYPE_CHECKING:
    from tradewind.explain.what_if.bar import Bar
    from tradewind.explain.what_if.replay import Replay
    from tradewind.explain.what_if.scenario_text import Scenario
    from tradewind.training import TrainedModel

MOST_MOVED = 12
POINTS, FINER = 61, 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Changed:
    """A changed row: its features (p,), its bar (None: as it is), and the replay that runs it."""

    replay: Replay
    values: AnyArray
    bar: Bar | None


def read_scenarios(texts: Sequence[str], names: Sequence[str]) -> list[Scenario]:
    """Return the scenarios that ``texts`` tell; UsageError names the one that cannot be understood."""
    from tradewind.explain.what_if.scenario_text import Scenario

    return [Scenario.parse(text, names) for text in texts]


def moved(desk: Desk, asked: Asked, values: Mapping[str, float], texts: Sequence[str], *, due: bool) -> WhatIfAnswer:
    """Return what the model says of ``asked`` where ``texts`` happened and features then stood at ``values``.

    Raises
    ------
    UsageError : a scenario cannot be understood, or a feature is not read by the model.
    """
    from tradewind.explain.what_if.due_to import due_to_groups
    from tradewind.explain.what_if.scenario import OWN_BAR
    from tradewind.training import ENSEMBLE

    began = time.perf_counter()
    scenarios = read_scenarios(texts, desk.names)
    if any(not one.is_feature and one.name not in OWN_BAR for one in scenarios):
        return _market_wide(desk, asked, values, scenarios, began)
    changed = changed_by(desk, asked, values, scenarios)
    replay = changed.replay
    both = np.stack([replay.features, changed.values])
    bars = None if changed.bar is None else [replay.bar, changed.bar]
    found = replay.forecasts(both, bars)
    whole = found[ENSEMBLE]
    after = float(whole.probability[1])
    return WhatIfAnswer(
        before=replay.probability,
        after=after,
        flips=_flips(replay.probability, after),
        lower=_known(whole.lower[1]),
        upper=_known(whole.upper[1]),
        members=member_votes(desk.model, found, both=True),
        moved=_shifts(replay, changed.values),
        due_to=_due(due_to_groups(replay, changed.values, after)) if due else None,
        outside=_outside(replay, changed.values),
        milliseconds=1000.0 * (time.perf_counter() - began),
    )


def changed_by(desk: Desk, asked: Asked, values: Mapping[str, float], scenarios: Sequence[Scenario]) -> Changed:
    """Return the changed row: scenarios on its own bar and on features first, then ``values``."""
    from tradewind.explain.what_if.scenario import changed_row

    on_bars = any(not one.is_feature for one in scenarios)
    replay = desk.whole_replay(asked) if on_bars else desk.replay(asked)
    row, bar = changed_row(replay, scenarios)
    for name, value in values.items():
        if name not in replay.names:
            raise UsageError(f"the model does not read {name!r}", fix="choose one of the features of the list")
        row[replay.names.index(name)] = value
    return Changed(replay=replay, values=row, bar=bar)


def _market_wide(
    desk: Desk, asked: Asked, values: Mapping[str, float], scenarios: Sequence[Scenario], began: float
) -> WhatIfAnswer:
    """Run scenarios that move the bars of other symbols, or earlier ones: every feature of the market anew."""
    from tradewind.explain.what_if.scenario import run_together
    from tradewind.explain.what_if.scenario_text import Scenario

    replay = desk.whole_replay(asked)
    held = [Scenario(text=f"{name}={value:g}", name=name, relation="=", value=value) for name, value in values.items()]
    result = run_together(replay, [*scenarios, *held])
    now = replay.forecasts(replay.features[None])
    return WhatIfAnswer(
        before=result.before,
        after=result.after,
        flips=result.turns,
        lower=None,
        upper=None,
        members=member_votes(desk.model, now, both=False),
        moved=[
            WhatIfShift(
                name=one.name, before=_known(one.before), after=_known(one.after), deviations=_known(one.deviations)
            )
            for one in result.features
        ],
        due_to=_due(result.due_to),
        outside=list(result.outside),
        milliseconds=1000.0 * (time.perf_counter() - began),
    )


def member_votes(model: TrainedModel, found: Mapping[str, Forecast], *, both: bool) -> list[WhatIfMember]:
    """Return the members' calibrated probabilities: of the first variant, and with ``both`` of the last one."""
    from scipy.special import expit

    votes = []
    for name, weight in model.ensemble.weights.items():
        said = expit(model.ensemble.combiner.member_log_odds(name, found[name].probability))
        after = float(said[-1]) if both else None
        votes.append(WhatIfMember(name=name, weight=weight, before=float(said[0]), after=after))
    return votes


def curve(desk: Desk, asked: Asked, feature: str, values: Mapping[str, float], texts: Sequence[str]) -> WhatIfCurve:
    """Run the model along ``feature`` between its outer training quantiles, and narrow down where it changes side.

    Raises
    ------
    UsageError : a scenario moves other bars than the row's own, or the model does not read the feature.
    """
    from tradewind.explain.what_if.scenario import OWN_BAR

    scenarios = read_scenarios(texts, desk.names)
    wide = [one.text for one in scenarios if not one.is_feature and one.name not in OWN_BAR]
    if wide:
        raise UsageError(f"no curve is drawn under {wide[0]!r}", fix="take it away to see the curve")
    if feature not in desk.names:
        raise UsageError(f"the model does not read {feature!r}", fix="choose one of the features of the list")
    changed = changed_by(desk, asked, values, scenarios)
    low, high = reach_of(desk, changed.replay, feature)
    at = np.linspace(low, high, POINTS)
    said = _along(changed, feature, at)
    side = said > 0.5
    turns = [_turn(changed, feature, at[i], at[i + 1]) for i in np.flatnonzero(side[1:] != side[:-1])]
    return WhatIfCurve(feature=feature, at=at.tolist(), probability=said.tolist(), turns=turns)


def reach_of(desk: Desk, replay: Replay, feature: str) -> tuple[float, float]:
    """Return the outer quantiles of training between which ``feature`` moves; of its marks where it has none."""
    place = replay.names.index(feature)
    low, high = float(replay.bounds[0][place]), float(replay.bounds[1][place])
    if np.isfinite(low) and np.isfinite(high) and low < high:
        return low, high
    marks = desk.marks(feature)
    return marks[0], max(marks[-1], marks[0] + 1e-9)


def _along(changed: Changed, feature: str, points: FloatArray) -> FloatArray:
    from tradewind.training import ENSEMBLE

    table = np.tile(changed.values, (len(points), 1))
    table[:, changed.replay.names.index(feature)] = points
    bars = None if changed.bar is None else [changed.bar] * len(points)
    probability: FloatArray = changed.replay.forecasts(table, bars)[ENSEMBLE].probability
    return probability


def _turn(changed: Changed, feature: str, left: float, right: float) -> float:
    """Return the first value found between two on different sides at which the forecast has changed side."""
    points = np.linspace(left, right, FINER)
    side = _along(changed, feature, points) > 0.5
    turned = np.flatnonzero(side != side[0])
    return float(points[turned[0]]) if len(turned) else right


def _shifts(replay: Replay, values: AnyArray) -> list[WhatIfShift]:
    from tradewind.explain.counterfactual.result import moved_features

    return [
        WhatIfShift(
            name=one.name, before=_known(one.before), after=_known(one.after), deviations=_known(one.deviations)
        )
        for one in moved_features(replay, values, most=MOST_MOVED)
    ]


def _outside(replay: Replay, values: AnyArray) -> list[str]:
    low, high = replay.bounds
    changed = ~np.isclose(values, replay.features, rtol=1e-5, atol=1e-7, equal_nan=True)
    beyond = changed & ((values < low) | (values > high))
    return [replay.names[i] for i in np.flatnonzero(beyond)]


def _due(parts: Mapping[str, float]) -> list[WhatIfDue]:
    return [WhatIfDue(name=name, gives=value) for name, value in parts.items()]


def _flips(before: float, after: float) -> bool:
    return (before > 0.5) != (after > 0.5)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
