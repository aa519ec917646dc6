"""Deeds of the market to compare detectors on lie minutes apart, however many are asked for."""

from __future__ import annotations

import pytest
from tape_rules import check_cases

from tradewind.surveillance.elsewhere.benchset import simulate


@pytest.mark.parametrize("seed", range(20, 24))
def test_deeds_leave_minutes_between(seed: int) -> None:
    check_cases(simulate(seed, events=20_000, episodes=12, evasive=0.5), evasive=None, apart=90 * 10**9)
