"""Where the error is: a planted slice is found, and chance seldom names one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tradewind.monitoring.diagnosis import CauseKind, DiagnosisSettings
from tradewind.monitoring.diagnosis.attribution import feature_shifts
from tradewind.monitoring.diagnosis.case import Case
from tradewind.monitoring.diagnosis.error_slices import find_error_slices
from tradewind.monitoring.diagnosis.frame import Frame

K = CauseKind
REFERENCE = 90
SETTINGS = DiagnosisSettings()
SECTORS = 4


def wrong_in_tech(day: int) -> Any:
    """Skill turned round for every fourth symbol, which is Tech, in the period."""
    return np.where(np.arange(24) % SECTORS == 3, -0.8 if day >= REFERENCE else 0.8, 0.8)


def test_the_sector_whose_forecasts_fail_is_named_first(plant: Callable[..., Any]) -> None:
    frame = Frame.of(plant(K.NO_FAULT, skill=0.8, true_skill=wrong_in_tech).evidence())
    top = find_error_slices(frame, SETTINGS, {})[0]
    assert "sector = Tech" in top.conditions
    mine = frame.wrong[frame.period][:, frame.sectors == "Tech"]
    rest = frame.wrong[frame.period][:, frame.sectors != "Tech"]
    if top.conditions == ("sector = Tech",):
        assert top.n == int(np.isfinite(mine).sum())
        assert top.error == pytest.approx(np.nanmean(mine))
        assert top.rest == pytest.approx(np.nanmean(rest))
        assert top.usual == pytest.approx(np.nanmean(frame.wrong[frame.usual][:, frame.sectors == "Tech"]))
    assert top.error > top.rest + 0.2
    assert top.p_value < 0.01
    assert top.days >= SETTINGS.least_days


def test_a_region_of_a_feature_is_found(plant: Callable[..., Any]) -> None:
    planted = plant(K.NO_FAULT, skill=0.8)

    def lies(one: Any) -> Any:
        high = one.features[:, 1] > 0.7
        turned = tuple(replace(p, probability=np.where(high, 1 - p.probability, p.probability)) for p in one.served)
        return replace(one, served=turned)

    period = [lies(one) for one in planted.slices[REFERENCE:]]
    found = find_error_slices(Frame.of(planted.evidence(period=period)), SETTINGS, {"f1": 1.0})
    assert any(text.startswith("f1 >=") for text in found[0].conditions)


@pytest.mark.slow
def test_chance_seldom_names_a_slice(plant: Callable[..., Any]) -> None:
    named = 0
    for seed in range(20):
        # the direction is a coin for everyone: no slice can be worse than the others
        frame = Frame.of(plant(K.NO_FAULT, seed=seed, true_skill=lambda day: 0.0, rho=0.5).evidence())
        named += bool(find_error_slices(frame, SETTINGS, {}))
    assert named <= 6  # at a rate of 0.1, seven or more of 20 have a chance of 0.2 %


def test_too_few_labels_say_nothing(plant: Callable[..., Any]) -> None:
    planted = plant(K.NO_FAULT)
    bare = [replace(one, labels=None) for one in planted.slices[REFERENCE:]]
    assert find_error_slices(Frame.of(planted.evidence(period=bare)), SETTINGS, {}) == ()


def test_the_feature_that_moved_has_the_largest_share(plant: Callable[..., Any]) -> None:
    planted = plant(K.NO_FAULT)
    period = []
    for one in planted.slices[REFERENCE:]:
        values = one.features.copy()
        values[:, 2] += 0.5
        values[:, 3] = np.nan
        period.append(replace(one, features=values))
    case = Case.of(Frame.of(planted.evidence(period=period)), SETTINGS)
    even = feature_shifts(case, {})
    assert even[0].feature == "f2"
    assert even[0].shift == pytest.approx(0.5, abs=0.1)
    assert sum(one.contribution for one in even) == pytest.approx(1.0)
    gone = next(one for one in even if one.feature == "f3")
    assert np.isnan(gone.shift)
    assert gone.contribution == 0.0
    weighed = feature_shifts(case, {"f1": 1.0})  # the model reads f1 alone
    assert weighed[0].feature == "f1"
    assert weighed[0].contribution == pytest.approx(1.0)
