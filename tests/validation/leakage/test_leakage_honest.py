"""The audit stays quiet on the project's own features: random walks and real prices."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.features import compute_features
from tradewind.validation import audit_leakage


def feature_table(panel: Panel) -> pl.DataFrame:
    matrix = compute_features(panel)
    keys = {"symbol": np.array(panel.symbols)[panel.symbol_code], "date": panel.time}
    return pl.DataFrame({**keys, **{name: matrix[name] for name in matrix.names}})


@pytest.mark.slow
def test_registered_features_on_a_random_walk_raise_no_error(make_panel):
    panel = make_panel(n_symbols=12, n_days=700, seed=11, gaps=True)
    report = audit_leakage(feature_table(panel), panel, recompute=feature_table)
    assert report.errors == (), [(f.kind, f.feature, f.message) for f in report.errors]


@pytest.mark.slow
@pytest.mark.data
def test_registered_features_on_real_prices_raise_no_error_and_a_planted_leak_does(research_data):
    frame = pl.read_parquet(research_data / "kdd17" / "prices.parquet")
    names = {"date": "time"}
    panel = Panel.from_columns({names.get(c, c): frame[c].to_numpy() for c in frame.columns})
    table = feature_table(panel)
    report = audit_leakage(table, panel)
    assert report.errors == (), [(f.kind, f.feature, f.message) for f in report.errors]
    peek = pl.Series(panel.close).shift(-1)
    report = audit_leakage(table.select("symbol", "date").with_columns(peek=peek), panel)
    assert {f.feature for f in report.errors} == {"peek"}
