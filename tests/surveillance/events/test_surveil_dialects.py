"""Files of events as others write them: names, words, numbers, units and types."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core.errors import InputError, SchemaError
from tradewind.surveillance.events import EventTable, Kind, Problems, ReadOptions, read_all, read_events
from tradewind.surveillance.events.columns import plain
from tradewind.surveillance.events.words import Action, kind_of, side_of

START = 1_704_205_800_000_000_000  # 2024-01-02 14:30 UTC

GOOD: dict[str, list[Any]] = {
    "timestamp_ns": [START + i for i in range(6)],
    "symbol": ["A", "A", "B", "A", "A", "B"],
    "venue_seq": [1, 2, 3, 4, 5, 6],
    "kind": ["new", "new", "new", "trade", "cancel", "cancel"],
    "order_id": [11, 12, 13, 11, 12, 13],
    "account": ["x", "y", None, "x", "y", None],
    "side": ["buy", "sell", "buy", "buy", "sell", "buy"],
    "price": [10.0, 10.5, 20.25, 10.0, 10.5, 20.25],
    "size": [100, 200, 300, 100, 0, 50],
}


def read(tmp_path: Path, cells: dict[str, Any], problems: Problems | None = None, **options: Any) -> EventTable:
    file = tmp_path / "events.parquet"
    parquet.write_table(pa.table(cells), file)
    return read_all(file, problems=problems, options=ReadOptions(**options))


def same(got: EventTable, **changed: list[Any]) -> None:
    """Compare with the good file, apart from what is changed."""
    wanted = {
        "time": GOOD["timestamp_ns"],
        "symbol": GOOD["symbol"],
        "seq": GOOD["venue_seq"],
        "kind": [1, 1, 1, 3, 2, 2],
        "order": GOOD["order_id"],
        "account": ["x", "y", "", "x", "y", ""],
        "side": [1, -1, 1, 1, -1, 1],
        "price": [100_000, 105_000, 202_500, 100_000, 105_000, 202_500],
        "size": GOOD["size"],
    } | changed
    found = {name: column.tolist() for name, column in got.columns().items()}
    found["symbol"] = [got.symbols[code] for code in found["symbol"]]
    found["account"] = [got.accounts[code] for code in found["account"]]
    assert found == wanted


def test_the_contract_is_read_without_a_word(tmp_path: Path) -> None:
    problems = Problems()
    same(read(tmp_path, GOOD, problems))
    assert problems.counts() == {}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Order ID", "order_id"), ("orderId", "order_id"), ("OrderID", "order_id"), (" QTY ", "qty"), ("ts", "ts")],
)
def test_columns_are_known_by_their_plain_names(name: str, wanted: str) -> None:
    assert plain(name) == wanted


@pytest.mark.parametrize(
    "names",
    [
        ("Timestamp", "Ticker", "Sequence", "Event Type", "OrderID", "Trader", "Direction", "Px", "Qty"),
        ("ts", "instrument", "seqNum", "action", "oid", "participant_id", "Side", "limitPrice", "quantity"),
        ("event_time", "SYM", "seq", "msg_type", "order_ref", "MPID", "buy_sell", "PRICE", "shares"),
    ],
)
def test_other_names_and_more_columns(tmp_path: Path, names: tuple[str, ...]) -> None:
    columns = dict(zip(names, GOOD.values(), strict=True)) | {"comment": ["?"] * 6, "venue": ["Z"] * 6}
    same(read(tmp_path, columns))


def test_columns_may_be_named_by_the_caller(tmp_path: Path) -> None:
    columns = {("what" if name == "kind" else name): cells for name, cells in GOOD.items()}
    same(read(tmp_path, columns, columns={"kind": "what"}))
    with pytest.raises(SchemaError, match="no such column"):
        read(tmp_path, GOOD, columns={"kind": "nowhere"})
    with pytest.raises(SchemaError, match="no field"):
        read(tmp_path, GOOD, columns={"colour": "kind"})


@pytest.mark.parametrize("field", ["timestamp_ns", "symbol", "kind", "order_id", "side", "price", "size"])
def test_a_missing_column_is_told_with_what_there_is(tmp_path: Path, field: str) -> None:
    with pytest.raises(SchemaError, match=r"it has .*venue_seq.*Fix: name the column"):
        read(tmp_path, {name: cells for name, cells in GOOD.items() if name != field})


def test_sequence_numbers_and_accounts_can_be_lived_without(tmp_path: Path) -> None:
    problems = Problems()
    columns = {name: cells for name, cells in GOOD.items() if name not in ("venue_seq", "account")}
    same(read(tmp_path, columns, problems), account=[""] * 6)
    assert problems.counts() == {"missing_column": 2}


KIND_WORDS = {
    Action.NEW: "new NEW add Submission limit order insert N a LIMIT_ORDER order_submitted EventType.SUBMIT newOrder 1",
    Action.MARKET: "market MARKET_ORDER market-order",
    Action.CANCEL: "cancel Canceled cancelled c CANCEL_PARTIAL reduce X order_cancelled 2",
    Action.DELETE: "delete removed EXPIRED d 3",
    Action.MODIFY: "modify replace AMEND update M u R order_modified cancel_replace",
    Action.TRADE: "trade execute EXECUTION fill Match t E ORDER_EXECUTED partial_fill 4 4.0",
    Action.HIDDEN: "hidden hidden_execution 5 6",
    Action.HALT: "halt TRADING_HALT 7",
    Action.RESUME: "resume",
    Action.NEWS: "news announcement",
    Action.QUOTE: "quote BBO",
    Action.IGNORED: "ack heartbeat order_rejected",
    Action.UNKNOWN: "zzz 8 0 -1 buy",
}


@pytest.mark.parametrize(("word", "action"), [(w, a) for a, words in KIND_WORDS.items() for w in words.split()])
def test_words_for_kinds(word: str, action: Action) -> None:
    assert kind_of(word) is action


@pytest.mark.parametrize(
    ("words", "side"),
    [
        ("buy B bid Bid BUY +1 1 1.0 Side.BUY true long", 1),
        ("sell S ask offer -1 2 5 SELL_SHORT false", -1),
        ("0 none u", 0),
    ],
)
def test_words_for_sides(words: str, side: int) -> None:
    assert [side_of(word) for word in words.split()] == [side] * len(words.split())
    assert side_of("sideways") is None


@pytest.mark.parametrize(
    ("cells", "buy_is"),
    [
        (["1", "-1", "1", "1", "-1", "1"], 1),
        ([1, 2, 1, 1, 2, 1], 1),
        ([1.0, -1.0, 1.0, 1.0, -1.0, 1.0], 1),
        ([True, False, True, True, False, True], True),
        ([0, 1, 0, 0, 1, 0], 0),  # the lower price bids: 0 buys
        ([1, 0, 1, 1, 0, 1], 1),  # the lower price bids: 1 buys
    ],
)
def test_numbers_as_sides(tmp_path: Path, cells: list[Any], buy_is: Any) -> None:
    assert [cell == buy_is or str(cell) == str(buy_is) for cell in cells] == [side == "buy" for side in GOOD["side"]]
    same(read(tmp_path, GOOD | {"side": cells}))


@pytest.mark.parametrize(
    ("name", "cells", "step"),
    [
        ("timestamp", [1_704_205_800 + i for i in range(6)], 10**9),
        ("timestamp", [1_704_205_800_000 + i for i in range(6)], 10**6),
        ("timestamp", [1_704_205_800_000_000 + i for i in range(6)], 10**3),
        ("timestamp", [START + i for i in range(6)], 1),
        ("timestamp", [1_704_205_800 + i / 4 for i in range(6)], 250_000_000),
        ("timestamp", [f"2024-01-02T14:30:00.00000000{i}Z" for i in range(6)], 1),
        ("timestamp", [f"2024-01-02 14:30:0{i}" for i in range(6)], 10**9),
        ("timestamp", [f"2024-01-02T09:30:0{i}-05:00" for i in range(6)], 10**9),
        ("timestamp", [f"1704205800.00000000{i}" for i in range(6)], 1),
        ("timestamp", [str(START + i) for i in range(6)], 1),
        ("time_us", [1_704_205_800_000_000 + i for i in range(6)], 10**3),
    ],
)
def test_units_of_time(tmp_path: Path, name: str, cells: list[Any], step: int) -> None:
    columns = {name: cells} | {k: v for k, v in GOOD.items() if k != "timestamp_ns"}
    same(read(tmp_path, columns), time=[START + i * step for i in range(6)])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_columns_of_moments(tmp_path: Path, unit: str, zone: str | None) -> None:
    moments = pa.array(
        [START // 10**9 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]] * 6, pa.timestamp(unit, zone)
    )
    columns = {"when": moments} | {k: v for k, v in GOOD.items() if k != "timestamp_ns"}
    same(read(tmp_path, columns, columns={"time": "when"}), time=[START] * 6)


def test_a_clock_that_starts_at_nought_is_believed(tmp_path: Path) -> None:
    times = [0, 5, 1_700_000, 2_000_000_000, 2_000_000_001, 9_000_000_000]
    same(read(tmp_path, GOOD | {"timestamp_ns": times}), time=times)
    seconds = {"t": [0.0, 0.5, 1.0, 1.25, 2.0, 2.5]} | {k: v for k, v in GOOD.items() if k != "timestamp_ns"}
    got = read(tmp_path, seconds, time_unit="s")
    assert got.time.tolist() == [0, 5 * 10**8, 10**9, 125 * 10**7, 2 * 10**9, 25 * 10**8]


def test_times_that_belie_their_name_are_doubted(tmp_path: Path) -> None:
    problems = Problems()
    read(tmp_path, GOOD | {"timestamp_ns": [1_704_205_800_000 + i for i in range(6)]}, problems)
    assert problems.counts() == {"doubtful_time": 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"price": pa.array([Decimal(str(p)) for p in GOOD["price"]], pa.decimal128(12, 4))},
        {"price": [str(p) for p in GOOD["price"]], "size": [f"{s}.0" for s in GOOD["size"]]},
        {"size": [float(s) for s in GOOD["size"]], "order_id": [float(i) for i in GOOD["order_id"]]},
        {"order_id": pa.array(GOOD["order_id"], pa.uint64()), "venue_seq": pa.array(GOOD["venue_seq"], pa.uint32())},
        {"order_id": [str(i) for i in GOOD["order_id"]], "venue_seq": [f" {i} " for i in GOOD["venue_seq"]]},
        {name: pa.array(GOOD[name], pa.large_string()) for name in ("symbol", "kind", "account", "side")},
        {name: pa.array(GOOD[name]).dictionary_encode() for name in ("symbol", "kind", "account", "side")},
        {"kind": ["New", "ADD", "limit", "FILL", "CANCEL", "reduce"]},
        {"kind": [1, 1, 1, 4, 2, 2]},
        {"account": ["x ", "y", "", " x", "y", None]},
    ],
)
def test_types_of_columns(tmp_path: Path, changes: dict[str, Any]) -> None:
    same(read(tmp_path, GOOD | changes))


def test_whole_numbers_are_dollars_unless_told_otherwise(tmp_path: Path) -> None:
    ticks = GOOD | {"price": [100_000, 105_000, 202_500, 100_000, 105_000, 202_500]}
    same(read(tmp_path, ticks, price_unit=1e-4))
    assert read(tmp_path, ticks).price.tolist() == [p * 10_000 for p in ticks["price"]]


def test_numbered_accounts_are_named_by_their_numbers(tmp_path: Path) -> None:
    same(read(tmp_path, GOOD | {"account": [7, 8, None, 7, 8, None]}), account=["7", "8", "", "7", "8", ""])
    same(read(tmp_path, GOOD | {"account": [7.0, 8.0, np.nan, 7.0, 8.0, np.nan]}), account=["7", "8", "", "7", "8", ""])


def hashed(text: str) -> int:
    """Return FNV-1a and SplitMix64's finaliser in plain whole numbers."""
    cut, value = 2**64 - 1, 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & cut
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & cut
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & cut
    return max((value ^ (value >> 31)) & (2**63 - 1), 1)


