"""One figure per day and statistic: rows of a day share the market's move, so days are what is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import FloatArray, IntArray, TimeArray
from tradewind.evaluation.days import correlation_within, day_codes, day_sums, judged, ranks_within, ratio

STATISTICS = (
    "accuracy",
    "brier",
    "log_loss",
    "ic",
    "large",
    "slope_score",
    "mean_probability",
    "dispersion",
    "share_up",
    "confidence",
)
SAID = frozenset({"mean_probability", "dispersion", "share_up", "confidence"})
"""Statistics of the forecasts alone: known at once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DailyFigures:
    """Figures of each day; NaN on days with too few rows.

    Attributes
    ----------
    days : (D,) ``datetime64[D]``.
    values : statistic -> (D,): ``accuracy``, ``brier`` and ``log_loss`` of the rows whose direction is known;
        ``ic`` (Spearman's correlation of probability and return); ``large`` (mean of outcome less probability, 0 where
        calibrated); ``slope_score`` (mean of ``(p - 1/2) (y - p)``, the score of the slope at 1 (Cox 1958): negative
        where forecasts are too sure); ``mean_probability``, ``dispersion`` (standard deviation over the symbols),
        ``share_up`` and ``confidence`` (mean of ``max(p, 1 - p)``) of all rows, labelled or not.
    """

    days: TimeArray
    values: dict[str, FloatArray]


def daily_figures(outcomes: Outcomes, least_symbols: int) -> DailyFigures:
    """Return the figures of each day that has a finite probability; pure per day: no day sees another."""
    rows = outcomes.select(np.isfinite(outcomes.probability))
    code, days = day_codes(rows.time)
    values = {**_labelled(rows, (code, len(days)), least_symbols), **_said(rows, (code, len(days)), least_symbols)}
    return DailyFigures(days=days, values={name: values[name] for name in STATISTICS})


def _labelled(rows: Outcomes, by: tuple[IntArray, int], least: int) -> dict[str, FloatArray]:
    known, (code, n) = judged(rows), by
    p, y, day = rows.probability[known], rows.direction[known], code[known]
    sure = np.clip(p, 1e-12, 1 - 1e-12)
    columns = {
        "accuracy": (rows.predicted_direction[known] == y).astype(np.float64),
        "brier": (p - y) ** 2,
        "log_loss": -(y * np.log(sure) + (1 - y) * np.log1p(-sure)),
        "large": y - p,
        "slope_score": (p - 0.5) * (y - p),
    }
    out = {name: _means(column, day, n, least) for name, column in columns.items()}
    moved = np.isfinite(rows.forward_return)
    x, r, day = rows.probability[moved], rows.forward_return[moved], code[moved]
    rank, count = correlation_within(ranks_within(x, day), ranks_within(r, day), day, n)
    out["ic"] = np.where(count >= least, rank, np.nan)
    return out


def _said(rows: Outcomes, by: tuple[IntArray, int], least: int) -> dict[str, FloatArray]:
    code, n = by
    p = rows.probability
    centre = _means(p, code, n, least)
    return {
        "mean_probability": centre,
        "dispersion": np.sqrt(_means((p - centre[code]) ** 2, code, n, least)),
        "share_up": _means(rows.predicted_direction, code, n, least),
        "confidence": _means(np.maximum(p, 1 - p), code, n, least),
    }


def _means(values: FloatArray, code: IntArray, n: int, least: int) -> FloatArray:
    count = np.bincount(code, minlength=n).astype(np.float64)
    mean: FloatArray = np.where(count >= least, ratio(day_sums(values, code, n), count), np.nan)
    return mean
