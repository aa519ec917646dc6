"""Venues that hand on tables: read as a file would be, of the size and the schemes asked for, the same by seed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, SIZES, FramedMarket, as_read, size_of
from tradewind.surveillance.live.simulated import Kind, simulated
from tradewind.surveillance.schemes import Scheme

SECOND = 1_000_000_000
OPEN = 1_741_771_800 * SECOND


def deeds(*rows: tuple[str, list[str], int, bool]) -> pl.DataFrame:
    cells = [(scheme, "AAA", who, OPEN, OPEN + length, done, False) for scheme, who, length, done in rows]
    return pl.DataFrame(cells, schema=dict(CASE_SCHEMA), orient="row")


def test_a_table_becomes_what_a_reader_of_files_finds() -> None:
    events = pl.DataFrame(
        {
            "timestamp_ns": [OPEN, OPEN + SECOND, OPEN + 2 * SECOND],
            "symbol": ["AAA"] * 3,
            "venue_seq": [1, 2, 3],
            "kind": ["new", "new", "cancel"],
            "order_id": [7, 8, 8],
            "account": ["ann", "bob", "bob"],
            "side": ["buy", "sell", "sell"],
            "price": [10.0, 10.5, 10.5],
            "size": [100, 50, 50],
        }
    )
    told = as_read(FramedMarket(events, deeds(("spoofing", ["bob"], 9, True)), deeds(("layering", ["ann"], 5, False))))
    assert told.events.time.tolist() == events["timestamp_ns"].to_list()
    assert [told.events.accounts[code] for code in told.events.account] == ["ann", "bob", "bob"]
    assert [(deed.scheme, deed.accounts, deed.done) for deed in told.truth] == [(Scheme.SPOOFING, ("bob",), True)]
    assert [(deed.scheme, deed.accounts, deed.done) for deed in told.attempts] == [(Scheme.LAYERING, ("ann",), False)]
    assert told.sessions.opens[0] <= OPEN
    assert told.sessions.closes[-1] >= OPEN + 2 * SECOND


@given(st.integers(0, 10**9))
def test_markets_to_learn_from_are_of_sizes_within_bounds(seed: int) -> None:
    assert SIZES[0] <= size_of(seed) <= SIZES[1]


def small() -> int:
    return min(range(200), key=size_of)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        "prosecuted",
        "appraised",
        "examined",
        "retail",
        "automated",
        "boardlots",
        "midcaps",
        "largecaps",
        "frontier",
        "pennies",
        "acceptance",
        "trackers",
        "benchset",
    ],
)
def test_a_venue_plays_what_is_asked_for_and_the_same_by_seed(kind: Kind) -> None:
    wanted = (Scheme.SPOOFING, Scheme.WASH_TRADING)
    made, again = (simulated(kind, small(), schemes=wanted) for _ in range(2))
    assert {deed.scheme for deed in (*made.truth, *made.attempts)} == set(wanted)
    assert made.truth == again.truth
    assert np.array_equal(made.events.price, again.events.price)
    assert 0.5 * SIZES[0] < len(made.events) < 2 * SIZES[0]
