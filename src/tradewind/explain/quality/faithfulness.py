"""Faithfulness: does the model answer as its explanation says, when columns are taken away or given back?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core import InputError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.evaluation import Interval
from tradewind.explain.probe import Probe
from tradewind.explain.quality.measures import mean_over_days, row_correlation
from tradewind.explain.quality.settings import ExplanationQualitySettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """Mean log odds towards the forecast's side while columns are deleted, or inserted.

    Attributes
    ----------
    share : (s,) of the columns deleted or inserted. ``explained`` : (s,) in the order of the explanation. ``random`` :
        (s,) in random orders. Both are log odds above the background's, in the direction of the forecast.
    gain : area between the curves per row, positive where the explanation's order is the better one, as a share of the
        mean distance of forecasts from the background; with an interval over days.
    """

    share: FloatArray
    explained: FloatArray
    random: FloatArray
    gain: Interval

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        arrays = {name: getattr(self, name).tolist() for name in ("share", "explained", "random")}
        return {**arrays, "gain": self.gain.to_dict()}


@dataclass(frozen=True, kw_only=True)
class Faithfulness:
    """Deletion and insertion against random order, and sums of contributions against removal of sets of columns.

    ``correlation`` : mean over rows of the correlation between the summed contributions of random sets of columns and
    the change of the log odds when these are removed (Bhatt et al. 2020), with an interval over days.
    """

    deletion: Curve
    insertion: Curve
    correlation: Interval
    rows: int

    @property
    def passed(self) -> bool:
        """Whether order and sums are better than chance, beyond their error."""
        return all(one.lower > 0.0 for one in (self.deletion.gain, self.insertion.gain, self.correlation))

    @property
    def words(self) -> str:
        """Return the finding as a sentence."""
        verdict = (
            "the model answers as the explanation says" if self.passed else "the explanation is not shown faithful"
        )
        return (
            f"{verdict}: deleting the columns it names first beats random order by {self.deletion.gain.value:+.0%}, "
            f"inserting them by {self.insertion.gain.value:+.0%}; sums of contributions correlate at "
            f"{self.correlation.value:.2f} with what removal does"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "deletion": self.deletion.to_dict(),
            "insertion": self.insertion.to_dict(),
            "correlation": self.correlation.to_dict(),
            "rows": self.rows,
            "passed": self.passed,
            "words": self.words,
        }


class Removal:
    """The model's log odds of a probe's rows when columns are replaced by background draws, averaged over the draws.

    A removed column takes the background's values on every bar of the window, ends aligned.

    Parameters
    ----------
    background : probe of the rows that stand in; those with a full window are preferred by the caller.
    """

    def __init__(self, probe: Probe, background: Probe) -> None:
        if background.names != probe.names or background.look_back != probe.look_back or not len(background):
            raise InputError(
                "the background does not hold the same columns and bars as the rows", fix="cut both from one dataset"
            )
        self.probe = probe
        self._stand_in = _filled(background)
        self.own = probe.own_odds()
        self.empty = self.odds(np.zeros((1, len(probe.names)), dtype=bool), np.zeros(1, dtype=np.int64))[0]
        """Log odds with every column replaced, by the probe's first row; the model reads nothing of the row itself."""

    def odds(self, kept: BoolArray, of: IntArray) -> FloatArray:
        """(k,) mean log odds of rows ``of`` (k,) where only columns ``kept`` (k, q) hold the row's own values."""
        b = len(self._stand_in)
        out = np.empty(len(of))
        step = 4096 // b + 1
        for start in range(0, len(of), step):
            part = slice(start, start + step)
            own, keep = self.probe.values[of[part]], kept[part]
            mixed = np.where(keep[:, None, None, :], own[:, None], self._stand_in[None])
            rows = np.repeat(of[part], b)
            found = self.probe.odds_of(mixed.reshape(-1, *own.shape[1:]), rows)
            out[part] = found.reshape(-1, b).mean(axis=1)
        return out