def test_ids_that_are_no_numbers_are_hashed_alike_everywhere(tmp_path: Path) -> None:
    ids = ["o-1", "o-2", "o-3", "o-1", "o-2", "o-3"]
    got = read(tmp_path, GOOD | {"order_id": ids})
    assert got.order.tolist()[:3] == got.order.tolist()[3:]
    assert len(set(got.order.tolist())) == 3
    assert (got.order > 0).all()
    assert got.order.tolist()[:3] == [hashed(text) for text in ids[:3]]
    large = read(tmp_path, GOOD | {"order_id": pa.array([2**64 - 1, 5, 6, 2**64 - 1, 5, 6], pa.uint64())})
    assert large.order[0] == large.order[3] > 0
    assert large.order.tolist()[1:3] == [5, 6]


def test_order_ids_may_count_from_nought(tmp_path: Path) -> None:
    got = read(tmp_path, GOOD | {"order_id": [0, 1, 2, 0, 1, 2]})
    assert got.order[0] == got.order[3] != 0
    assert got.order.tolist()[1:3] == [1, 2]
    nobody = read(
        tmp_path,
        GOOD
        | {"order_id": [0, 0, 5, 0, 0, 5], "kind": ["new", "new", "new", "trade", "trade", "cancel"], "size": [1] * 6},
    )
    assert nobody.order.tolist() == [-1, -2, 5, 0, 0, 5]


