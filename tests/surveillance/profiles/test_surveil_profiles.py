"""Habits: totals against a plain count, chunks, no future, scale, and an account that behaves unlike itself."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core.arrays import Float32Array
from tradewind.core.errors import UsageError
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.profiles import NAMES, ProfileView
from tradewind.surveillance.profiles.measures import HIGH, LOW, MEASURES, POPULATION, add_window, percentile
from tradewind.surveillance.profiles.memory import drop_pair, enter_pair, find_pair
from tradewind.surveillance.schemes import Scheme

FIRST = 1_700_000_000_000_000_000
ACCOUNTS, SYMBOLS = 6, 2
SECOND = 1_000_000_000


def tape_of(rows: dict[str, np.ndarray]) -> Tape:
    """Return a tape of NEW (1), CANCEL (2) and TRADE (3) rows; what is not given is plausible."""
    n = len(rows["kind"])
    zero = np.zeros(n, np.int64)
    account, symbol = rows["account"].astype(np.int32), rows["symbol"].astype(np.int32)
    trade = rows["kind"] == 3
    taker = np.where(trade, (account + 1) % ACCOUNTS, -1).astype(np.int32)
    return Tape(
        first_row=0,
        time=rows["time"],
        symbol=symbol,
        seq=np.arange(n),
        kind=rows["kind"].astype(np.int8),
        order=zero + 1,
        account=account,
        side=rows["side"].astype(np.int8),
        price=zero + 1_000_000,
        size=rows["size"],
        bid=zero + 999_900,
        ask=zero + 1_000_100,
        bid_size=zero + 100,
        ask_size=zero + 100,
        bid_depth=zero + 500,
        ask_depth=zero + 500,
        order_size=rows["size"],
        order_left=rows["size"],
        order_time=rows["time"] - rows["age"],
        level=rows["level"].astype(np.int32),
        taker=taker,
        taker_order=zero,
        taker_side=np.where(trade, -rows["side"], 0).astype(np.int8),
        pair=account * SYMBOLS + symbol,
        taker_pair=np.where(trade, taker * SYMBOLS + symbol, -1).astype(np.int32),
        symbols=Names(("A", "B")),
        accounts=Names(tuple(f"a{i}" for i in range(ACCOUNTS))),
    )


def random_tape(seed: int, n: int = 600) -> Tape:
    rng = np.random.default_rng(seed)
    return tape_of(
        {
            "time": FIRST + np.cumsum(rng.exponential(0.5e9, n)).astype(np.int64),
            "kind": rng.choice([1, 1, 2, 3], n),
            "account": rng.integers(0, ACCOUNTS, n),
            "symbol": rng.integers(0, SYMBOLS, n),
            "side": rng.choice([-1, 1], n),
            "size": rng.integers(1, 900, n),
            "age": rng.integers(0, 10**10, n),
            "level": rng.integers(-1, 6, n),
        }
    )


def candidate(tape: Tape, row: int, accounts: tuple[int, ...], back: int = 30) -> Candidate:
    return Candidate(
        scheme=Scheme.SPOOFING,
        episode=row,
        revision=0,
        symbol=int(tape.symbol[row]),
        accounts=accounts,
        start=int(tape.time[max(row - back, 0)]),
        end=int(tape.time[row]),
        row=row,
        rule=0.5,
        features=np.zeros(1, np.float32),
    )


def some(tape: Tape, seed: int, count: int = 12) -> list[Candidate]:
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.integers(0, len(tape), count))
    return [
        candidate(tape, int(r), tuple(rng.permutation(ACCOUNTS)[: rng.integers(1, 5)].tolist()), int(rng.integers(99)))
        for r in rows
    ]


def in_parts(view: ProfileView, tape: Tape, asked: list[Candidate], cuts: list[int]) -> Float32Array:
    bounds = [0, *sorted(cuts), len(tape)]
    return np.vstack(
        [view.advance(tape.rows(a, b), [c for c in asked if a <= c.row < b]) for a, b in itertools.pairwise(bounds)]
    )


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), cuts=st.lists(st.integers(0, 600), max_size=8))
def test_cutting_the_tape_changes_nothing(seed: int, cuts: list[int]) -> None:
    tape = random_tape(seed)
    asked = some(tape, seed)
    whole = ProfileView(places=8).advance(tape, asked)
    assert np.array_equal(whole, in_parts(ProfileView(places=8), tape, asked, cuts), equal_nan=True)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_candidate_depends_on_what_comes_after_its_row(seed: int) -> None:
    tape = random_tape(seed)
    one = candidate(tape, 400, (0, 3))
    told = ProfileView().advance(tape, [one])
    assert np.array_equal(told, ProfileView().advance(tape.rows(0, 401), [one]), equal_nan=True)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([2, 16, 128]))
def test_the_lot_size_does_not_matter(seed: int, factor: int) -> None:
    tape = random_tape(seed)
    asked = some(tape, seed)
    bigger = replace(tape, size=tape.size * factor)
    gap = np.abs(ProfileView().advance(bigger, asked) - ProfileView().advance(tape, asked))
    assert np.nanquantile(gap, 0.97) < 1e-4  # a mean at the edge of a bin may be rounded into the next
    assert np.nanmax(gap) < 0.3


def column(told: Float32Array, name: str) -> float:
    return float(told[0, NAMES.index(f"profile_{name}")])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), back=st.integers(3, 40))
def test_rows_in_the_span_and_before_are_counted(seed: int, back: int) -> None:
    tape = random_tape(seed)
    one = candidate(tape, 599, (2,), back)
    told = ProfileView().advance(tape, [one])
    here = (tape.symbol == one.symbol) & ((tape.account == 2) | (tape.taker == 2))
    in_span, before = int((here & (tape.time >= one.start)).sum()), int((here & (tape.time < one.start)).sum())
    rows, past = 2 ** column(told, "span_rows_log") - 1, 2 ** column(told, "past_rows_log") - 1
    assert rows + past == pytest.approx(in_span + before, rel=1e-5)
    assert -1e-3 <= rows - in_span < 4.001  # the checkpoints are every fourth row
    everywhere = int((tape.account == 2).sum() + (tape.taker == 2).sum())
    assert column(told, "life_share") == pytest.approx(rows / everywhere, rel=1e-4)


def test_one_who_suddenly_cancels_all_stands_out() -> None:
    n = 4000
    rng = np.random.default_rng(3)
    account = rng.integers(0, ACCOUNTS, n)
    kind = rng.choice([1, 1, 2, 3], n)
    late = (account == 4) & (np.arange(n) >= n - 200)
    kind[late] = np.where(rng.random(late.sum()) < 0.5, 1, 2)
    rows = {
        "time": FIRST + np.arange(n) * SECOND,
        "kind": kind,
        "account": account,
        "symbol": np.zeros(n, np.int64),
        "side": np.where(late, 1, rng.choice([-1, 1], n)),
        "size": np.where(late, 5000, rng.integers(100, 200, n)),
        "age": np.where(late, 10**7, rng.integers(10**9, 10**11, n)),
        "level": rng.integers(0, 3, n),
    }
    tape = tape_of(rows)
    view = ProfileView()
    told = view.advance(tape, [candidate(tape, n - 1, (a,), 190) for a in (4, 1)])
    odd, rare = NAMES.index("profile_odd"), NAMES.index("profile_rare")
    assert told[0, odd] > 2.0 > told[1, odd]
    assert told[0, rare] > told[1, rare]
    assert told[0, NAMES.index("profile_size_z")] > 3.0
    assert told[0, NAMES.index("profile_life_z")] < -1.0
    assert told[0, NAMES.index("profile_cancels_part")] > 0.8 > told[1, NAMES.index("profile_cancels_part")]


def test_an_account_never_seen_is_new_and_unknown() -> None:
    tape = random_tape(1)
    tape = replace(tape, account=np.where(tape.account == 5, 4, tape.account).astype(np.int32))
    tape = replace(
        tape,
        taker=np.where(tape.taker == 5, 0, tape.taker).astype(np.int32),
        pair=tape.account * SYMBOLS + tape.symbol,
        taker_pair=np.where(tape.kind == 3, np.where(tape.taker == 5, 0, tape.taker) * SYMBOLS + tape.symbol, -1),
    )
    told = ProfileView().advance(tape, [candidate(tape, 500, (5,))])
    assert np.isnan(told[0, : 2 * len(MEASURES)]).all()
    assert column(told, "newcomers") == 1.0


def test_the_end_of_a_source_describes_by_what_is_known() -> None:
    tape = random_tape(9)
    view, other = ProfileView(), ProfileView()
    one = candidate(tape, len(tape) - 1, (0, 1))
    view.advance(tape, [])
    late = view.advance(tape.rows(len(tape), len(tape)), [one])
    assert np.array_equal(late, other.advance(tape, [one]), equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=200))
def test_the_finder_agrees_with_a_dictionary(steps: list[tuple[bool, int]]) -> None:
    finder = np.zeros((64, 2), np.int64)
    plain: dict[int, int] = {}
    for number, (enter, key) in enumerate(steps):
        if enter and key not in plain:
            enter_pair(finder, key, number)
            plain[key] = number
        elif not enter:
            drop_pair(finder, key)
            plain.pop(key, None)
        assert all(find_pair(finder, k) == plain.get(k, -1) for k in range(1, 41))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), m=st.integers(0, len(MEASURES) - 1))
def test_percentiles_are_those_of_what_was_added(seed: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    population = np.zeros((len(MEASURES), POPULATION))
    added = rng.uniform(LOW[m], HIGH[m], 300)
    for x in added:
        row = np.full(len(MEASURES), np.nan)
        row[m] = x
        add_window(population, row, 1.0)
    x = float(rng.uniform(LOW[m], HIGH[m]))
    assert percentile(population, m, x) == pytest.approx((added < x).mean(), abs=0.06)
    assert np.isnan(percentile(population, (m + 1) % len(MEASURES), 0.5))


def test_many_accounts_take_no_more_room_than_given() -> None:
    view = ProfileView(accounts=4, places=2)
    tape = random_tape(2, 900)
    asked = some(tape, 2)
    told = view.advance(tape, asked)
    share = told[:, NAMES.index("profile_life_share")]
    assert len(view._memory.accounts) == 4
    assert len(view._memory.rings) == 2
    assert (share[np.isfinite(share)] <= 1.0).all()


@pytest.mark.parametrize(("accounts", "places"), [(3, 8), (0, 8), (8, 0)])
def test_a_memory_that_cannot_be_is_refused(accounts: int, places: int) -> None:
    with pytest.raises(UsageError):
        ProfileView(accounts=accounts, places=places)
