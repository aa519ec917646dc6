"""Events written are events read, however the file is cut, shuffled a little, or given twice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core.errors import InputError, OutputError
from tradewind.surveillance.events import (
    EventTable,
    Kind,
    Names,
    Problems,
    ReadOptions,
    join_tables,
    merged,
    read_all,
    read_events,
    rechunked,
    write_events,
)
from tradewind.surveillance.events import order as order_module

SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def made(seed: int, n: int = 400, *, both_sides: bool = False) -> EventTable:
    """Return events as a venue might publish them: every kind, in order, numbered through."""
    rng = np.random.default_rng(seed)
    kind = rng.choice([1, 1, 1, 2, 3, 4, 5, 7], n).astype(np.int8)
    size = rng.integers(1, 10_000, n)
    size[(kind == Kind.CANCEL) & (rng.random(n) < 0.5)] = 0
    price = rng.integers(1, 10_000_000, n)
    price[(kind == Kind.NEW) & (rng.random(n) < 0.1)] = 0
    price[kind == Kind.HALT] = rng.integers(-1, 2, int((kind == Kind.HALT).sum()))
    size[kind == Kind.HALT] = 0
    side = rng.choice(np.array([1, -1], dtype=np.int8), n)
    side[(kind == Kind.TRADE) & (rng.random(n) < 0.3)] = 0
    more = {}
    if both_sides:
        executed = np.isin(kind, (Kind.TRADE, Kind.HIDDEN))
        more = {
            "contra": np.where(executed, rng.integers(-1, 7, n), -1).astype(np.int32),
            "contra_order": np.where(executed, rng.integers(0, 999, n), 0),
        }
    return EventTable(
        time=1_700_000_000_000_000_000 + np.cumsum(rng.integers(0, 3, n)),
        symbol=rng.integers(0, 3, n).astype(np.int32),
        seq=np.arange(10, 10 + n),
        kind=kind,
        order=rng.integers(1, 2**62, n),
        account=rng.integers(-1, 7, n).astype(np.int32),
        side=side,
        price=price,
        size=size,
        symbols=Names(("A", "BRK.B", "Ünïcode 3")),
        accounts=Names(("7", "a,b", 'q"uote', "trader-4", "x", "y", "z")),
        **more,
    )


def named(table: EventTable) -> dict[str, list[object]]:
    """Return the columns with names in place of codes, so that two tables can be compared."""
    columns: dict[str, list[object]] = {name: column.tolist() for name, column in table.columns().items()}
    columns["symbol"] = [table.symbols[code] for code in table.symbol.tolist()]
    for field in ("account", "contra"):
        if field in columns:
            columns[field] = [table.accounts[int(code)] for code in columns[field]]  # type: ignore[call-overload]
    return columns


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("both_sides", [False, True])
@SOME
@given(seed=st.integers(0, 10_000))
def test_what_is_written_is_read(seed: int, suffix: str, both_sides: bool, tmp_path: Path) -> None:
    table, problems = made(seed, both_sides=both_sides), Problems()
    file = write_events(table, tmp_path / f"events{suffix}")
    assert named(read_all(file, problems=problems)) == named(table)
    assert problems.counts() == {}


@pytest.mark.slow
@SOME
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 500), parts=st.integers(1, 5))
def test_neither_how_it_is_written_nor_how_it_is_cut_matters(seed: int, cut: int, parts: int, tmp_path: Path) -> None:
    table = made(seed)
    edges = np.linspace(0, len(table), parts + 1).astype(int)
    pieces = [table.take(slice(a, b)) for a, b in pairwise(edges.tolist())]
    file = write_events(iter(pieces), tmp_path / "events.parquet")
    chunks = list(read_events(file, chunk_rows=cut))
    assert [len(chunk) for chunk in chunks[:-1]] == [cut] * (len(chunks) - 1)
    assert 0 < len(chunks[-1]) <= cut
    assert named(join_tables(chunks)) == named(table)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@SOME
@given(seed=st.integers(0, 10_000), reach=st.integers(1, 60))
def test_rows_that_lie_a_little_out_of_order_are_put_right(seed: int, reach: int, suffix: str, tmp_path: Path) -> None:
    table = made(seed)
    place = np.arange(len(table)) + np.random.default_rng(seed).uniform(0, reach, len(table))
    file = write_events(table.take(np.argsort(place)), tmp_path / f"events{suffix}")
    assert named(read_all(file, options=ReadOptions(window=64))) == named(table)


@SOME
@given(seed=st.integers(0, 10_000))
def test_rows_sent_twice_are_dropped(seed: int, tmp_path: Path) -> None:
    table, problems = made(seed), Problems()
    rng = np.random.default_rng(seed)
    again = np.sort(np.concatenate([np.arange(len(table)), rng.choice(len(table), 40, replace=False)]))
    file = write_events(table.take(again), tmp_path / "events.parquet")
    assert named(read_all(file, problems=problems)) == named(table)
    assert problems.counts() == {"duplicate": 40}


def test_a_file_of_one_symbol_after_the_other_is_sorted_whole(tmp_path: Path) -> None:
    table, problems = made(3, 3000), Problems()
    file = write_events(table.take(np.argsort(table.symbol, kind="stable")), tmp_path / "events.parquet")
    assert named(read_all(file, problems=problems, options=ReadOptions(window=100))) == named(table)
    assert problems.count("unsorted") == 1


def test_times_never_decrease_and_a_row_beyond_the_window_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_module, "BLOCK", 50)
    table, problems = made(5, 1000), Problems()
    rows = np.concatenate([np.arange(1, 900), [0], np.arange(900, 1000)])
    file = write_events(table.take(rows), tmp_path / "events.parquet")
    got = read_all(file, problems=problems, options=ReadOptions(window=10))
    assert sorted(got.seq.tolist()) == table.seq.tolist()
    assert (np.diff(got.time) >= 0).all()
    assert problems.count("late") == 1
    assert problems.count("unsorted") == 0


@SOME
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 120), min_size=2, max_size=2))
def test_merging_is_the_stable_order_of_time_however_both_are_cut(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    left, right = made(seed, 200), made(seed + 1, int(rng.integers(1, 200)))
    got = join_tables(list(merged(rechunked([left], cuts[0]), rechunked([right], cuts[1]))))
    joined = join_tables([right, left])
    assert named(got) == named(joined.take(np.argsort(joined.time, kind="stable")))


def test_an_unknown_suffix_and_a_folder_that_cannot_be_made_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'.xlsx' is not known"):
        write_events(made(1), tmp_path / "events.xlsx")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        write_events(made(1), tmp_path / "file" / "events.csv")
