"""How far each column of a candidate must move before its alert is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import Float32Array, FloatArray
from tradewind.surveillance.adversary.field import Played
from tradewind.surveillance.adversary.sight import look, scores_of
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.schemes import Scheme

STEPS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Moves that are tried in both directions, in typical spreads of the column."""

MOST_ROWS = 25
"""Alerts looked at."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One column.

    Attributes
    ----------
    name : of the column.
    spread : its typical spread over the scheme's candidates (interquartile range over 1.349, as for a normal column).
    step : median least move that loses an alert, over the alerts it can lose, in spreads; with the sign of the move.
    lost : share of alerts that a move of at most four spreads loses; ``lost_by_one`` of at most one.
    """

    name: str
    spread: float
    step: float
    lost: float
    lost_by_one: float


@dataclass(frozen=True, kw_only=True)
class Perturbation:
    """What moving single columns does to alerts.

    Attributes
    ----------
    alerts : true candidates above the bar that were looked at, one for each deed: the one that scores highest.
    fragile : share of them that some single column loses by a move of at most one spread.
    shifts : columns that lose any, those that lose most first.
    """

    alerts: int
    fragile: float
    shifts: tuple[Shift, ...]


def perturb(model: SurveillanceModel, scheme: Scheme, played: Sequence[Played]) -> Perturbation:
    """Move every column of true candidates that ``model`` puts above its bar, one at a time.

    The numbers alone are moved, whether or not a deed could bring that about: a column that cannot be moved in truth
    is not a way out, one that can is where to look first.
    """
    best, all_rows = _loud_rows(model, scheme, played)
    if not len(best):
        return Perturbation(alerts=0, fragile=float("nan"), shifts=())
    spread = _spreads(all_rows)
    moves = np.array([sign * step for step in STEPS for sign in (1.0, -1.0)])
    scorer, bar = model.models[scheme], model.thresholds[scheme]
    names = scorer.names
    rule = names.index("rule")
    least = np.full((len(best), len(names)), np.nan)
    for column in np.flatnonzero(spread > 0):
        moved = np.repeat(best, len(moves), axis=0)
        moved[:, column] += np.tile(moves * spread[column], len(best)).astype(np.float32)
        score = scorer.score(moved, moved[:, rule].astype(np.float64))[0].reshape(len(best), len(moves))
        lost = score < bar
        hit = lost.any(axis=1)
        least[hit, column] = moves[np.argmax(lost[hit], axis=1)]
    shifts = [_shift(name, spread[i], least[:, i]) for i, name in enumerate(names) if np.isfinite(least[:, i]).any()]
    return Perturbation(
        alerts=len(best),
        fragile=float((np.abs(np.nan_to_num(least, nan=np.inf)) <= 1.0).any(axis=1).mean()),
        shifts=tuple(sorted(shifts, key=lambda s: (-s.lost_by_one, -s.lost, abs(s.step), s.name))),
    )


def _shift(name: str, spread: float, least: FloatArray) -> Shift:
    able = least[np.isfinite(least)]
    middle = able[np.argsort(np.abs(able), kind="stable")[len(able) // 2]]
    return Shift(
        name=name,
        spread=float(spread),
        step=float(middle),
        lost=len(able) / len(least),
        lost_by_one=float((np.abs(able) <= 1.0).sum()) / len(least),
    )


def _loud_rows(model: SurveillanceModel, scheme: Scheme, played: Sequence[Played]) -> tuple[Float32Array, Float32Array]:
    """Return the columns of the best candidate of each deed found, and those of all candidates of the scheme."""
    loud: list[Float32Array] = []
    rows: list[Float32Array] = []
    for one in played:
        part = one.table.schemes[scheme]
        if not len(part):
            continue
        rows.append(part.values)
        score = scores_of(model, one.table)[scheme]
        for deed in np.flatnonzero(look(model, one.table).found):
            mine = np.flatnonzero(part.planted == deed)
            if len(mine) and score[mine].max() >= model.thresholds[scheme] and len(loud) < MOST_ROWS:
                loud.append(part.values[mine[np.argmax(score[mine])]])
    none = np.empty((0, len(model.models[scheme].names)), dtype=np.float32)
    return np.stack(loud) if loud else none, np.vstack(rows) if rows else none


def _spreads(rows: Float32Array) -> FloatArray:
    """Return each column's interquartile range over 1.349, its standard deviation where that is nothing; 0 if empty."""
    spread = np.zeros(rows.shape[1])
    for column in range(rows.shape[1]):
        known = rows[np.isfinite(rows[:, column]), column].astype(np.float64)
        if len(known) < 2:
            continue
        low, high = np.quantile(known, [0.25, 0.75])
        spread[column] = (high - low) / 1.349 if high > low else known.std()
    return spread
