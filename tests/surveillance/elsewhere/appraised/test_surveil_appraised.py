"""An appraised market: the same by seed, a tape that a book can follow, and deeds of people who acted."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from tradewind.surveillance.book import replay_all
from tradewind.surveillance.events import Problems
from tradewind.surveillance.schemes import Scheme


@cache
def market(seed: int) -> Any:
    from tradewind.surveillance.elsewhere.appraised.markets import simulate

    return simulate(seed, events=30_000)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_market() -> None:
    from tradewind.surveillance.elsewhere.appraised.markets import simulate

    again = simulate(3, events=30_000)
    assert again.events.equals(market(3).events)
    assert again.truth.equals(market(3).truth)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5])
def test_the_book_can_use_every_row_and_is_never_crossed(seed: int) -> None:
    from tradewind.surveillance.elsewhere.framed import as_read

    problems = Problems()
    tape = replay_all(as_read(market(seed)).events, problems=problems)
    assert not problems.counts()
    booked = (tape.bid > 0) & (tape.ask > 0)
    assert booked.mean() > 0.8
    assert np.all(tape.bid[booked] < tape.ask[booked])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5])
def test_every_account_of_a_deed_acts_within_it(seed: int) -> None:
    made = market(seed)
    assert made.truth.height + made.attempts.height >= 7
    assert {*made.truth["scheme"]} <= {scheme.value for scheme in Scheme}
    for deed in made.truth.iter_rows(named=True):
        inside = made.events.filter(
            pl.col("timestamp_ns").is_between(deed["start"], deed["end"]) & (pl.col("symbol") == deed["symbol"])
        )
        assert {*deed["accounts"]} <= {*inside["account"]}, deed