def test_market_orders(tmp_path: Path) -> None:
    changes = {
        "kind": ["market", "new", "new", "trade", "cancel", "cancel"],
        "price": [10.0, None, np.nan, 10.0, None, 0.0],
    }
    same(read(tmp_path, GOOD | changes), price=[0, 0, 0, 100_000, 0, 0])


def test_a_deletion_takes_all_back_and_a_halt_says_which(tmp_path: Path) -> None:
    changes = {
        "kind": ["new", "delete", "cancel", "halt", "resume", "expired"],
        "size": [100, 70, 70, None, None, 70],
        "price": [10.0, 1.0, 1.0, None, None, 1.0],
    }
    got = read(tmp_path, GOOD | changes)
    assert got.kind.tolist() == [1, 2, 2, Kind.HALT, Kind.HALT, 2]
    assert got.size.tolist() == [100, 0, 70, 0, 0, 0]
    assert got.price[3:5].tolist() == [-1, 1]


def test_a_changed_order_is_two_rows(tmp_path: Path) -> None:
    changes = {
        "kind": ["new", "new", "new", "modify", "cancel", "replace"],
        "prev_order_id": [None, None, None, None, None, 13],
    }
    got = read(tmp_path, GOOD | changes | {"order_id": [11, 12, 13, 11, 12, 14]})
    assert got.seq.tolist() == [1, 2, 3, 4, 4, 5, 6, 6]
    assert got.kind.tolist() == [1, 1, 1, 2, 1, 2, 2, 1]
    assert got.order.tolist() == [11, 12, 13, 11, 11, 12, 13, 14]
    assert got.size.tolist() == [100, 200, 300, 0, 100, 0, 0, 50]


