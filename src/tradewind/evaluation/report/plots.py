"""The report's plots, each an SVG element with its text alternative."""

from __future__ import annotations

import math

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.evaluation.backtest import Backtest
from tradewind.evaluation.days import day_codes, day_sums, judged, ratio
from tradewind.evaluation.forecast_metrics import CoverageBlock, MetricsSettings, calibration_table, daily_ic
from tradewind.evaluation.overfit import LearningCurve
from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, drawing
from tradewind.evaluation.slices import SliceRow

MOST_POINTS = 700  # more than a line on a screen can show


def thin(*columns: AnyArray) -> tuple[AnyArray, ...]:
    """Keep at most ``MOST_POINTS`` evenly spaced rows, the last among them."""
    n = len(columns[0])
    if n <= MOST_POINTS:
        return columns
    keep = np.unique(np.linspace(0, n - 1, MOST_POINTS).round().astype(np.int64))
    return tuple(column[keep] for column in columns)


def rolling_ratio(top: FloatArray, bottom: FloatArray, window: int) -> FloatArray:
    """(n,) sum of ``top`` over sum of ``bottom`` in the ``window`` rows ended by each; NaN before the first window."""

    def sums(v: FloatArray) -> FloatArray:
        total = np.concatenate([[0.0], np.cumsum(v)])
        return np.asarray(total[window:] - total[:-window], dtype=np.float64)

    out = np.full(len(top), np.nan)
    if len(top) >= window:
        out[window - 1 :] = ratio(sums(top), sums(bottom))
    return out


def equity_plot(portfolios: dict[str, Backtest]) -> str:
    """Wealth of each portfolio (the first in full ink) and of buy and hold, from 1."""
    first = next(iter(portfolios.values()))
    with drawing(3.2) as plot:
        days, held = thin(first.days, np.cumprod(1 + first.benchmark))
        plot.axes.plot(days, held, color=INK, lw=1.0, ls="--", label="buy and hold")
        for colour, (name, result) in zip(SERIES, portfolios.items(), strict=False):
            days, wealth = thin(result.days, result.equity)
            plot.axes.plot(days, wealth, color=colour, lw=1.6 if result is first else 1.0, label=name)
        plot.axes.set_ylabel("wealth, start = 1")
        plot.legend()
        ends = ", ".join(f"{name} {result.equity[-1]:.2f}" for name, result in portfolios.items() if len(result.days))
        return plot.svg(f"Line chart of wealth over time after costs. End values: {ends or 'none'}.")


def drawdown_plot(result: Backtest) -> str:
    """Fall from the peak of the main portfolio."""
    with drawing(2.0) as plot:
        days, fall = thin(result.days, -100 * result.drawdown)
        plot.axes.fill_between(days, fall, 0, color=SERIES[0], alpha=0.35, lw=0)
        plot.axes.plot(days, fall, color=SERIES[0], lw=1.0)
        plot.axes.set_ylabel("below peak, %")
        deepest = float(result.drawdown.max()) if len(result.days) else 0.0
        return plot.svg(f"Area chart of the drawdown; the deepest is {deepest:.1%}.")


