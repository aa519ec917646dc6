"""Runs over files of people who write what they like: what comes out is the same, or says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tradewind.core import InputError, OutputError
from tradewind.surveillance.events import Problems, read_all
from tradewind.surveillance.live.rules_only import rules_only
from tradewind.surveillance.live.run import RunPlan, run
from tradewind.surveillance.live.sources import EventFiles

NOON = 1_700_000_000_000_000_000
COLUMNS = ("scheme", "start", "end", "symbol", "accounts", "score", "tier")


def frame(rows: int = 3_000, symbols: int = 1, seed: int = 5) -> pl.DataFrame:
    """Return orders of six accounts that enter, take back and trade, with the columns of the contract."""
    rng = np.random.default_rng(seed)
    side = rng.choice(["buy", "sell"], rows)
    buys = np.where(side == "buy", 1, -1)
    table: dict[str, Any] = {
        "timestamp_ns": NOON + np.cumsum(rng.integers(1, 400, rows)) * 1_000_000,
        "symbol": [f"S{i}" for i in rng.integers(0, symbols, rows)],
        "venue_seq": np.arange(1, rows + 1),
        "kind": ["new"] * rows,
        "order_id": np.arange(1, rows + 1),
        "account": [f"W{i}" for i in rng.integers(0, 6, rows)],
        "side": side,
        "price": 100.0 - 0.01 * buys * rng.integers(-1, 6, rows),
        "size": 100 * rng.integers(1, 20, rows),
    }
    for row in np.flatnonzero(rng.random(rows) < 0.45).tolist():
        if row:
            before = int(rng.integers(max(0, row - 8), row))
            for name in ("order_id", "account", "side", "price", "symbol"):
                table[name][row] = table[name][before]
            table["kind"][row] = "cancel"
    return pl.DataFrame(table)


def ran(events: pl.DataFrame, folder: Path, name: str = "events", chunk: int = 100_000) -> pl.DataFrame:
    """Run the rules over ``events`` and return alerts.parquet."""
    path = folder / f"{name}.parquet"
    events.write_parquet(path)
    run(RunPlan(files=EventFiles.of(path), model=rules_only(0.2), chunk=chunk), folder / name)
    return pl.read_parquet(folder / name / "alerts.parquet")


@pytest.fixture(scope="module")
def orders() -> pl.DataFrame:
    return frame()


@pytest.fixture(scope="module")
def alerts(orders: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return ran(orders, tmp_path_factory.mktemp("whole"))


def test_the_columns_that_others_compare_by_have_their_types(alerts: pl.DataFrame) -> None:
    assert len(alerts) > 3
    types = [pl.String, pl.Int64, pl.Int64, pl.String, pl.List(pl.String), pl.Float64, pl.String]
    assert [alerts.schema[name] for name in COLUMNS] == types
    assert (alerts["start"] <= alerts["end"]).all()
    assert (alerts["start"] <= alerts["known_at"]).all()
    assert (alerts["accounts"].list.len() > 0).all()


@pytest.mark.slow
def test_the_same_file_again_gives_the_same_bytes(orders: pl.DataFrame, tmp_path: Path) -> None:
    ran(orders, tmp_path, "one")
    ran(orders, tmp_path, "two")
    assert (tmp_path / "one" / "alerts.parquet").read_bytes() == (tmp_path / "two" / "alerts.parquet").read_bytes()


def spellings(orders: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the same events as others would write them."""
    text = pl.col("symbol", "kind", "account", "side")
    moment = pl.col("timestamp_ns").cast(pl.Datetime("ns"))
    yield "shuffled", orders.sample(fraction=1.0, shuffle=True, seed=1)
    yield "reversed", orders.reverse()
    yield "twice", pl.concat([orders, orders])
    yield "categories", orders.with_columns(text.cast(pl.Categorical))
    yield "zone", orders.with_columns(moment.dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York"))
    yield "microseconds", orders.with_columns(moment.cast(pl.Datetime("us")))
    yield "signs", orders.with_columns(pl.when(pl.col("side") == "buy").then(1).otherwise(-1).alias("side"))
    yield "words", orders.with_columns(text.str.to_uppercase())
    yield "ids", orders.with_columns(pl.format("O-{}", pl.col("order_id")).alias("order_id"))
    yield "bytes", orders.with_columns(text.cast(pl.Binary))
    yield "numbered", orders.with_columns(pl.lit(0).alias("venue_seq"))
    yield "more", orders.select(orders.columns[::-1]).with_columns(pl.lit("x").alias("note"))


@pytest.mark.slow
def test_spellings_disorder_and_repeats_change_no_alert(
    orders: pl.DataFrame, alerts: pl.DataFrame, tmp_path: Path
) -> None:
    for name, written in spellings(orders):
        found = ran(written, tmp_path, name).select(COLUMNS)
        assert found.equals(alerts.select(COLUMNS)), name


def test_the_rows_read_at_once_change_no_alert(orders: pl.DataFrame, alerts: pl.DataFrame, tmp_path: Path) -> None:
    assert ran(orders, tmp_path, chunk=7).equals(alerts)


def test_a_file_with_its_columns_and_no_row_gives_no_alert(orders: pl.DataFrame, tmp_path: Path) -> None:
    assert len(ran(orders.head(0), tmp_path)) == 0
    said = json.loads((tmp_path / "events" / "problems.json").read_text())
    assert [one["code"] for one in said["problems"]] == ["no_events"]
    assert len(ran(orders.head(1), tmp_path, "one")) == 0


def test_a_file_of_which_no_row_can_be_used_leaves_no_alerts_of_an_earlier_run(
    orders: pl.DataFrame, tmp_path: Path
) -> None:
    assert len(ran(orders, tmp_path))
    with pytest.raises(InputError, match="not one row could be used"):
        ran(orders.with_columns(pl.lit("flurb").alias("kind")), tmp_path)
    assert sorted(path.name for path in (tmp_path / "events").iterdir()) == ["problems.json", "problems.parquet"]


def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(orders: pl.DataFrame, tmp_path: Path) -> None:
    orders.write_parquet(tmp_path / "events.parquet")
    (tmp_path / "out").write_text("a file")
    rows: list[int] = []
    plan = RunPlan(files=EventFiles.of(tmp_path / "events.parquet"), model=rules_only())
    with pytest.raises(OutputError, match="cannot write"):
        run(plan, tmp_path / "out", lambda done, total, rate: rows.append(done))
    assert not rows


def test_numbers_that_count_within_each_of_many_symbols_put_a_shuffled_file_in_order(tmp_path: Path) -> None:
    orders = frame(2_000, symbols=40).with_columns(
        pl.int_range(1, pl.len() + 1).over("symbol").alias("venue_seq"), (pl.col("timestamp_ns") // 10**9 * 10**9)
    )
    orders.write_parquet(tmp_path / "a.parquet")
    orders.sample(fraction=1.0, shuffle=True, seed=2).write_parquet(tmp_path / "b.parquet")
    whole, mixed = read_all(tmp_path / "a.parquet"), read_all(tmp_path / "b.parquet")
    for symbol in range(40):
        name = whole.symbols[symbol]
        mine, theirs = whole.symbol == symbol, mixed.symbol == mixed.symbols.find(name)
        np.testing.assert_array_equal(whole.seq[mine], mixed.seq[theirs])
        np.testing.assert_array_equal(whole.order[mine], mixed.order[theirs])


def test_a_number_that_never_changes_is_no_sequence_and_drops_no_row(tmp_path: Path) -> None:
    rows = frame(40).with_columns(pl.lit(0).alias("venue_seq"))
    pl.concat([rows.head(1)] * 3 + [rows]).write_parquet(tmp_path / "events.parquet")
    problems = Problems()
    found = read_all(tmp_path / "events.parquet", problems=problems)
    assert len(found) == 43
    assert problems.counts() == {"missing_column": 1}
    assert found.seq.tolist() == list(range(1, 44))


def test_a_time_of_zero_in_a_file_of_dates_is_a_blank_and_in_one_that_starts_at_zero_it_is_a_time(
    orders: pl.DataFrame, tmp_path: Path
) -> None:
    blank = pl.when(pl.col("venue_seq") % 50 == 0).then(0).otherwise(pl.col("timestamp_ns")).alias("timestamp_ns")
    orders.with_columns(blank).write_parquet(tmp_path / "blank.parquet")
    problems = Problems()
    assert len(read_all(tmp_path / "blank.parquet", problems=problems)) == 2_940
    assert problems.counts()["time_out_of_range"] == 60
    sessions, rows = EventFiles.of(tmp_path / "blank.parquet").look()
    assert (len(sessions.opens), rows) == (1, 2_940)
    orders.with_columns(pl.col("timestamp_ns") - NOON).write_parquet(tmp_path / "zero.parquet")
    assert len(read_all(tmp_path / "zero.parquet")) == 3_000


def test_words_for_nothing_are_nobody_and_no_order(tmp_path: Path) -> None:
    rows = frame(200).with_columns(
        pl.when(pl.col("venue_seq") % 2 == 0).then(pl.lit("None")).otherwise("account").alias("account"),
        pl.when(pl.col("venue_seq") % 2 == 0)
        .then(pl.lit("None"))
        .otherwise(pl.format("O{}", "order_id"))
        .alias("order_id"),
        pl.lit("trade").alias("kind"),
    )
    rows.write_parquet(tmp_path / "events.parquet")
    found = read_all(tmp_path / "events.parquet")
    assert (found.account[1::2] == -1).all()
    assert (found.order[1::2] == 0).all()
    assert (found.account[::2] >= 0).all()
    assert "None" not in found.accounts.all()


def test_a_run_that_is_interrupted_leaves_nothing_that_looks_like_a_result(
    orders: pl.DataFrame, tmp_path: Path
) -> None:
    ran(orders, tmp_path)

    def interrupt(done: int, total: int, rate: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(
            RunPlan(files=EventFiles.of(tmp_path / "events.parquet"), model=rules_only()),
            tmp_path / "events",
            interrupt,
        )
    assert list((tmp_path / "events").iterdir()) == []
