"""What the replay makes of single events that sources get wrong, or tell in their own way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core.errors import UsageError
from tradewind.surveillance.book import BookReplay, Tape, TradeStyle, Window, depth_series, detect_style, replay_all
from tradewind.surveillance.events import EventTable, Names
from tradewind.surveillance.events.problems import Problems
from tradewind.surveillance.events.table import Kind

NEW, CANCEL, TRADE, HIDDEN = Kind.NEW, Kind.CANCEL, Kind.TRADE, Kind.HIDDEN
Row = tuple[int, Kind, int, int, int, int, int]
"""Time, kind, order, account, side, price, size."""


def table(*rows: Row) -> EventTable:
    time, kind, order, account, side, price, size = (
        np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    return EventTable(
        time=time,
        symbol=np.zeros(len(time), dtype=np.int32),
        seq=np.arange(1, len(time) + 1),
        kind=kind.astype(np.int8),
        order=order,
        account=account.astype(np.int32),
        side=side.astype(np.int8),
        price=price,
        size=size,
        symbols=Names(("AA",)),
        accounts=Names(("a", "b", "c", "d")),
    )


def replayed(*rows: Row, style: TradeStyle = TradeStyle.RESTING) -> tuple[Tape, BookReplay, dict[str, int]]:
    events, problems = table(*rows), Problems()
    replay = BookReplay(events.symbols, events.accounts, problems=problems, style=style)
    return replay.update(events), replay, problems.counts()


def test_who_arrived_is_the_row_account_where_it_is_not_the_owner() -> None:
    tape, _, problems = replayed((1, NEW, 1, 0, 1, 100, 10), (2, TRADE, 1, 2, 1, 100, 4))
    assert (tape.account[1], tape.taker[1], tape.taker_order[1], tape.taker_side[1]) == (0, 2, 0, -1)
    assert problems == {}


def test_trades_on_later_rows_are_no_more_the_pending_order() -> None:
    """An order that no longer crosses rests: what executes it afterwards is somebody else."""
    tape, replay, problems = replayed(
        (1, NEW, 1, 0, -1, 100, 10),
        (2, NEW, 2, 1, 1, 100, 15),
        (2, TRADE, 1, 0, -1, 100, 10),
        (3, TRADE, 2, 1, 1, 100, 5),
    )
    assert tape.taker.tolist() == [-1, -1, 1, -1]
    assert tape.side[3] == 1
    assert replay.snapshot(0).bid.tolist() == []
    assert problems == {}


def test_an_order_that_crosses_without_executions_stays_out_of_the_book() -> None:
    tape, replay, problems = replayed(
        (1, NEW, 1, 0, -1, 100, 10), (2, NEW, 2, 1, 1, 101, 5), (3, NEW, 3, 2, 1, 99, 5), (4, CANCEL, 2, 1, 1, 101, 0)
    )
    assert tape.level.tolist() == [0, -1, 0, 0]
    assert (tape.order[3], tape.size[3], tape.order_left[3]) == (2, 5, 5)
    assert replay.snapshot(0).bid.tolist() == [99]
    assert problems == {"crossed_book": 1}


def test_executions_at_one_time_are_waited_for_behind_other_orders() -> None:
    tape, _, problems = replayed(
        (1, NEW, 1, 0, -1, 100, 10), (2, NEW, 2, 1, 1, 100, 5), (2, NEW, 3, 2, 1, 99, 5), (2, TRADE, 1, 0, -1, 100, 5)
    )
    assert (tape.taker[3], tape.taker_order[3]) == (1, 2)
    assert problems == {}


def test_an_order_taken_back_at_once_never_rested() -> None:
    tape, _, _ = replayed(
        (1, NEW, 1, 0, -1, 100, 10),
        (2, NEW, 2, 1, 1, 100, 15),
        (2, TRADE, 1, 0, -1, 100, 10),
        (2, CANCEL, 2, 1, 1, 100, 5),
    )
    assert tape.bid.tolist() == [0, 0, 0, 0]
    assert tape.size[3] == 5


def test_what_is_left_of_a_market_order_is_gone() -> None:
    tape, replay, problems = replayed(
        (1, NEW, 1, 0, -1, 100, 10),
        (2, NEW, 2, 1, 1, 0, 15),
        (2, TRADE, 1, 0, -1, 100, 10),
        (3, NEW, 3, 2, 1, 99, 5),
        (4, CANCEL, 2, 1, 1, 0, 0),
    )
    assert tape.level.tolist() == [0, -1, 0, 0]
    assert replay.snapshot(0).bid.tolist() == [99]
    assert problems == {"finished_order": 1}


def test_one_row_for_a_sweep_is_one_execution_for_each_order_met() -> None:
    tape, replay, problems = replayed(
        (1, NEW, 1, 0, -1, 100, 10),
        (1, NEW, 2, 1, -1, 100, 10),
        (2, NEW, 3, 2, 1, 100, 15),
        (2, TRADE, 3, 2, 1, 100, 15),
        style=TradeStyle.ARRIVING,
    )
    assert tape.order.tolist()[3:] == [1, 2]
    assert tape.size.tolist()[3:] == [10, 5]
    assert tape.seq.tolist()[3:] == [4, 4]
    assert tape.ask_size.tolist()[3:] == [20, 10]
    assert replay.depth_at(0, -1, 100) == 5
    assert problems == {}


def test_more_than_there_is_is_cut_and_reported() -> None:
    tape, replay, problems = replayed(
        (1, NEW, 1, 0, 1, 100, 10),
        (2, TRADE, 1, 2, 1, 100, 25),
        (3, NEW, 2, 0, 1, 100, 10),
        (4, CANCEL, 2, 0, 1, 100, 99),
    )
    assert tape.size.tolist() == [10, 10, 10, 10]
    assert replay.snapshot(0).bid.tolist() == []
    assert problems == {"over_execution": 1}


def test_unknown_finished_repeated_and_unusable_orders_are_told_apart() -> None:
    tape, replay, problems = replayed(
        (1, NEW, 1, 0, 1, 100, 10),
        (2, CANCEL, 1, 0, 1, 100, 0),
        (3, CANCEL, 1, 0, 1, 100, 0),
        (4, CANCEL, 77, 0, 1, 100, 0),
        (5, NEW, 2, 0, 1, 100, 10),
        (6, NEW, 2, 0, 1, 101, 7),
        (7, NEW, 3, 0, 0, 100, 5),
    )
    assert len(tape) == 4
    assert (replay.snapshot(0).bid.tolist(), replay.snapshot(0).bid_size.tolist()) == ([101], [7])
    assert problems == {"finished_order": 1, "repeated_order": 1, "unknown_order": 1, "unusable_order": 1}


def test_a_file_of_trades_alone() -> None:
    """Sides come from the rows, or from the change of price (Lee and Ready)."""
    events = table((1, TRADE, 0, 0, 1, 100, 5), (2, TRADE, 0, 1, 0, 101, 5), (3, TRADE, 0, 2, 0, 100, 5))
    assert detect_style(events) == TradeStyle.PRINTS
    tape = replay_all(events)
    assert tape.taker.tolist() == [0, 1, 2]
    assert tape.taker_side.tolist() == [1, 1, -1]
    assert tape.side.tolist() == [-1, -1, 1]
    assert (tape.account == -1).all()


def test_a_file_of_trades_with_two_rows_each() -> None:
    events = table(
        *[row for i in range(9) for row in ((i, TRADE, 0, 0, 1, 100 + i, 5), (i, TRADE, 0, 1, -1, 100 + i, 5))]
    )
    assert detect_style(events) == TradeStyle.BOTH
    tape = replay_all(events)
    assert len(tape) == 9
    assert tape.account[1:].tolist() == [1] * 8
    assert tape.taker[1:].tolist() == [0] * 8


def test_both_accounts_in_one_row() -> None:
    events = table((1, NEW, 1, 0, -1, 100, 10), (2, NEW, 2, 1, 1, 100, 4), (2, TRADE, 0, 1, 1, 100, 4))
    events = replace(events, contra=np.array([-1, -1, 0], dtype=np.int32))
    tape = BookReplay(events.symbols, events.accounts).update(events)
    assert (tape.account[2], tape.order[2], tape.taker[2], tape.taker_order[2], tape.taker_side[2]) == (0, 1, 1, 2, 1)


def test_published_quotes_stand_in_where_there_are_no_orders() -> None:
    quotes = ((1, Kind.QUOTE, 0, -1, 1, 100, 7), (1, Kind.QUOTE, 0, -1, -1, 102, 9))
    tape, _, _ = replayed(*quotes, (2, TRADE, 0, 3, 0, 102, 5), (3, TRADE, 0, 3, 0, 100, 5), style=TradeStyle.PRINTS)
    assert (tape.bid[2], tape.bid_size[2], tape.ask[2], tape.ask_size[2]) == (100, 7, 102, 9)
    assert tape.taker_side.tolist() == [0, 0, 1, -1]


def test_orders_may_cross_while_trading_is_stopped() -> None:
    tape, _, problems = replayed(
        (1, Kind.HALT, 0, -1, 0, -1, 0),
        (2, NEW, 1, 0, -1, 100, 10),
        (3, NEW, 2, 1, 1, 101, 10),
        (4, TRADE, 1, 0, -1, 100, 10),
        (5, Kind.NEWS, 9, -1, 1, 0, 0),
    )
    assert (tape.bid[3], tape.ask[3]) == (101, 100)
    assert (tape.taker[3], tape.taker_order[3]) == (1, 2)
    assert (tape.bid[4], tape.ask[4]) == (0, 0)
    assert problems == {}


def test_executions_are_implied_until_a_first_one_is_printed() -> None:
    tape, replay, problems = replayed(
        (1, NEW, 1, 0, -1, 100, 10),
        (2, NEW, 2, 1, 1, 100, 4),
        (3, TRADE, 1, 2, -1, 100, 1),
        (4, NEW, 4, 3, 1, 100, 2),
        (4, TRADE, 1, 0, -1, 100, 2),
        style=TradeStyle.IMPLIED,
    )
    assert tape.kind.tolist() == [NEW, NEW, TRADE, TRADE, NEW, TRADE]
    assert (tape.seq[2], tape.taker_order[2], tape.size[2]) == (2, 2, 4)
    assert tape.taker.tolist() == [-1, -1, 1, 2, -1, 3]
    assert replay.depth_at(0, -1, 100) == 3
    assert problems == {}


def test_hidden_executions_leave_the_book_as_it_is() -> None:
    tape, replay, _ = replayed((1, NEW, 1, 0, 1, 100, 10), (2, HIDDEN, 0, -1, -1, 101, 5))
    assert tape.kind[1] == HIDDEN
    assert replay.depth_at(0, 1, 100) == 10


def test_orders_without_ids_are_found_by_account_side_and_price() -> None:
    tape, replay, problems = replayed(
        (1, NEW, 0, 0, 1, 100, 10), (1, NEW, 0, 1, 1, 100, 20), (2, CANCEL, 0, 1, 1, 100, 0)
    )
    assert (tape.order_size[2], tape.account[2], tape.order[2]) == (20, 1, tape.order[1])
    assert replay.depth_at(0, 1, 100) == 10
    assert problems == {}


def test_what_rested_before_the_record_began_can_be_seeded() -> None:
    events, problems = table((1, CANCEL, 55, -1, 1, 100, 4), (2, TRADE, 56, -1, 1, 100, 3)), Problems()
    replay = BookReplay(events.symbols, events.accounts, problems=problems)
    replay.seed(0, 1, 100, 10)
    tape = replay.update(events)
    assert tape.bid_size.tolist() == [10, 6]
    assert tape.order.tolist() == [55, 56]
    assert replay.depth_at(0, 1, 100) == 3
    assert len(problems) == 0


def test_a_full_book_drops_the_oldest_orders_and_says_so() -> None:
    rows: list[Row] = [(i, NEW, i, 0, 1, 100 + i, 5) for i in range(1, 101)]
    events, problems = table(*rows), Problems()
    replay = BookReplay(events.symbols, events.accounts, problems=problems, capacity=32)
    replay.update(events)
    left = replay.snapshot(0, 1000).bid
    assert 16 < len(left) <= 32
    assert left.tolist() == list(range(200, 200 - len(left), -1))
    assert problems.counts() == {"dropped_order": 100 - len(left)}


def test_slots_of_pairs_are_bounded_and_the_silent_go_first() -> None:
    """One account is heard of all the time and keeps its slot while a thousand others pass."""
    rows: list[Row] = []
    for i in range(1, 1001):
        rows += [(i, NEW, 2 * i, 0, 1, 100, 5), (i, NEW, 2 * i + 1, i, 1, 100, 5)]
    events = table(*rows)
    tape = BookReplay(events.symbols, events.accounts, pair_capacity=16).update(events)
    own = tape.pair[tape.account == 0]
    assert (own == own[0]).all()
    assert tape.pair.max() == 15
    assert not (tape.pair[tape.account != 0] == own[0]).any()


def test_too_little_room_is_refused() -> None:
    with pytest.raises(UsageError, match="room"):
        BookReplay(Names(), Names(), capacity=4)


def test_depth_over_time() -> None:
    events = table((10, NEW, 1, 0, 1, 100, 5), (20, NEW, 2, 0, -1, 102, 6), (30, CANCEL, 1, 0, 1, 100, 2))
    series = depth_series(events, 0, Window(start=5, end=35, step=10), levels=2, style=TradeStyle.RESTING)
    assert series.time.tolist() == [5, 15, 25, 35]
    assert series.bid_size[:, 0].tolist() == [0, 5, 5, 3]
    assert series.ask[:, 0].tolist() == [0, 0, 102, 102]
    assert (series.bid[:, 1] == 0).all()
    with pytest.raises(UsageError):
        depth_series(events, 0, Window(start=5, end=4, step=1))


def test_long_chunks_are_written_in_pieces_without_a_seam() -> None:
    n = 20_000
    rows: list[Row] = [(i, NEW, i, i % 4, 1, 100 + i % 7, 5) for i in range(1, n)]
    rows += [(n, NEW, n, 1, -1, 90, 5 * n)]
    events = table(*rows)
    tape = BookReplay(events.symbols, events.accounts, style=TradeStyle.IMPLIED).update(events)
    assert len(tape) == 2 * n - 1
    met = tape.rows(n, 2 * n - 1)
    assert met.price.tolist() == sorted((100 + i % 7 for i in range(1, n)), reverse=True)
    assert (np.diff(met.order)[np.diff(met.price) == 0] > 0).all()
    assert met.bid_depth[-1] == 5