TRADES = {"kind": ["new", "new", "new", "trade", "trade", "trade"], "size": [1] * 6}


def test_both_sides_of_a_trade_in_one_row(tmp_path: Path) -> None:
    def names(table: EventTable, column: Any) -> list[str]:
        return [table.accounts[code] for code in column.tolist()]

    got = read(tmp_path, GOOD | TRADES | {"counterparty": [None, None, None, "c", None, "d"]})
    assert got.contra is not None
    assert names(got, got.contra) == ["", "", "", "c", "", "d"]
    got = read(
        tmp_path,
        GOOD
        | TRADES
        | {
            "account": ["x", "y", "z", None, None, None],
            "side": ["buy", "sell", "buy", "buy", "sell", None],
            "buyer": [None, None, None, "b1", "b2", "b3"],
            "seller": [None, None, None, "s1", "s2", "s3"],
            "order_id": [11, 12, 13, None, None, None],
            "buy_order_id": [None, None, None, 11, 11, 11],
            "sell_order_id": [None, None, None, 12, 12, 12],
        },
    )
    assert got.contra is not None
    assert got.contra_order is not None
    assert names(got, got.account)[3:] == ["b1", "s2", "b3"]
    assert names(got, got.contra)[3:] == ["s1", "b2", "s3"]
    assert got.order.tolist()[3:] == [11, 12, 11]
    assert got.contra_order.tolist() == [0, 0, 0, 12, 11, 12]
    assert got.side.tolist()[3:] == [1, -1, 1]
    got = read(
        tmp_path,
        GOOD
        | TRADES
        | {
            "maker_order_id": [None, None, None, 12, 12, 12],
            "taker_order_id": [None, None, None, 11, 11, 11],
            "maker": [None, None, None, "m", "m", "m"],
            "aggressor": [None, None, None, "t", "t", "t"],
        },
    )
    assert got.contra is not None
    assert got.contra_order is not None
    assert names(got, got.account)[3:] == ["m"] * 3
    assert names(got, got.contra) == ["", "", "", "t", "t", "t"]
    assert got.order.tolist()[3:] == [12] * 3
    assert got.contra_order.tolist() == [0, 0, 0, 11, 11, 11]


