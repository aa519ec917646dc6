"""Corrected p-values against SciPy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from tradewind.validation.leakage import adjust


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_benjamini_hochberg_equals_scipy(values):
    p_values = np.array(values)
    np.testing.assert_allclose(adjust(p_values, "bh"), false_discovery_control(p_values), rtol=1e-12)


def test_bonferroni_multiplies_by_the_number_of_tests_and_skips_gaps():
    adjusted = adjust(np.array([0.01, np.nan, 0.5]))
    np.testing.assert_allclose(adjusted, [0.02, np.nan, 1.0])
