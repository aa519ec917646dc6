"""A young, thin market lasts days, and its orders are changed as often as they trade."""

from __future__ import annotations

from collections import Counter

import pytest

from tradewind.surveillance.elsewhere.frontier import simulate


@pytest.mark.parametrize("seed", [1, 2, 5, 8])
def test_days_and_kinds_are_those_of_a_thin_market(seed: int) -> None:
    made = simulate(seed, events=20_000)
    days = {time // (86_400 * 10**9) for time in made.events["timestamp_ns"][::20]}
    assert 2 <= len(days) <= 8
    kinds = Counter(made.events["kind"])
    assert set(kinds) == {"new", "modify", "cancel", "trade", "news"}
    assert kinds["trade"] > 1000
    assert kinds["modify"] > 1000
    assert len(made.truth) + len(made.attempts) >= 6


def test_size_follows_what_is_asked() -> None:
    assert 35_000 < len(simulate(6, events=50_000, episodes=14, evasive=0.5).events) < 65_000
