"""The watcher keeps silent where nothing changed, names what did, and takes whatever a slice may hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tradewind.data import MarketSettings, simulate
from tradewind.monitoring.drift import DriftReference, DriftSettings, DriftWatcher
from tradewind.monitoring.slices import Bars, Slice
from tradewind.monitoring.watcher import Watcher
from tradewind.training import build_dataset

NAMES = ("calm", "level", "market", "quick")
SYMBOLS, PAST = 30, 400
SYMBOL = np.array([f"S{i:02}" for i in range(SYMBOLS)])
SECTOR = np.array(["energy", "finance", "health"])[np.arange(SYMBOLS) % 3]


def days_of(seed: int, days: int) -> np.ndarray:
    """Four features: one without memory, a slow level that wanders, one mostly of the market, one with memory."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((days + 100, SYMBOLS + 1, 4))
    phi = np.array([0.0, 0.97, 0.3, 0.7])
    for t in range(1, len(noise)):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    load = np.array([0.2, 0.8, 0.9, 0.4])
    x = load * noise[100:, :1] + np.sqrt(1 - load**2) * noise[100:, 1:]
    return x.astype(np.float32)


def slice_of(x: np.ndarray, number: int, names: tuple[str, ...] = NAMES) -> Slice:
    m = len(x)
    nan = np.full(m, np.nan)
    return Slice(
        time=(np.datetime64("2015-01-01") + number).astype("datetime64[us]"),
        known_at=datetime(2030, 1, 1, tzinfo=UTC),
        symbol=SYMBOL[:m],
        sector=SECTOR[:m],
        expected=tuple(SYMBOL),
        feed=np.full(m, ""),
        bars=Bars(open=nan, high=nan, low=nan, close=nan, adj_close=nan, volume=nan),
        names=names,
        features=x,
    )


def reference_of(x: np.ndarray, settings: DriftSettings | None = None) -> DriftReference:
    day = np.repeat(np.datetime64("2015-01-01") + np.arange(PAST), SYMBOLS)
    return DriftReference.of(x[:PAST].reshape(-1, 4), NAMES, day, np.tile(SECTOR, PAST), settings=settings)


def told(watcher: DriftWatcher, x: np.ndarray) -> list[list]:
    return [list(watcher.observe(slice_of(day, PAST + i))) for i, day in enumerate(x)]


@pytest.mark.slow
def test_years_without_drift_are_told_of_about_as_often_as_stated():
    alarms = years = 0
    for seed in range(6):
        x = days_of(seed, PAST + 252)
        quiet = -99
        for i, hits in enumerate(told(DriftWatcher(reference_of(x)), x[PAST:])):
            if hits and i > quiet + 20:
                alarms += 1
            quiet = i if hits else quiet
        years += 1
    assert alarms / years <= 2.0  # one a year is stated


def test_accepting_more_false_alarms_lowers_the_limits():
    x = days_of(1, PAST)
    strict, loose = (reference_of(x, DriftSettings(alarms_per_year=rate)).calibration(20, 5) for rate in (0.2, 12.0))
    assert all(strict.limit[name] >= loose.limit[name] for name in strict.limit)
    assert strict.limit["feature"] > loose.limit["feature"]


def drifted(kind: str) -> np.ndarray:
    x = days_of(9, PAST + 80)[PAST:]
    if kind == "mean":
        x[..., 0] += 0.8
    elif kind == "gradual":
        x[..., 0] += np.linspace(0, 1.6, 80)[:, None]
    elif kind == "scale":
        x[..., 3] *= 1.8
    elif kind == "missing":
        x[:, ::4, 2] = np.nan
    elif kind == "gone":
        x[..., 2] = np.nan
    elif kind == "correlation":
        x[..., 3] = 0.9 * x[..., 0] + 0.4 * x[..., 3]
    else:
        x[:, SECTOR == "energy", 0] += 1.0
    return x


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "finding", "subject"),
    [
        ("mean", "feature_drift", {"feature": "calm"}),
        ("gradual", "feature_drift", {"feature": "calm"}),
        ("scale", "feature_drift", {"feature": "quick"}),
        ("missing", "missingness", {"feature": "market"}),
        ("gone", "missingness", {"feature": "market"}),
        ("correlation", "correlation_break", {"feature": "calm"}),
        ("sector", "sector_drift", {"sector": "energy", "feature": "calm"}),
    ],
)
def test_planted_drift_is_named(kind, finding, subject):
    reference = reference_of(days_of(9, PAST))
    hits = [hit for day in told(DriftWatcher(reference), drifted(kind)) for hit in day]
    named = [hit for hit in hits if hit.kind == finding and dict(hit.subject) == subject]
    assert named
    assert all(hit.statistic > hit.threshold for hit in named)
    assert all(hit.time <= hit.known_at for hit in hits)


