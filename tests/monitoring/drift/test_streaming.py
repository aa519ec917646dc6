"""River's detectors behind one protocol, and one on every feature's day."""

from __future__ import annotations

import numpy as np
import pytest
from river import drift

from tradewind.monitoring.drift.streaming import DayDetectors, RiverDetector, StreamDetector


@pytest.mark.parametrize("kind", ["adwin", "page_hinkley", "kswin"])
def test_a_change_is_seen_soon_after_it_and_not_before(kind):
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.standard_normal(300), 2.5 + rng.standard_normal(100)])
    detector = RiverDetector(kind)
    assert isinstance(detector, StreamDetector)
    seen = [i for i, x in enumerate(values) if detector.update(float(x))]
    assert seen
    assert 300 <= seen[0] < 380


def test_adwin_is_rivers():
    rng = np.random.default_rng(6)
    values = np.concatenate([rng.random(200), 0.8 + rng.random(200)])
    theirs, ours = drift.ADWIN(delta=0.0001), RiverDetector("adwin")
    for x in values.tolist():
        theirs.update(x)
        assert ours.update(x) == theirs.drift_detected


def test_the_feature_that_changed_is_named_and_forgotten_again():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((300, 40, 3)).astype(np.float32)
    x[150:, :, 1] *= 3  # its spread alone
    x[:, :7, 2] = np.nan
    detectors = DayDetectors(("a", "b", "c"), np.ones(3))
    found = [detectors.observe(day) for day in x[:220]]
    assert not any(found[:150])
    assert {name for day in found for name in day} == {"b"}
    assert detectors.recent(70) == ("b",)
    for day in x[220:]:
        detectors.observe(day)
    assert detectors.recent(20) == ()


def test_days_without_values_are_passed_over():
    detectors = DayDetectors(("a",), np.ones(1))
    assert detectors.observe(np.full((5, 1), np.nan, np.float32)) == ()
    assert detectors.observe(np.empty((0, 1), np.float32)) == ()
