"""Statistics of counts against SciPy, and what holds of them whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from tradewind.monitoring.drift.correlation import correlation_change
from tradewind.monitoring.drift.jensen_shannon import jensen_shannon
from tradewind.monitoring.drift.ks import MANY, ks_of_counts, ks_p_value
from tradewind.monitoring.drift.missing import missing_p_value
from tradewind.monitoring.drift.psi import psi
from tradewind.monitoring.drift.wasserstein import edge_widths, wasserstein_of_counts

counts = arrays(np.int64, 10, elements=st.integers(0, 500)).filter(lambda x: x.sum() > 0)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(counts, counts)
def test_distances_of_counts_are_distances(first, second):
    widths = edge_widths(np.arange(9.0)[None], np.ones(1))[0]
    for found in (
        ks_of_counts(first, second),
        jensen_shannon(first, second),
        psi(first, second),
        wasserstein_of_counts(first, second, widths),
    ):
        assert found >= 0
    assert ks_of_counts(first, second) == ks_of_counts(second, first)
    assert jensen_shannon(first, second) == pytest.approx(jensen_shannon(second, first))
    assert psi(first, second) == pytest.approx(psi(second, first))
    for same in (ks_of_counts(first, first), jensen_shannon(first, first), psi(first, first)):
        assert same == pytest.approx(0, abs=1e-7)


def test_ks_of_counts_is_scipys_where_bins_are_the_values():
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 10, 400), rng.integers(2, 10, 300)
    found = ks_of_counts(np.bincount(a, minlength=10), np.bincount(b, minlength=10))
    assert found == pytest.approx(stats.ks_2samp(a, b, method="asymp").statistic)


def test_p_values_of_many_rows_come_from_the_limit():
    d = np.array([0.001, 0.002, 0.003, 0.004])
    n = 2 * MANY + 10
    np.testing.assert_allclose(ks_p_value(d, n, n), stats.kstwo.sf(d, n // 2), rtol=0.02)


def test_missing_values_are_judged_as_two_proportions():
    found = missing_p_value([30, 0], [500, 20], [40, 0], [1000, 30])
    assert found[0] == pytest.approx(proportions_ztest([30, 40], [500, 1000])[1])
    assert found[1] == 1
    assert np.isnan(missing_p_value(0, 0, 1, 10))


def test_correlations_are_scipys():
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((300, 3)), rng.standard_normal((200, 3))
    b[:, 1] += b[:, 0]
    found = correlation_change(a, b)
    theirs = stats.spearmanr(b).statistic - stats.spearmanr(a).statistic
    np.testing.assert_allclose(found.change, theirs, atol=1e-12)
    assert found.pair == (0, 1)
    assert found.p_value < 1e-6
    assert correlation_change(a[:150], a[150:]).p_value > 0.01
