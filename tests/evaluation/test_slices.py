"""Metrics by slice: totals agree with the metrics, intervals hold them, small slices are flagged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.evaluation.bootstrap import BootstrapSettings
from tradewind.evaluation.days import day_codes, day_sums
from tradewind.evaluation.forecast_metrics import MetricsSettings, forecast_metrics
from tradewind.evaluation.slices import SliceSettings, metric_intervals, slice_table
from tradewind.evaluation.totals import totals_of


@pytest.mark.parametrize("n_symbols", [2, 9])
def test_every_total_gives_its_metric(make_outcomes, n_symbols: int) -> None:
    made = make_outcomes(n_symbols=n_symbols, skill=0.3)
    direction, forward = made.direction.copy(), made.forward_return.copy()
    direction[::5] = np.nan
    forward[::9] = np.nan
    made = replace(made, direction=direction, forward_return=forward)
    settings = MetricsSettings()
    point = forecast_metrics(made, settings)
    code, days = day_codes(made.time)
    for part in totals_of(made, settings):
        found = float(part.statistic(day_sums(part.columns, code, len(days)).sum(axis=0)))
        # The AUC of totals counts in 50 quantile bins.
        assert found == pytest.approx(getattr(point, part.name), abs=5e-3 if part.name == "auc" else 1e-9), part.name


def test_slices_cover_all_rows_once(make_outcomes) -> None:
    made = make_outcomes(n_symbols=9, n_days=300, skill=0.2)
    rows = slice_table(made)
    for by in ("sector", "size bucket", "volatility regime", "calendar month"):
        assert sum(row.n for row in rows if row.by == by) == len(made)
    tech = next(row for row in rows if row.value == "Tech")
    part = made.select(made.sector == "Tech")
    assert tech.metrics["accuracy"].value == forecast_metrics(part).accuracy
    for row in rows:
        for name in ("accuracy", "brier", "mae", "mcc"):
            found = row.metrics[name]
            assert found.lower <= found.value <= found.upper


def test_small_slices_are_flagged(make_outcomes) -> None:
    made = make_outcomes(n_symbols=6, n_days=40)
    sector = made.sector.copy()
    sector[:3] = "Rare"
    rows = slice_table(replace(made, sector=sector), settings=SliceSettings(min_rows=50, min_days=10))
    flags = {row.value: row.small for row in rows if row.by == "sector"}
    assert flags["Rare"]
    assert not flags["Tech"]


def test_empty_slice_is_nan(make_outcomes) -> None:
    made = make_outcomes(n_symbols=2, n_days=5)
    point, found = metric_intervals(made.select(np.zeros(10, dtype=bool)), MetricsSettings(), BootstrapSettings())
    assert point.n == 0
    assert np.isnan(found["accuracy"].lower)
    assert slice_table(made.select(np.zeros(10, dtype=bool))) == ()


def test_one_symbol_and_unknown_labels(make_outcomes) -> None:
    made = make_outcomes(n_symbols=1, n_days=30)
    rows = slice_table(replace(made, direction=np.full(30, np.nan)))
    assert all(row.n == 0 and row.small for row in rows)
    assert all(np.isnan(row.metrics["accuracy"].value) for row in rows)
