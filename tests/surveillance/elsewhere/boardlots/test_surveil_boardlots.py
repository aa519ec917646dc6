"""The day of a foreign market in board lots has a break and a limit."""

from __future__ import annotations

import math

import polars as pl
import pytest
from tape_rules import hours_of

from tradewind.surveillance.elsewhere.boardlots import simulate


def test_there_is_a_break_and_a_limit_to_the_day() -> None:
    for seed in (6, 12, 18):
        events = simulate(seed, events=24_000).events
        assert hours_of(events) <= set(range(10))
        assert events["timestamp_ns"].diff().max() > 50 * 60 * 10**9
        dated = events.filter(pl.col("kind") != "news").with_columns(day=pl.col("timestamp_ns") // (86_400 * 10**9))
        for _, rows in dated.group_by("symbol"):
            close: float | None = None
            for _, day in rows.group_by("day", maintain_order=True):
                if close is not None:
                    assert close * 0.9 - 1e-6 <= day["price"].min()
                    assert day["price"].max() <= close * 1.1 + 1e-6
                assert day["price"].max() / day["price"].min() <= 1.1 / 0.9 + 1e-6
                trades = day.filter(pl.col("kind") == "trade")
                close = trades["price"][-1] if len(trades) else close


@pytest.mark.parametrize(("seed", "rows"), [(31, 20_000), (32, 40_000), (33, 60_000)])
def test_number_of_rows_is_near_what_was_asked_for(seed: int, rows: int) -> None:
    assert math.isclose(len(simulate(seed, events=rows).events), rows, rel_tol=0.3)