def rolling_accuracy_plot(outcomes: Outcomes, *, window: int = 63) -> str:
    """Accuracy over the last ``window`` days (fewer on short spans), with the share of rises beside it."""
    rows = judged(outcomes)
    code, days = day_codes(outcomes.time[rows])
    window = max(min(window, len(days) // 3), 1)
    y, said = outcomes.direction[rows], outcomes.predicted_direction[rows]
    sums = day_sums(np.stack([y == said, y, np.ones(len(y))], axis=1), code, len(days))
    with drawing(2.6) as plot:
        shares = [100 * rolling_ratio(sums[:, k], sums[:, 2], window) for k in (0, 1)]
        at, right, rose = thin(days, *shares)
        plot.axes.axhline(50, color=INK, lw=0.8, ls=":")
        plot.axes.plot(at, rose, color=SERIES[1], lw=1.0, label="share of rises (always up)")
        plot.axes.plot(at, right, color=SERIES[0], lw=1.6, label=f"accuracy, last {window} days")
        plot.axes.set_ylabel("%")
        plot.legend()
        known = right[np.isfinite(right)]
        span = f"from {known.min():.0f} % to {known.max():.0f} %" if len(known) else "not defined"
        return plot.svg(f"Line chart of rolling accuracy over {window} days: {span}.")


def calibration_plot(outcomes: Outcomes, settings: MetricsSettings) -> str:
    """Share risen against probability said, per bin, area of a dot by its rows, bins under 0.2 % of rows left out."""
    rows = judged(outcomes)
    table = calibration_table(outcomes.direction[rows], outcomes.probability[rows], settings.calibration_bins)
    table = table[table[:, 0] >= max(1, len(outcomes) // 500)]
    with drawing(3.2) as plot:
        plot.axes.plot([0, 100], [0, 100], color=INK, lw=0.8, ls=":", label="perfect")
        if len(table):
            size = 20 + 180 * table[:, 0] / table[:, 0].max()
            plot.axes.plot(100 * table[:, 1], 100 * table[:, 2], color=SERIES[0], lw=1.2, label="came true")
            plot.axes.scatter(100 * table[:, 1], 100 * table[:, 2], s=size, color=SERIES[0], alpha=0.6, lw=0)
            low, high = 100 * float(table[:, 1:].min()), 100 * float(table[:, 1:].max())
            plot.axes.set_xlim(max(low - 5, 0), min(high + 5, 100))
            plot.axes.set_ylim(max(low - 5, 0), min(high + 5, 100))
        plot.axes.set_xlabel("probability of a rise said, %")
        plot.axes.set_ylabel("rose, %")
        plot.legend()
        said = "; ".join(f"said {p:.0%}, came {r:.0%} of {int(n)}" for n, p, r in table)
        return plot.svg(f"Calibration: {said or 'no rows'}.")


def learning_curve_plot(curve: LearningCurve) -> str:
    """Train and test accuracy against the share of the training window."""
    share = 100 * np.array(curve.share)
    with drawing(2.6) as plot:
        plot.axes.axhline(50, color=INK, lw=0.8, ls=":")
        for colour, name, values in (
            (SERIES[1], "training rows", curve.train_accuracy),
            (SERIES[0], "test rows", curve.test_accuracy),
        ):
            plot.axes.plot(share, 100 * np.array(values), color=colour, lw=1.6, marker="o", ms=4, label=name)
        plot.axes.set_xlabel("share of the training window, %")
        plot.axes.set_ylabel("accuracy, %")
        plot.legend()
        return plot.svg(f"Learning curve: {curve.words}.")


def ic_plot(outcomes: Outcomes, settings: MetricsSettings, *, window: int = 21) -> str | None:
    """Rank IC summed over time and its rolling mean; None where no day has enough symbols."""
    daily = daily_ic(outcomes, settings)
    known = np.isfinite(daily.rank_ic)
    if not daily.cross_sectional or known.sum() < 5:
        return None
    series, days = daily.rank_ic[known], daily.days[known]
    window = max(min(window, len(series) // 3), 1)
    rolling = rolling_ratio(series, np.ones(len(series)), window)
    with drawing(2.6) as plot:
        at, smooth, each = thin(days, rolling, series)
        plot.axes.axhline(0, color=INK, lw=0.8, ls=":")
        plot.axes.plot(at, each, color=FAINT, lw=0, marker=".", ms=3, label="day")
        plot.axes.plot(at, smooth, color=SERIES[0], lw=1.6, label=f"mean of {window} days")
        plot.axes.set_ylabel("rank IC")
        plot.legend()
        return plot.svg(f"Rank IC over {len(series)} days; mean {series.mean():.3f}.")


def slices_plot(rows: tuple[SliceRow, ...], whole: float) -> str | None:
    """Accuracy of every slice with its interval; small slices are hollow. None where no slice has a label."""
    shown = [row for row in rows if math.isfinite(row.metrics["accuracy"].value)]
    if not shown:
        return None
    place, labels, last = [], [], ""
    position = 0.0
    for row in shown:
        position += 1.0 if row.by == last or not last else 1.7
        last = row.by
        place.append(-position)
        labels.append(row.value)
    with drawing(0.7 + 0.2 * position) as plot:
        plot.axes.axvline(50, color=INK, lw=0.8, ls=":")
        plot.axes.axvline(100 * whole, color=SERIES[1], lw=1.0)
        for at, row in zip(place, shown, strict=True):
            found = row.metrics["accuracy"]
            plot.axes.plot([100 * found.lower, 100 * found.upper], [at, at], color=SERIES[0], lw=1.4)
            face = "none" if row.small else SERIES[0]
            plot.axes.plot([100 * found.value], [at], color=SERIES[0], marker="o", ms=5, mfc=face, lw=0)
        plot.axes.set_yticks(place, labels)
        plot.axes.grid(visible=False, axis="y")
        plot.axes.set_xlabel("accuracy, %, with its interval; vertical line: all rows")
        best = max(shown, key=lambda row: row.metrics["accuracy"].value)
        worst = min(shown, key=lambda row: row.metrics["accuracy"].value)
        return plot.svg(
            f"Accuracy of {len(shown)} slices. Best: {best.value} {best.metrics['accuracy'].value:.1%}; "
            f"worst: {worst.value} {worst.metrics['accuracy'].value:.1%}."
        )


def coverage_plot(blocks: tuple[CoverageBlock, ...]) -> str | None:
    """Share of returns inside the interval by time block; None without intervals."""
    if not blocks:
        return None
    with drawing(2.4) as plot:
        at = np.arange(len(blocks))
        share = 100 * np.array([block.coverage for block in blocks])
        plot.axes.plot(at, share, color=SERIES[0], lw=1.6, marker="o", ms=4)
        plot.axes.set_xticks(at, [block.start for block in blocks])
        plot.axes.tick_params(axis="x", labelsize=8)
        plot.axes.set_ylim(max(min(60.0, float(share.min()) - 5), 0), 101)
        plot.axes.set_ylabel("inside, %")
        plot.axes.set_xlabel("block of days starting on")
        return plot.svg("Interval coverage by time: " + ", ".join(f"{b.start} {b.coverage:.0%}" for b in blocks) + ".")