def test_coins_keep_their_digits(tmp_path: Path) -> None:
    problems = Problems()
    prices = [0.0000123, 0.0000124, 0.0000122, 0.0000123, 0.0000124, 0.0000122]
    sizes = [0.015, 0.25, 1.5, 0.015, 0.0, 0.001]
    got = read(tmp_path, GOOD | {"price": prices, "size": sizes}, problems)
    np.testing.assert_allclose(got.price / got.price[0], np.array(prices) / prices[0], rtol=1e-3)
    np.testing.assert_allclose(got.size / got.size[0], np.array(sizes) / sizes[0], rtol=1e-3)
    assert problems.counts() == {"coarse_price": 1, "fractional_size": 1}


def test_prices_without_a_tick_are_rounded(tmp_path: Path) -> None:
    problems = Problems()
    got = read(tmp_path, GOOD | {"price": [100.123456, 101.98765432, 99.1, 100.123456, 1.0, 1.0]}, problems)
    assert got.price.tolist()[:3] == [1_001_235, 1_019_877, 991_000]
    assert problems.counts() == {}


def csv(rows: list[str], separator: str = ",") -> str:
    head = separator.join(GOOD)
    return "\n".join([head, *rows]) + "\n"


def good_lines(separator: str = ",") -> list[str]:
    return [
        separator.join("" if cell is None else str(cell) for cell in row) for row in zip(*GOOD.values(), strict=True)
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_csv_files(tmp_path: Path, separator: str, suffix: str) -> None:
    file = tmp_path / f"events{suffix}"
    content = b"\xef\xbb\xbf" + csv(good_lines(separator), separator).encode()
    file.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    same(read_all(file))


def test_bad_rows_are_named_and_left_out(tmp_path: Path) -> None:
    lines = good_lines()
    bad = {
        2: (f"{START},A,2,new,99,x,buy", "unreadable"),  # two cells short
        4: ("soon,A,2,new,99,x,buy,1,1", "unreadable"),
        5: (f"{START + 2},A,2,explode,99,x,buy,1,1", "unknown_kind"),
        6: (f"{START + 2},,2,new,99,x,buy,1,1", "missing_symbol"),
        7: (f"{START + 2},A,2,new,99,x,buy,-1,1", "bad_price"),
        8: (f"{START + 2},A,2,new,99,x,buy,1,0", "bad_size"),
        9: (f"{START + 2},A,2,new,99,x,buy,dear,1", "unreadable"),
        10: (f"{START + 2},A,2,trade,99,x,buy,,1", "bad_price"),
        11: (f"{START + 2},A,2,cancel,,x,buy,1,1", "missing_order"),
        12: ("-9000000000000000000,A,2,new,99,x,buy,1,1", "time_out_of_range"),
        13: (f"{START + 2},A,2,modify,99,x,buy,,1", "incomplete_change"),
        14: (f"{START + 2},A,2,heartbeat,99,x,buy,1,1", "ignored_kind"),
        15: (f"{START + 2},A,2,new,99,x,buy,1,lots", "unreadable"),
        16: (f"{START + 2},A,none of yours,new,99,x,buy,1,1", "unreadable"),
        17: (f"{START + 2},A,2,new,99,x,buy,inf,1", "bad_price"),
        18: (f"{START + 2},A,2,cancel,99,x,buy,1,-5", "bad_size"),
        19: (f"{START + 2},A,2,new,99,x,buy,1,1e300", "bad_size"),
    }
    for number, (line, _) in bad.items():
        lines.insert(number - 1, line)
    file, problems = tmp_path / "events.csv", Problems()
    file.write_text(csv(lines))
    same(read_all(file, problems=problems))
    told = {problem.row: problem.code for problem in problems}
    assert told == {number: code for number, (_, code) in bad.items()}
    assert problems.examples("unknown_kind")[0].message == "'explode' is no kind of event that is known"
    assert {(p.seq, p.symbol) for p in problems.examples("bad_size")} == {(2, "A")}


def test_an_unknown_side_is_told_and_kept(tmp_path: Path) -> None:
    problems = Problems()
    same(read(tmp_path, GOOD | {"side": ["buy", "up", None, "buy", None, "buy"]}, problems), side=[1, 0, 0, 1, 0, 1])
    assert problems.counts() == {"unknown_side": 2}


def test_a_wrong_byte_does_not_lose_the_file(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(csv(good_lines()).replace(",x,", ",\xff,").encode("latin-1"))
    same(read_all(file), account=["\ufffd", "y", "", "\ufffd", "y", ""])


def test_lost_numbers_are_told_over_the_venue_or_by_symbol(tmp_path: Path) -> None:
    n = 100
    base = {
        "timestamp_ns": [START + i for i in range(n)],
        "symbol": ["A", "B"] * (n // 2),
        "kind": ["new"] * n,
        "order_id": list(range(1, n + 1)),
        "account": ["x"] * n,
        "side": ["buy"] * n,
        "price": [1.0] * n,
        "size": [1] * n,
    }
    for seq, missing in (
        ([i if i < 50 else i + 7 for i in range(n)], "7 numbers are missing before 57"),
        ([i // 2 if i < 51 else i // 2 + (3 if i % 2 else 0) for i in range(n)], "3 numbers are missing before 28"),
    ):
        problems = Problems()
        read(tmp_path, base | {"venue_seq": seq}, problems)
        assert [problem.message for problem in problems] == [missing]
    problems = Problems()
    read(tmp_path, base | {"venue_seq": [10 * i for i in range(n)]}, problems)  # it counts more than we were given
    assert problems.counts() == {}


def test_a_clock_that_steps_back_a_little_does_not_change_the_order(tmp_path: Path) -> None:
    problems = Problems()
    times = [START, START + 500, START + 300, START + 600, START + 700, START + 650]
    same(
        read(tmp_path, GOOD | {"timestamp_ns": times}, problems),
        time=[START, START + 500, START + 500, START + 600, START + 700, START + 700],
    )
    assert problems.counts() == {"clock_back": 2}


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_events(tmp_path / "events.parquet")
    with pytest.raises(InputError, match="is a folder"):
        read_events(tmp_path)
    (tmp_path / "events.xlsx").write_text("x")
    with pytest.raises(InputError, match=r"suffix '\.xlsx' is not known"):
        read_events(tmp_path / "events.xlsx")
    for name in ("events.csv", "events.parquet"):
        (tmp_path / name).write_text("")
        with pytest.raises(InputError):
            read_events(tmp_path / name)
    (tmp_path / "events.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(InputError, match="cannot be read"):
        read_events(tmp_path / "events.parquet")
    (tmp_path / "events.csv").write_text(",".join([*GOOD, "kind"]) + "\n")
    with pytest.raises(SchemaError, match="there twice"):
        read_events(tmp_path / "events.csv")


def test_files_without_rows(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(",".join(GOOD) + "\n")
    assert list(read_events(tmp_path / "events.csv")) == []
    pl.DataFrame(GOOD).clear().write_parquet(tmp_path / "events.parquet")
    assert len(read_all(tmp_path / "events.parquet")) == 0


def test_news_and_quotes_are_merged_in(tmp_path: Path) -> None:
    news, quotes, file = tmp_path / "news.csv", tmp_path / "quotes.csv", tmp_path / "events.csv"
    file.write_text(csv(good_lines()))
    news.write_text(
        "symbol,published_at,source,text,sentiment\n"
        "B,2024-01-02T14:30:00.000000003Z,wire,Profit up,0.8\n"
        "A,2024-01-02T14:29:00Z,wire,Profit down,negative\n"
        "A,never,wire,Nothing,0\n"
        "C,2024-01-02T15:00:00Z,wire,Later,0.01\n"
    )
    quotes.write_text(
        "timestamp,symbol,bid_price,bid_size,ask_price,ask_size\n"
        f"{START + 2},A,9.5,100,10.5,200\n{START + 9},A,,0,10.5,200\n{START + 9},A,x,0,10.5,200\n"
    )
    problems = Problems()
    for chunk_rows in (1, 4, 1000):
        got = list(read_events(file, chunk_rows=chunk_rows, news=news, quotes=quotes, problems=problems))
        kinds = np.concatenate([part.kind for part in got]).tolist()
        assert kinds == [6, 1, 1, 7, 7, 1, 6, 3, 2, 2, 7, 7, 6]
        sides = np.concatenate([part.side for part in got])
        assert [side for side, kind in zip(sides.tolist(), kinds, strict=True) if kind == 6] == [-1, 1, 0]
        assert [side for side, kind in zip(sides.tolist(), kinds, strict=True) if kind == 7] == [1, -1, 1, -1]
        prices = np.concatenate([part.price for part in got])
        assert [p for p, kind in zip(prices.tolist(), kinds, strict=True) if kind == 7] == [95_000, 105_000, 0, 105_000]
    assert problems.counts() == {"unreadable": 6}


CELL = st.one_of(
    st.none(),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=6),
    st.sampled_from(["new", "trade", "cancel", "buy", "sell", "A", "modify", "quote", "halt", "2024-01-01", "1e400"]),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=9, max_size=9), max_size=8), seed=st.integers(0, 99))
def test_nonsense_never_stops_a_run_nor_loses_a_good_row(
    rows: list[list[str | None]], seed: int, tmp_path: Path
) -> None:
    good = [[None if cell is None else str(cell) for cell in row] for row in zip(*GOOD.values(), strict=True)]
    lines = [*good, *rows]
    np.random.default_rng(seed).shuffle(lines)  # type: ignore[arg-type]
    file = tmp_path / "events.parquet"
    cells = list(zip(*lines, strict=True))
    pl.DataFrame(dict(zip(GOOD, cells, strict=True)), schema=dict.fromkeys(GOOD, pl.String)).write_parquet(file)
    problems = Problems()
    got = read_all(file, problems=problems, options=ReadOptions(time_unit="ns"))
    assert (np.diff(got.time) >= 0).all()
    assert set(GOOD["venue_seq"]) <= set(got.seq.tolist())
    executed = np.isin(got.kind, (Kind.TRADE, Kind.HIDDEN))
    assert (got.size[executed] > 0).all()
    assert (got.price[executed] > 0).all()
    assert (got.size >= 0).all()
    assert (got.symbol >= 0).all()
    assert np.isin(got.side, (-1, 0, 1)).all()


def test_dates_are_midnights(tmp_path: Path) -> None:
    days = {"date": [dt.date(2024, 1, 2)] * 6} | {k: v for k, v in GOOD.items() if k != "timestamp_ns"}
    assert read(tmp_path, days).time.tolist() == [START // 86_400_000_000_000 * 86_400_000_000_000] * 6