def faithfulness(
    probe: Probe, values: FloatArray, background: Probe, settings: ExplanationQualitySettings | None = None
) -> Faithfulness:
    """Measure how well contributions ``values`` (m, q; log odds) of the probe's rows tell what the model does.

    Columns are removed in the order in which they speak for the forecast's side, the strongest first (Samek et al.
    2017; Petsiuk et al. 2018): a faithful order lets the log odds fall at once when deleting and rise at once when
    inserting. Random orders show what any order would give.

    Raises
    ------
    InputError : ``values`` do not fit the rows, or there are none.
    """
    s = settings or ExplanationQualitySettings()
    m, q = len(probe), len(probe.names)
    if values.shape != (m, q) or not m:
        raise InputError(f"contributions have shape {values.shape}, expected ({m}, {q})", fix="explain the same rows")
    removal = Removal(probe, background)
    rng = np.random.default_rng(s.seed)
    side = np.where(removal.own >= removal.empty, 1.0, -1.0)
    told = np.lexsort((rng.random((m, q)), -values * side[:, None]), axis=-1)  # ties fall as chance will
    counts = np.unique(np.linspace(0, q, s.steps + 1).round().astype(np.int64))
    deleted = _curve(removal, told, counts, side, inserting=False)
    inserted = _curve(removal, told, counts, side, inserting=True)
    by_chance = np.zeros((m, len(counts)))
    for _ in range(s.orders):
        order = np.argsort(rng.random((m, q)), axis=1)
        by_chance += _curve(removal, order, counts, side, inserting=False) / s.orders
    share = counts / q
    # Inserting k random columns and deleting the other q - k is the same: one set of curves serves both.
    reverse = np.array([np.interp(1.0 - share, share, row) for row in by_chance])
    size = float(np.abs(removal.own - removal.empty).mean())
    days = probe.data.panel.time[probe.rows]

    def against(found: FloatArray, chance: FloatArray, sign: float) -> Curve:
        area = np.asarray(sign * np.trapezoid(found - chance, share, axis=1) / max(size, 1e-12), dtype=np.float64)
        return Curve(
            share=share,
            explained=found.mean(axis=0),
            random=chance.mean(axis=0),
            gain=mean_over_days(area, days, s.bootstrap),
        )

    return Faithfulness(
        deletion=against(deleted, by_chance, -1.0),
        insertion=against(inserted, reverse, 1.0),
        correlation=mean_over_days(_subset_correlation(removal, values, rng, s), days, s.bootstrap),
        rows=m,
    )


def _curve(removal: Removal, order: IntArray, counts: IntArray, side: FloatArray, *, inserting: bool) -> FloatArray:
    """(m, steps) log odds above the empty forecast, in the direction of the forecast."""
    m, q = order.shape
    rank = np.empty((m, q), dtype=np.int64)
    np.put_along_axis(rank, order, np.arange(q)[None], axis=1)
    first = rank[None] < counts[:, None, None]
    kept = (first if inserting else ~first).reshape(-1, q)
    found = removal.odds(kept, np.tile(np.arange(m), len(counts))).reshape(len(counts), m).T
    return np.asarray((found - removal.empty) * side[:, None], dtype=np.float64)


def _subset_correlation(
    removal: Removal, values: FloatArray, rng: np.random.Generator, settings: ExplanationQualitySettings
) -> FloatArray:
    """(m,) correlation over random sets of columns; NaN where the model or the explanation does not vary."""
    m, q = values.shape
    size = rng.integers(1, q + 1, size=(m, settings.subsets, 1))
    removed = np.argsort(np.argsort(rng.random((m, settings.subsets, q)), axis=2), axis=2) < size
    of = np.repeat(np.arange(m), settings.subsets)
    change = removal.own[of] - removal.odds(~removed.reshape(-1, q), of)
    told = (removed * values[:, None]).sum(axis=2)
    return row_correlation(told, change.reshape(m, -1))


def _filled(background: Probe) -> AnyArray:
    """(b, w, q) windows of the background; where a symbol has fewer bars its first one is repeated in front."""
    first = background.look_back - background.length
    index = np.maximum(np.arange(background.look_back)[None], first[:, None])
    return np.take_along_axis(background.values, index[:, :, None], axis=1)
