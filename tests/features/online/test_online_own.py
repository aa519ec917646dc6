"""Features of a symbol's own bars, slice by slice, against their batch definitions over whole histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Panel, UsageError
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data import MarketSettings, load_demo, simulate
from tradewind.features import REGISTRY
from tradewind.features.online import own_codes as op
from tradewind.features.online.own import OwnBars, online_names
from tradewind.features.online.own_plan import ADJ_CLOSE, Plan
from tradewind.features.online.slices import slices_of
from tradewind.features.registry import FeatureContext
from tradewind.models.past import return_scale

OWN = tuple(feature.name for feature in REGISTRY if feature.own_bars)
PARTS = (
    "walk",
    "constant",
    "steps",
    "doubling",
    "split",
    "no volume",
    "holes",
    "flat bars",
    "zeros",
    "huge moves",
    "infinite",
)


def batch_values(panel: Panel, names: Sequence[str] = OWN) -> np.ndarray:
    context = FeatureContext(panel=panel)
    values = np.stack([REGISTRY.get(name).compute(context) for name in names], axis=1)
    return np.where(np.isfinite(values), values, np.nan)


def online_values(panel: Panel, names: Sequence[str] = OWN) -> tuple[np.ndarray, np.ndarray]:
    engine = OwnBars(names, len(panel.symbols))
    parts = [engine.advance(part) for part in slices_of(panel)]
    order = np.argsort(panel.time_code, kind="stable")
    values, scale = np.empty((len(panel), len(names))), np.empty(len(panel))
    values[order], scale[order] = (np.concatenate(column) for column in zip(*parts, strict=True))
    return values, scale


def assert_equal_to_batch(panel: Panel, names: Sequence[str] = OWN) -> np.ndarray:
    """Fail unless values, missing ones and the scale are those of the batch; a thousandth of what is promised."""
    values, scale = online_values(panel, names)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        expected, expected_scale = batch_values(panel, names), return_scale(panel)
    for at, name in enumerate(names):
        np.testing.assert_allclose(values[:, at], expected[:, at], rtol=1e-12, atol=0.0, err_msg=name)
    np.testing.assert_array_equal(scale, expected_scale)
    return values


def odd_part(kind: str, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return ``n`` bars about the price 1 that are odd in one way."""
    close = np.exp(rng.normal(0.0, 0.02, n).cumsum())
    factor, volume = np.ones(n), np.round(rng.lognormal(10, 1, n))
    if kind in ("constant", "steps"):
        close = np.ones(n) if kind == "constant" else np.round(close * 8) / 8 + 1.0
    if kind == "doubling":
        close = 2.0 ** (np.arange(n) % 7) * 1.1 ** np.arange(n)
    if kind == "split":
        factor[: n // 2] = 0.5
    if kind in ("no volume", "zeros"):
        volume[rng.random(n) < 0.5] = 0.0
    if kind == "huge moves":
        close = np.exp(rng.normal(0.0, 3.0, n))
    open_ = close.copy() if kind in ("constant", "flat bars") else close * np.exp(rng.normal(0, 0.01, n))
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    if kind not in ("constant", "flat bars"):
        top, bottom = top * (1 + rng.random(n) * 0.01), bottom * (1 - rng.random(n) * 0.01)
    bars = {
        "open": open_ / factor, "high": top / factor, "low": bottom / factor, "close": close / factor,
        "adj_close": close, "volume": volume * factor,
    }  # fmt: skip
    odd = {"holes": np.nan, "zeros": 0.0, "infinite": np.inf}.get(kind)
    if odd is not None:
        for name, column in bars.items():
            bars[name] = np.where(rng.random(n) < 0.04, odd, column)
    return bars


@st.composite
def odd_panels(draw: st.DrawFn) -> Panel:
    """Symbols of one to 150 bars each, made of odd parts, at prices of 1e-3 to 1e6, that start late and miss days."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ("symbol", "time", *PRICE_FIELDS)}
    for s in range(draw(st.integers(1, 3))):
        kinds = draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3))
        level, n = 10.0 ** draw(st.integers(-3, 6)), draw(st.integers(1, 50))
        parts = [odd_part(kind, n, rng) for kind in kinds]
        for name in PRICE_FIELDS:
            column = np.concatenate([part[name] for part in parts])
            columns[name].append(column if name == "volume" else column * level)
        days = np.datetime64("2019-11-20", "us") + np.timedelta64(1, "D") * rng.choice(400, n * len(kinds), False)
        columns["symbol"].append(np.full(n * len(kinds), f"S{s}"))
        columns["time"].append(np.sort(days))
    return Panel.from_columns({name: np.concatenate(parts) for name, parts in columns.items()})


def spoilt(panel: Panel, *, share: float = 0.003) -> Panel:
    rng = np.random.default_rng(3)
    return replace(
        panel,
        **{f: np.where(rng.random(len(panel)) < share, np.nan, getattr(panel, f)) for f in PRICE_FIELDS},
    )


def test_every_own_bar_feature_has_an_online_form():
    assert set(online_names()) == set(OWN)
    assert len(OWN) == len(online_names())


def test_ragged_panel_with_missing_fields(make_panel):
    panel = spoilt(make_panel(6, 420, seed=11, gaps=True))
    values = assert_equal_to_batch(panel)
    assert np.isfinite(values).any(axis=0).all()


@pytest.mark.slow
def test_demo_prices_and_a_simulated_market():
    values = assert_equal_to_batch(load_demo())
    assert np.isfinite(values).any(axis=0).all()
    assert_equal_to_batch(simulate(MarketSettings(kind="momentum", n_symbols=6, n_days=600, ceiling=0.7, seed=5)).panel)


@pytest.mark.slow
@given(odd_panels())
@settings(max_examples=60, deadline=None)
def test_odd_prices(panel):
    assert_equal_to_batch(panel)


@pytest.mark.slow
@given(odd_panels())
@settings(max_examples=500, deadline=None)
def test_many_more_odd_prices(panel):
    assert_equal_to_batch(panel)


def test_bars_within_a_day(make_panel):
    panel = make_panel(3, 300, seed=4)
    start = np.datetime64("2021-12-30T14:30", "us")
    time = start + (panel.time - panel.time.min()).astype("m8[D]").astype(np.int64) * np.timedelta64(7, "m")
    assert_equal_to_batch(replace(panel, time=time, known_at=time))


@pytest.mark.slow
@given(st.lists(st.sampled_from(OWN), min_size=1, max_size=12, unique=True))
@settings(max_examples=25, deadline=None)
def test_any_choice_of_features_in_any_order_gives_the_same_columns(make_panel, names):
    panel = spoilt(make_panel(3, 280, seed=1, gaps=True))
    assert_equal_to_batch(panel, names)


def test_no_features_still_give_the_scale(make_panel):
    panel = make_panel(2, 300, seed=2)
    values, scale = online_values(panel, ())
    assert values.shape == (len(panel), 0)
    np.testing.assert_array_equal(scale, return_scale(panel))


@pytest.mark.slow
@given(at=st.integers(0, 300), names=st.one_of(st.just(OWN), st.lists(st.sampled_from(OWN), unique=True)))
@settings(max_examples=15, deadline=None)
def test_a_restored_memory_continues_to_the_last_bit(make_panel, at, names):
    panel = spoilt(make_panel(3, 300, seed=7, gaps=True))
    parts = list(slices_of(panel))
    straight, other = OwnBars(names, 3), OwnBars(names, 3)
    for part in parts[:at]:
        straight.advance(part)
    held = straight.snapshot()
    for part in parts[-20:]:  # another history, which the memory must replace
        other.advance(part)
    other.restore(held)
    for part in parts[at:]:
        for mine, theirs in zip(straight.advance(part), other.advance(part), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    for name, array in other.snapshot().items():
        np.testing.assert_array_equal(array, straight.snapshot()[name], err_msg=name)


def test_a_snapshot_is_a_copy(make_panel):
    parts = list(slices_of(make_panel(2, 120, seed=3)))
    engine = OwnBars(OWN, 2)
    for part in parts[:100]:
        engine.advance(part)
    held = engine.snapshot()
    first = [engine.advance(part) for part in parts[100:]]
    engine.restore(held)
    for again, before in zip((engine.advance(part) for part in parts[100:]), first, strict=True):
        np.testing.assert_array_equal(again[0], before[0])
        np.testing.assert_array_equal(again[1], before[1])


def test_a_symbol_that_comes_years_later_is_as_if_alone(make_panel):
    panel = make_panel(2, 400, seed=9)
    late = panel.select((panel.symbol_code == 0) | (panel.time_code >= 330))
    values = assert_equal_to_batch(late)
    alone = late.select(late.symbol_code == 1)
    np.testing.assert_array_equal(values[late.symbol_code == 1], assert_equal_to_batch(alone))


def test_what_is_refused(make_panel):
    with pytest.raises(UsageError, match="market_return_1"):
        OwnBars(["rsi_14", "market_return_1"], 2)
    engine = OwnBars(["rsi_14"], 1)
    part = next(slices_of(make_panel(2, 30)))
    with pytest.raises(ValueError, match="0 to 0"):
        engine.advance(part)
    assert not engine.snapshot()["seen"].any()
    with pytest.raises(ValueError, match="other"):
        engine.restore(OwnBars(["rsi_7"], 1).snapshot())
    with pytest.raises(ValueError, match="other"):
        engine.restore(OwnBars(["rsi_14"], 2).snapshot())


def test_a_plan_shares_what_features_have_in_common_and_leaves_out_the_rest():
    def kept(names):
        return OwnBars(names, 1).snapshot()["ring"].size

    assert kept(["sma_ratio_50"]) == kept(["sma_ratio_50", "sma_ratio_5", "return_60", "sma_cross_5_20"])
    assert kept(["range_1", "day_of_week_1"]) == 0
    plan = Plan()
    assert plan.mean(ADJ_CLOSE, 20) == plan.mean(ADJ_CLOSE, 20) != plan.mean(ADJ_CLOSE, 21)


def test_a_log_of_a_window_is_refused():
    plan = Plan()
    plan.log(plan.window(op.SUM, ADJ_CLOSE, 5))
    with pytest.raises(ValueError, match="window"):
        plan.log_program()


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("name", ["kdd17", "acl18", "sp500"])
def test_years_of_real_bars(research_data, name):
    bars = pl.read_parquet(research_data / name / "prices.parquet")
    if name == "sp500":
        bars = bars.filter(pl.col("symbol").is_in(bars["symbol"].unique().sort().head(100)))
    fields = {field: bars[field].cast(pl.Float64).to_numpy() for field in PRICE_FIELDS}
    time = bars["date"].to_numpy().astype("datetime64[us]")
    assert_equal_to_batch(Panel.from_columns({"symbol": bars["symbol"].to_numpy(), "time": time, **fields}))
