"""Statistics agree with SciPy; calibrated verdicts keep their rate on dependent data and still find drift."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.spatial.distance import jensenshannon

from tradewind.core import InputError
from tradewind.monitoring.drift import DriftReference, DriftWatcher, drift_report
from tradewind.monitoring.drift.corrections import benjamini_hochberg, holm
from tradewind.monitoring.drift.jensen_shannon import jensen_shannon
from tradewind.monitoring.drift.ks import ks_p_value
from tradewind.monitoring.drift.ordered import distances, sorted_finite
from tradewind.monitoring.slices import Bars, Slice

NAMES = tuple(f"f{i}" for i in range(6))
SYMBOLS = 30
PAST, FUTURE = 400, 250


def world(seed: int):
    """Features with memory that share a factor: (days, symbols, features)."""
    rng = np.random.default_rng(seed)
    phi, load = np.linspace(0, 0.8, 6), np.linspace(0.3, 0.7, 6)
    days = PAST + FUTURE
    noise = rng.standard_normal((days + 50, SYMBOLS + 1, 6))
    for t in range(1, len(noise)):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    x = load * noise[50:, :1] + np.sqrt(1 - load**2) * noise[50:, 1:]
    return x.astype(np.float32), np.datetime64("2015-01-01") + np.arange(days)


def flat(x, day):
    sector = np.tile(np.arange(SYMBOLS) % 3, len(day)).astype(str)
    return x.reshape(-1, 6), np.repeat(day, SYMBOLS), sector


def reference_of(x, day):
    values, days, sector = flat(x[:PAST], day[:PAST])
    return DriftReference.of(values, NAMES, days, sector)


def slice_of(x, day):
    nan = np.full(SYMBOLS, np.nan)
    symbol = np.array([f"S{i:02}" for i in range(SYMBOLS)])
    return Slice(
        time=day.astype("datetime64[us]"), known_at=datetime(2030, 1, 1, tzinfo=UTC), symbol=symbol,
        sector=(np.arange(SYMBOLS) % 3).astype(str), expected=tuple(symbol), feed=np.full(SYMBOLS, ""),
        bars=Bars(open=nan, high=nan, low=nan, close=nan, adj_close=nan, volume=nan), names=NAMES, features=x,
    )  # fmt: skip


samples = arrays(np.float32, st.integers(2, 60), elements=st.floats(-100, 100, width=32))


@settings(max_examples=60, deadline=None)
@given(samples, samples)
def test_distances_are_scipys(first, second):
    found = distances(sorted_finite(first), sorted_finite(second))
    theirs = stats.ks_2samp(first, second, method="asymp")
    assert found.ks == pytest.approx(theirs.statistic, abs=1e-12)
    assert ks_p_value(found.ks, len(first), len(second)) == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)
    assert found.wasserstein == pytest.approx(stats.wasserstein_distance(first, second), rel=1e-5, abs=1e-6)


def test_jensen_shannon_and_corrections_are_scipys():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 50, 20), rng.integers(0, 50, 20)
    assert jensen_shannon(a, b) == pytest.approx(jensenshannon(a, b, base=2))
    p = rng.random(15) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p))
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.slow
def test_calibrated_verdicts_keep_their_rate_where_the_textbook_cries_wolf():
    alarms = textbook = windows = 0
    for seed in range(6):
        x, day = world(seed)
        reference = reference_of(x, day)
        for start in range(PAST, PAST + FUTURE - 19, 20):
            values, days, sector = flat(x[start : start + 20], day[start : start + 20])
            report = drift_report(reference, values, days, sector, domain=False)
            alarms += report.drift
            textbook += any(one.textbook for one in report.features)
            windows += 1
    years = windows * 20 / 252
    assert alarms / years <= 2.5  # one a year is stated
    assert textbook / windows > 0.9


@pytest.mark.parametrize("kind", ["scale", "missing", "correlation"])
def test_planted_drift_is_found_in_a_stream(kind):
    x, day = world(11)
    watcher = DriftWatcher(reference_of(x, day))
    later = x[PAST:].copy()
    if kind == "scale":
        later[..., 2] *= 1.6
    elif kind == "missing":
        later[:, ::5, 2] = np.nan
    else:
        later[..., 2] = later[..., 1] + 0.3 * later[..., 2]
    found = [hit for i in range(40) for hit in watcher.observe(slice_of(later[i], day[PAST + i]))]
    wanted = {"scale": "feature_drift", "missing": "missingness", "correlation": "correlation_break"}[kind]
    assert any(hit.kind == wanted for hit in found)
    assert max(hit.statistic - hit.threshold for hit in found) > 0


def test_findings_do_not_depend_on_later_slices():
    x, day = world(3)
    reference = reference_of(x, day)
    changed = x.copy()
    changed[PAST:, :, 1] *= 2
    altered = changed.copy()
    altered[PAST + 30 :] = 9.0

    def told(values):
        watcher = DriftWatcher(reference)
        return [[hit.to_dict() for hit in watcher.observe(slice_of(values[i], day[i]))] for i in range(PAST, PAST + 30)]

    assert told(changed) == told(altered)
    assert any(told(changed))


@pytest.mark.slow
def test_a_reference_comes_back_as_it_was(tmp_path: Path):
    x, day = world(4)
    reference = reference_of(x, day)
    again = DriftReference.load(reference.save(tmp_path / "reference.npz"))
    values, days, sector = flat(x[PAST : PAST + 20], day[PAST : PAST + 20])
    report = drift_report(reference, values, days, sector)
    assert drift_report(again, values, days, sector).to_dict() == report.to_dict()
    assert "Data drift" in report.write_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert report.frame().height == 6
    (tmp_path / "bad.npz").write_bytes(b"no")
    with pytest.raises(InputError, match=r"bad\.npz"):
        DriftReference.load(tmp_path / "bad.npz")
