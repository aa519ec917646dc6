"""The forecast metrics by slice of the market, with day-clustered intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.arrays import AnyArray
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval, day_weights, interval
from tradewind.evaluation.days import day_codes, day_sums, judged
from tradewind.evaluation.forecast_metrics import ForecastMetrics, MetricsSettings, forecast_metrics
from tradewind.evaluation.totals import totals_of

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class SliceSettings(Settings):
    """A slice with fewer labelled rows than ``min_rows`` or days than ``min_days`` is flagged as small."""

    min_rows: int = Field(100, ge=1)
    min_days: int = Field(20, ge=1)


@dataclass(frozen=True, kw_only=True)
class SliceRow:
    """Metrics of one slice: ``by`` which column, its ``value``, rows, days, ``small``, and intervals by metric name."""

    by: str
    value: str
    n: int
    n_days: int
    small: bool
    metrics: dict[str, Interval]

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return {
            "by": self.by,
            "value": self.value,
            "n": self.n,
            "n_days": self.n_days,
            "small": self.small,
            "metrics": {name: found.to_dict() for name, found in self.metrics.items()},
        }


def slice_columns(outcomes: Outcomes) -> dict[str, AnyArray]:
    """Return the (m,) str columns that rows are sliced by: sector, size bucket, volatility regime, calendar month."""
    month = outcomes.time.astype("datetime64[M]").astype(np.int64) % 12
    return {
        "sector": outcomes.sector,
        "size bucket": outcomes.size_bucket,
        "volatility regime": outcomes.volatility_regime,
        "calendar month": np.array(MONTHS)[month],
    }


def metric_intervals(
    outcomes: Outcomes, metrics: MetricsSettings, bootstrap: BootstrapSettings
) -> tuple[ForecastMetrics, dict[str, Interval]]:
    """Return the metrics of ``outcomes`` and, by name, each with its day-clustered block-bootstrap interval.

    Statistics are functions of sums over days; the AUC's draws use 50 quantile bins of the probability, and pooled rank
    correlations keep the ranks of the whole sample.
    """
    point = forecast_metrics(outcomes, metrics)
    if not len(outcomes):
        empty = Interval(value=float("nan"), lower=float("nan"), upper=float("nan"))
        return point, dict.fromkeys([t.name for t in totals_of(outcomes, metrics)], empty)
    code, days = day_codes(outcomes.time)
    parts = totals_of(outcomes, metrics)
    sums = np.concatenate([day_sums(part.columns, code, len(days)) for part in parts], axis=1)
    drawn = day_weights(len(days), bootstrap) @ sums
    out, start = {}, 0
    for part in parts:
        width = part.columns.shape[1]
        out[part.name] = interval(
            float(getattr(point, part.name)), part.statistic(drawn[:, start : start + width]), bootstrap.level
        )
        start += width
    return point, out


def slice_table(
    outcomes: Outcomes,
    *,
    metrics: MetricsSettings | None = None,
    bootstrap: BootstrapSettings | None = None,
    settings: SliceSettings | None = None,
) -> tuple[SliceRow, ...]:
    """Every forecast metric by sector, size bucket, volatility regime and calendar month, with intervals.

    Each slice is measured on its own rows alone: its daily IC ranks the slice's symbols only.
    """
    settings = settings or SliceSettings()
    rows = []
    for by, column in slice_columns(outcomes).items():
        values = [m for m in MONTHS if (column == m).any()] if by == "calendar month" else np.unique(column)
        for value in values:
            part = outcomes.select(column == value)
            point, found = metric_intervals(part, metrics or MetricsSettings(), bootstrap or BootstrapSettings())
            known_days = len(day_codes(part.time[judged(part)])[1])
            rows.append(
                SliceRow(
                    by=by,
                    value=str(value),
                    n=point.n,
                    n_days=known_days,
                    small=point.n < settings.min_rows or known_days < settings.min_days,
                    metrics=found,
                )
            )
    return tuple(rows)
