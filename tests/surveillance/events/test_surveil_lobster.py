"""LOBSTER's files: exact times, the book rebuilt from messages, volume from before the start, and written files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core.errors import InputError
from tradewind.surveillance.book import BookReplay, replay_all
from tradewind.surveillance.events import (
    Kind,
    Problems,
    compare_book,
    empty_table,
    read_lobster,
    write_lobster,
)

SOME = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAME = "AAPL_2012-06-21_34200000_57600000_{}_{}.csv"

# The published format, as of the samples at lobsterdata.com.
MESSAGES = """\
34200.004241176,1,16113575,18,5853300,1
34200.00426064,1,16113584,18,5853200,1
34200.004447484,1,16113594,18,5853100,1
34200.025551909,1,16120456,18,5859100,-1
34200.025579546,1,16120480,18,5859200,-1
34200.189607670,4,16113575,10,5853300,1
34200.19,2,16120480,8,5859200,-1
34200.2,5,0,100,5856000,-1
34200.3,3,16113575,8,5853300,1
34201.000000001,7,0,0,-1,-1
34202,7,0,0,1,-1
"""


@dataclass
class PlainBook:
    """An independent book: every order in a dict, levels summed anew for each row."""

    orders: dict[int, list[int]] = field(default_factory=dict)

    def levels(self, side: int) -> list[tuple[int, int]]:
        total: dict[int, int] = {}
        for their_side, price, left in self.orders.values():
            if their_side == side:
                total[price] = total.get(price, 0) + left
        return sorted(total.items(), reverse=side > 0)

    def row(self, n: int) -> list[int]:
        asks, bids = self.levels(-1), self.levels(1)
        cells: list[int] = []
        for k in range(n):
            cells += asks[k] if k < len(asks) else (9_999_999_999, 0)
            cells += bids[k] if k < len(bids) else (-9_999_999_999, 0)
        return cells


def day(seed: int, n: int, levels: int, *, standing: int, in_view_only: bool) -> tuple[list[str], list[str]]:
    """Return lines of both files of a random market; ``standing`` orders lie in the book before the first message.

    With ``in_view_only`` messages that do not touch the published levels are left out, as LOBSTER leaves them out.
    """
    rng = np.random.default_rng(seed)
    book, next_id, time = PlainBook(), 1, 34_200_000_000_000
    messages, rows = [], []
    for i in range(standing + n):
        side = int(rng.choice([1, -1]))
        act = rng.random()
        line = ""
        if i < standing or act < 0.5 or len(book.orders) < 4:
            price, size = 1_000_000 - side * 100 * int(rng.integers(1, 25)), int(rng.integers(1, 9)) * 10
            book.orders[next_id] = [side, price, size]
            line = f"1,{next_id},{size},{price},{side}"
            next_id += 1
        elif act < 0.9:
            chosen = int(rng.choice(list(book.orders)))
            side, price, left = book.orders[chosen]
            taken = left if act < 0.75 else int(rng.integers(1, left + 1))
            line = f"{3 if taken == left else 2},{chosen},{taken},{price},{side}"
            book.orders[chosen][2] -= taken
        else:
            best = book.levels(side)
            if best:
                chosen = min(k for k, order in book.orders.items() if order[:2] == [side, best[0][0]])
                side, price, left = book.orders[chosen]
                taken = int(rng.integers(1, left + 1))
                line = f"4,{chosen},{taken},{price},{side}"
                book.orders[chosen][2] -= taken
        book.orders = {k: order for k, order in book.orders.items() if order[2] > 0}
        time += int(rng.integers(0, 2_000_000_000))
        row = ",".join(map(str, book.row(levels)))
        if i >= standing and line and not (in_view_only and rows and row == rows[-1]):
            messages.append(f"{time // 10**9}.{time % 10**9:09d},{line}")
            rows.append(row)
    return messages, rows


def written(folder: Path, messages: list[str], rows: list[str], levels: int) -> tuple[Path, Path]:
    pair = folder / NAME.format("message", levels), folder / NAME.format("orderbook", levels)
    pair[0].write_text("\n".join(messages) + "\n")
    pair[1].write_text("\n".join(rows) + "\n")
    return pair


def test_a_message_file_is_read_to_the_nanosecond(tmp_path: Path) -> None:
    file = tmp_path / NAME.format("message", 1)
    file.write_text(MESSAGES)
    table = read_lobster(file)
    midnight = 1_340_251_200_000_000_000  # 2012-06-21 00:00 EDT, four hours after UTC's
    assert (table.time - midnight).tolist() == [
        34_200_004_241_176,
        34_200_004_260_640,
        34_200_004_447_484,
        34_200_025_551_909,
        34_200_025_579_546,
        34_200_189_607_670,
        34_200_190_000_000,
        34_200_200_000_000,
        34_200_300_000_000,
        34_201_000_000_001,
        34_202_000_000_000,
    ]
    assert table.kind.tolist() == [1, 1, 1, 1, 1, Kind.TRADE, Kind.CANCEL, Kind.HIDDEN, Kind.CANCEL, 5, 5]
    assert table.size.tolist() == [18, 18, 18, 18, 18, 10, 8, 100, 0, 0, 0]
    assert table.price.tolist()[-4:] == [5_856_000, 5_853_300, -1, 1]
    assert table.side.tolist() == [1, 1, 1, -1, -1, 1, -1, -1, 1, 0, 0]
    assert table.seq.tolist() == list(range(1, 12))
    assert table.symbols.all() == ("AAPL",)
    assert set(table.account.tolist()) == {-1}


def test_lines_that_make_no_sense_are_reported_and_left_out(tmp_path: Path) -> None:
    file, problems = tmp_path / NAME.format("message", 1), Problems()
    file.write_text(
        "34200.1,1,5,10,100,1\nx,1,6,10,100,1\n34200.2,9,7,10,100,1\n34200.3,1,8,-3,100,1\n34200.4,1,9,1,0,1\n"
    )
    assert read_lobster(file, problems=problems).seq.tolist() == [1]
    assert problems.counts() == {"bad_price": 1, "bad_size": 1, "unknown_kind": 1, "unreadable": 1}
    assert [problem.row for problem in problems] == [5, 4, 3, 2]


@SOME
@given(seed=st.integers(0, 10_000), levels=st.sampled_from([1, 3, 10]))
def test_the_book_is_rebuilt_from_the_messages_alone(seed: int, levels: int, tmp_path: Path) -> None:
    messages, rows = day(seed, 150, levels, standing=0, in_view_only=False)
    found = compare_book(*written(tmp_path, messages, rows, levels), levels=levels)
    assert (found.rows, found.differ, found.first) == (len(rows) - 1, 0, None)
    assert found.equal + found.unseen == found.rows
    if levels == 10:
        assert found.equal > 0.8 * found.rows


@SOME
@given(seed=st.integers(0, 10_000))
def test_what_comes_into_view_untold_is_counted_apart(seed: int, tmp_path: Path) -> None:
    messages, rows = day(seed, 150, 3, standing=60, in_view_only=True)
    found = compare_book(*written(tmp_path, messages, rows, 3), levels=3)
    assert found.differ == 0
    assert found.equal + found.unseen == found.rows == len(rows) - 1


def test_some_of_it_is_untold(tmp_path: Path) -> None:
    messages, rows = day(4, 500, 3, standing=60, in_view_only=True)
    found = compare_book(*written(tmp_path, messages, rows, 3), levels=3)
    assert 0 < found.unseen < 0.3 * found.rows


@SOME
@given(seed=st.integers(0, 10_000), row=st.integers(5, 150))
def test_one_wrong_published_number_is_found(seed: int, row: int, tmp_path: Path) -> None:
    messages, rows = day(seed, 250, 5, standing=40, in_view_only=False)
    cells = rows[row].split(",")
    cells[3] = str(int(cells[3]) + 1)  # the size of the best bid
    rows[row] = ",".join(cells)
    found = compare_book(*written(tmp_path, messages, rows, 5), levels=5)
    assert found.differ == 1
    assert found.first is not None
    assert (found.first.row, found.first.side, found.first.level) == (row + 1, 1, 1)
    assert found.first.published[1] == found.first.rebuilt[1] + 1


def test_files_of_two_downloads_are_refused(tmp_path: Path) -> None:
    messages, rows = day(1, 50, 2, standing=5, in_view_only=False)
    with pytest.raises(InputError, match="rows of the book"):
        compare_book(*written(tmp_path, messages, rows[:-1], 2), levels=2)
    with pytest.raises(InputError, match="does not say the ticker"):
        read_lobster(tmp_path / "messages.csv")
    with pytest.raises(InputError, match="8 columns, not 12"):
        compare_book(*written(tmp_path, messages, rows, 2), levels=3)


@pytest.mark.slow
@SOME
@given(seed=st.integers(0, 10_000))
def test_the_replay_starts_from_the_published_book(seed: int, tmp_path: Path) -> None:
    levels = 60
    messages, rows = day(seed, 200, levels, standing=60, in_view_only=False)
    pair = written(tmp_path, messages, rows, levels)
    table, problems = read_lobster(*pair), Problems()
    replay = BookReplay(table.symbols, table.accounts, problems=problems)
    standing = int((table.seq == 0).sum())
    replay.update(table.take(slice(0, standing)))
    for k, row in enumerate(rows):
        replay.update(table.take(slice(standing + k, standing + k + 1)))
        if k % 20 == 0 or k == len(rows) - 1:
            shown = replay.snapshot(0, levels=5)
            cells = np.array(row.split(",")[:20], dtype=np.int64).reshape(5, 4)
            for mine, column in ((shown.ask, 0), (shown.ask_size, 1), (shown.bid, 2), (shown.bid_size, 3)):
                theirs = cells[:, column][cells[:, column - column % 2 + 1] > 0]
                assert mine[: len(theirs)].tolist() == theirs.tolist()
    assert problems.count("unknown_order") == 0


@pytest.mark.slow
@SOME
@given(seed=st.integers(0, 10_000))
def test_a_replayed_market_written_is_a_pair_that_agrees(seed: int, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir(exist_ok=True)
    messages, rows = day(seed, 300, 10, standing=0, in_view_only=False)
    table = read_lobster(*written(source, messages, rows, 10))
    message, orderbook = write_lobster([replay_all(table)], tmp_path, symbol="AAPL")
    found = compare_book(message, orderbook)
    assert (found.differ, found.rows) == (0, len(message.read_text().splitlines()) - 1)
    assert message.read_text().splitlines() == messages
    assert orderbook.read_text().splitlines() == rows


def test_an_order_that_crosses_is_written_as_what_it_meets_and_what_is_left(tmp_path: Path) -> None:
    base = empty_table()
    table = type(base)(
        time=np.array([1, 2, 2, 3, 4, 4]) * 1_000_000_000 + 1_340_285_400_000_000_000,
        symbol=np.zeros(6, np.int32),
        seq=np.arange(1, 7),
        kind=np.array([1, 1, 3, 1, 3, 2], np.int8),
        order=np.array([1, 2, 1, 3, 2, 3]),
        account=np.array([0, 1, 0, 2, 1, 2], np.int32),
        side=np.array([-1, 1, -1, -1, 1, -1], np.int8),
        price=np.array([100, 101, 100, 0, 101, 0]),
        size=np.array([30, 50, 30, 9, 5, 0]),
        symbols=base.symbols,
        accounts=base.accounts,
    )
    table.symbols.code("X")
    for name in ("a", "b", "c"):
        table.accounts.code(name)
    message, orderbook = write_lobster([replay_all(table)], tmp_path, symbol="X", levels=1)
    assert message.name == "X_2012-06-21_34201000_34204000_message_1.csv"
    assert [line.split(",")[1:] for line in message.read_text().splitlines()] == [
        ["1", "1", "30", "100", "-1"],
        ["4", "1", "30", "100", "-1"],
        ["1", "2", "20", "101", "1"],
        ["4", "2", "5", "101", "1"],
    ]
    assert orderbook.read_text().splitlines()[-1] == "9999999999,0,101,15"