def test_one_look_tells_of_the_top_and_sums_up_the_rest():
    x = days_of(9, PAST + 25)
    x[PAST:] = x[PAST:] * 4 + 3
    watcher = DriftWatcher(reference_of(x), DriftSettings(top=2))
    last = told(watcher, x[PAST:])[24]
    assert [hit.kind for hit in last][2:] == ["drift_summary"]
    assert last[0].evidence["excess"] >= last[1].evidence["excess"]
    assert watcher.state()["excess"]["feature"] > 1


def test_whatever_a_slice_holds_is_taken():
    x = days_of(2, PAST + 60)
    watcher = DriftWatcher(reference_of(x))
    assert isinstance(watcher, Watcher)
    for i, day in enumerate(x[PAST:]):
        odd = slice_of(day, PAST + i)
        if i % 4 == 1:
            odd = slice_of(day[:0], PAST + i)
        elif i % 4 == 2:
            odd = slice_of(np.full((3, 2), np.inf, np.float32), PAST + i, ("calm", "unheard"))
        elif i % 4 == 3:
            odd = replace(odd, sector=np.full(SYMBOLS, "of another world"))
        watcher.observe(odd)
    assert watcher.state()["slices"] == 45


def test_columns_are_found_by_name():
    x = days_of(9, PAST + 40)
    x[PAST:, :, 3] *= 2
    reference = reference_of(x)
    turned = DriftWatcher(reference)
    hits = [turned.observe(slice_of(day[:, ::-1].copy(), PAST + i, NAMES[::-1])) for i, day in enumerate(x[PAST:])]
    straight = told(DriftWatcher(reference), x[PAST:])
    assert [[hit.to_dict() for hit in day] for day in hits] == [[hit.to_dict() for hit in day] for day in straight]
    assert any(straight)


def test_a_reference_too_short_for_limits_is_watched_in_silence():
    x = days_of(3, 60)
    day = np.repeat(np.datetime64("2015-01-01") + np.arange(60), SYMBOLS)
    watcher = DriftWatcher(DriftReference.of(x.reshape(-1, 4), NAMES, day))
    assert not any(told(watcher, x * 9))
    assert watcher.state()["calibrated"] is False


def test_a_feature_seen_in_less_than_half_of_the_reference_is_not_judged():
    x = days_of(4, PAST)
    x[:300, :, 3] = np.nan
    calibration = reference_of(x).calibration(20, 5)
    limits = calibration.critical("ks")
    assert np.isnan(limits[3])
    assert np.isfinite(limits[:3]).all()


@pytest.mark.slow
def test_a_simulated_market_that_goes_on_as_before_is_left_alone():
    market = simulate(MarketSettings(kind="momentum", n_symbols=40, n_days=632, sectors=5, factor_share=0.6, seed=601))
    data = build_dataset(market.panel, market.news)
    days = market.panel.times
    sector = np.array(data.panel.sectors, dtype=str)[data.panel.symbol_code]
    rows = np.flatnonzero(data.panel.time < days[380])
    reference = DriftReference.of(data.features[rows], data.names, data.panel.time[rows], sector[rows])
    watcher = DriftWatcher(reference)
    alarms = 0
    for i, day in enumerate(days[380:]):
        here = np.flatnonzero(data.panel.time == day)
        one = slice_of(np.zeros((0, 4), np.float32), i)
        nan = np.full(len(here), np.nan)
        bars = Bars(open=nan, high=nan, low=nan, close=nan, adj_close=nan, volume=nan)
        symbol = np.array(data.panel.symbols)[data.panel.symbol_code[here]]
        shown = replace(
            one,
            symbol=symbol,
            sector=sector[here],
            feed=np.full(len(here), ""),
            bars=bars,
            names=data.names,
            features=data.features[here],
        )
        alarms += bool(watcher.observe(shown))
    assert alarms <= 3
