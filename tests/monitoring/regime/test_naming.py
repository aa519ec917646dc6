"""A slice's regime is the one under which its row's performance was measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.data import MarketSettings, simulate
from tradewind.features import compute_features, make_labels, row_slices
from tradewind.monitoring.regime import SliceRegime
from tradewind.monitoring.sources import Observed

MARKET = simulate(MarketSettings(kind="regimes", n_symbols=8, n_days=200, regime_volatility=(1.0, 2.0, 0.5), seed=3))


def observed(names: tuple[str, ...]) -> Observed:
    panel, labels = MARKET.panel, make_labels(MARKET.panel)
    matrix = compute_features(panel, names=names)
    return Observed(
        panel=panel, names=matrix.names, features=matrix.values, answers=(), labels=labels, arrives=labels.end
    )


def test_slices_have_the_regimes_of_the_rows() -> None:
    known = row_slices(MARKET.panel).volatility_regime
    name = SliceRegime()
    seen = {}
    for one in observed(("market_volatility_20", "return_1")).slices():
        seen[one.time] = name(one)
        assert name(one) == seen[one.time]  # asked twice, counted once
    rows = [known[np.flatnonzero(MARKET.panel.time == time)[0]] for time in seen]
    assert [value or "unknown" for value in seen.values()] == rows
    assert {"calm", "normal", "stressed"} <= set(rows)


def test_a_slice_without_the_feature_has_no_regime() -> None:
    name = SliceRegime()
    assert {name(one) for one in observed(("return_1",)).slices()} == {None}


def test_a_slice_without_rows_has_no_regime() -> None:
    one = next(iter(observed(("market_volatility_20",)).slices()))
    nan = np.full_like(one.features, np.nan)
    assert SliceRegime()(replace(one, features=nan)) is None
