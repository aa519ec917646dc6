"""The forecast metrics as functions of sums over days, so that a redrawn set of days is one matrix product away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray
from tradewind.evaluation.days import day_codes, judged, ranks_within, ratio
from tradewind.evaluation.forecast_metrics import MetricsSettings, daily_ic, matthews

AUC_BINS = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class Total:
    """A metric: (m, k) columns to be summed over rows, and the statistic of (..., k) sums."""

    name: str
    columns: FloatArray
    statistic: Callable[[FloatArray], FloatArray]


def _columns(*values: AnyArray, where: BoolArray) -> FloatArray:
    return np.stack([np.where(where, v, 0.0) for v in (*values, np.ones(len(where)))], axis=1)


def _mean(t: FloatArray) -> FloatArray:
    return ratio(t[..., 0], t[..., 1])


def _root_mean(t: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(_mean(t)), dtype=np.float64)


def _mcc(t: FloatArray) -> FloatArray:
    return matthews(t[..., 0], t[..., 1], t[..., 2], t[..., 3])


def _r2(t: FloatArray) -> FloatArray:
    error, y, yy, n = (t[..., i] for i in range(4))
    spread = yy - ratio(y**2, n)
    return 1 - ratio(error, np.where(spread > 0, spread, 0.0))


def _auc(t: FloatArray) -> FloatArray:
    ups, downs = t[..., :AUC_BINS], t[..., AUC_BINS : 2 * AUC_BINS]
    below = np.cumsum(downs, axis=-1) - downs
    return ratio((ups * (below + downs / 2)).sum(axis=-1), ups.sum(axis=-1) * downs.sum(axis=-1))


def _calibration(t: FloatArray, bins: int) -> FloatArray:
    said, came = t[..., :bins], t[..., bins : 2 * bins]
    return ratio(np.abs(said - came).sum(axis=-1), t[..., -1])


def _correlation(t: FloatArray) -> FloatArray:
    x, y, xx, yy, xy, n = (t[..., i] for i in range(6))
    scale = np.sqrt(np.maximum((n * xx - x * x) * (n * yy - y * y), 0.0))
    # Relative to the raw moments, what cancellation leaves of a constant column is nothing.
    return ratio(n * xy - x * y, np.where(scale > 1e-12 * n * np.sqrt(xx * yy), scale, 0.0))


def _information_ratio(t: FloatArray) -> FloatArray:
    s, ss, n = t[..., 0], t[..., 1], t[..., 2]
    variance = np.maximum(ratio(ss - ratio(s**2, n), n - 1), 0.0)
    return ratio(ratio(s, n), np.sqrt(np.nan_to_num(variance, nan=0.0)))


def _one_hot(code: AnyArray, values: FloatArray, bins: int) -> FloatArray:
    out = np.zeros((len(code), bins))
    out[np.arange(len(code)), code] = values
    return out


def _direction(outcomes: Outcomes, bins: int) -> list[Total]:
    rows = judged(outcomes)
    y = np.where(rows, outcomes.direction, 0.0)
    p = np.where(rows, outcomes.probability, 0.0)
    x = outcomes.predicted_direction
    sure = np.clip(p, 1e-15, 1 - 1e-15)
    on = rows.astype(np.float64)
    cells = [x * y, x * (1 - y), (1 - x) * y, (1 - x) * (1 - y)]
    edges = np.unique(np.quantile(p[rows], np.linspace(0, 1, AUC_BINS + 1)[1:-1])) if rows.any() else np.zeros(0)
    fine = np.searchsorted(edges, p, side="right")
    coarse = np.minimum((p * bins).astype(np.int64), bins - 1)
    ranked = np.concatenate([_one_hot(fine, y * on, AUC_BINS), _one_hot(fine, (1 - y) * on, AUC_BINS)], axis=1)
    binned = np.concatenate([_one_hot(coarse, p * on, bins), _one_hot(coarse, y * on, bins), on[:, None]], axis=1)
    loss = -(y * np.log(sure) + (1 - y) * np.log1p(-sure))
    return [
        Total(name="accuracy", columns=_columns(x == y, where=rows), statistic=_mean),
        Total(name="mcc", columns=np.stack(cells, axis=1) * on[:, None], statistic=_mcc),
        Total(name="brier", columns=_columns((p - y) ** 2, where=rows), statistic=_mean),
        Total(name="log_loss", columns=_columns(loss, where=rows), statistic=_mean),
        Total(name="auc", columns=ranked, statistic=_auc),
        Total(name="calibration_error", columns=binned, statistic=partial(_calibration, bins=bins)),
    ]


def _returns(outcomes: Outcomes) -> list[Total]:
    rows = np.isfinite(outcomes.expected_return) & np.isfinite(outcomes.forward_return)
    y, f = np.where(rows, outcomes.forward_return, 0.0), np.where(rows, outcomes.expected_return, 0.0)
    priced = rows & np.isfinite(outcomes.close) & (outcomes.close > 0)
    alive = priced & (y > -1)
    close = np.where(priced, outcomes.close, 1.0)
    gap = np.abs(ratio(f - y, np.where(y > -1, 1 + y, 0.0)))
    inside = np.isfinite(outcomes.lower) & np.isfinite(outcomes.upper) & np.isfinite(outcomes.forward_return)
    hit = (outcomes.forward_return >= outcomes.lower) & (outcomes.forward_return <= outcomes.upper)
    found = [
        ("mae", np.abs(y - f), rows, _mean),
        ("rmse", (y - f) ** 2, rows, _root_mean),
        ("mape_close", gap, alive, _mean),
        ("rmse_close", ((f - y) * close) ** 2, priced, _root_mean),
        ("coverage", hit, inside, _mean),
        ("mean_width", outcomes.upper - outcomes.lower, inside, _mean),
    ]
    parts = [
        Total(name=name, columns=_columns(value, where=mask), statistic=statistic)
        for name, value, mask, statistic in found
    ]
    spread = _columns((y - f) ** 2, y, y**2, where=rows)
    return [*parts, Total(name="r2", columns=spread, statistic=_r2)]


def _information(outcomes: Outcomes, settings: MetricsSettings) -> list[Total]:
    signal = getattr(outcomes, settings.ic_signal)
    rows = np.isfinite(signal) & np.isfinite(outcomes.forward_return)
    daily = daily_ic(outcomes, settings)
    out = []
    if daily.cross_sectional:
        # One row of each day carries the day's IC; its other rows carry zeros.
        code, days = day_codes(outcomes.time)
        first = np.r_[True, code[1:] != code[:-1]]
        place = np.searchsorted(days, daily.days)
        for name, series in (("ic", daily.ic), ("rank_ic", daily.rank_ic)):
            of_day = np.full(len(days), np.nan)
            of_day[place] = series
            value = of_day[code]
            on = first & np.isfinite(value)
            safe = np.where(on, value, 0.0)
            out.append(Total(name=name, columns=_columns(safe, where=on), statistic=_mean))
            columns = _columns(safe, safe**2, where=on)
            out.append(Total(name=f"{name}ir", columns=columns, statistic=_information_ratio))
        return out
    x, y = np.where(rows, signal, 0.0), np.where(rows, outcomes.forward_return, 0.0)
    ranks = [np.zeros(len(rows)), np.zeros(len(rows))]
    for rank, value in zip(ranks, (x, y), strict=True):
        rank[rows] = ranks_within(value[rows], np.zeros(int(rows.sum()), dtype=np.int64))
    for name, a, b in (("ic", x, y), ("rank_ic", ranks[0], ranks[1])):
        columns = _columns(a, b, a * a, b * b, a * b, where=rows)
        out.append(Total(name=name, columns=columns, statistic=_correlation))
    return out


def totals_of(outcomes: Outcomes, settings: MetricsSettings) -> list[Total]:
    """Return every forecast metric of time-sorted ``outcomes`` as a :class:`Total`."""
    return [
        *_direction(outcomes, settings.calibration_bins),
        *_returns(outcomes),
        *_information(outcomes, settings),
    ]
