"""`tradewind stream`: what lies in the log, what was refused, and records sent by hand."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tradewind.streaming.log import EmbeddedLog, open_log
from tradewind.streaming.records import Bar

DAY = 86_400_000_000
NOW = 1_700_000_000_000_000


def bar(day: int, symbol: str = "AAPL") -> Bar:
    time = NOW + day * DAY
    return Bar(
        symbol=symbol,
        time=time,
        known_at=time + 1,
        open=1.0,
        high=2.0,
        low=0.5,
        close=1.5,
        adj_close=1.5,
        volume=float("nan"),
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    with EmbeddedLog.open(tmp_path / "state" / "log") as log:
        producer = log.producer()
        producer.send_many([bar(day, symbol) for day in range(3) for symbol in ("AAPL", "MSFT")])
        producer.close()
    return tmp_path / "state"


@pytest.mark.slow
def test_topics_ends_and_groups_with_their_lag(tradewind: Any, state: Path) -> None:
    with open_log(str(state / "log")) as log:
        consumer = log.consumer(["bars"], group="desk")
        taken = 0
        while taken < 4:
            taken += len(consumer.poll(4 - taken, 0.1))
        consumer.commit()
        consumer.close()
    found = tradewind("stream", "show", "--state", state, "--json").json
    (bars,) = [topic for topic in found["topics"] if topic["topic"] == "bars"]
    assert bars["messages"] == bars["end"] == sum(part["end"] for part in bars["partitions"]) == 6
    (desk,) = found["groups"]
    assert (desk["group"], desk["members"]) == ("desk", 0)
    ends = {part["partition"]: part["end"] for part in bars["partitions"]}
    assert desk["lag"] == sum(ends[one["partition"]] - one["offset"] for one in desk["positions"]) == 2
    shown = tradewind("stream", "show", "--state", state)
    assert shown.code == 0
    assert "bars" in shown.out
    assert "desk" in shown.out


def test_a_log_that_is_not_there_is_not_made(tradewind: Any, tmp_path: Path) -> None:
    said = tradewind("stream", "show", "--state", tmp_path / "none")
    assert said.code == 2
    assert "there is no event log" in said.err
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_dead_letters_come_with_place_reason_and_record(tradewind: Any, state: Path) -> None:
    impossible = Bar(**{name: getattr(bar(5), name) for name in Bar.__struct_fields__} | {"high": 0.1})
    with open_log(str(state / "log")) as log:
        producer = log.producer()
        producer.send(impossible)
        producer.close()
        consumer = log.consumer(["bars"], group=None)
        while consumer.lag():
            consumer.poll(100, 0.1)
        consumer.close()
    (row,) = tradewind("stream", "dead", "--state", state, "--json").json
    assert row["topic"] == "bars"
    assert "high 0.1" in row["reason"]
    assert json.loads(row["record"])["high"] == 0.1
    assert tradewind("stream", "dead", "--topic", "news", "--state", state, "--json").json == []


@pytest.mark.slow
def test_what_is_printed_can_be_sent_and_gives_the_same_log(
    tradewind: Any, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tradewind("stream", "replay", "--state", state).out
    EmbeddedLog.open(tmp_path / "other").close()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    sent = tradewind("stream", "send", "-", "--log", tmp_path / "other", "--json")
    assert sent.code == 0
    assert sent.json == {"written": 6, "refused": 0}
    assert tradewind("stream", "replay", "--log", tmp_path / "other").out == lines
    copied = tradewind("stream", "replay", "--state", state, "--to", tmp_path / "copy", "--json")
    assert copied.json["written"] == {"bars": 6}
    assert tradewind("stream", "replay", "--log", tmp_path / "copy").out == lines


def test_a_log_is_not_replayed_into_itself(tradewind: Any, state: Path) -> None:
    said = tradewind("stream", "replay", "--state", state, "--to", state / "log")
    assert said.code == 2
    assert "into itself" in said.err


def test_each_bad_line_is_told_and_the_others_go_in(
    tradewind: Any, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {
        "type": "bar",
        "symbol": "AAPL",
        "time": NOW + 9 * DAY,
        "known_at": NOW + 9 * DAY,
        **dict.fromkeys(("open", "high", "low", "close", "adj_close"), 3.0),
        "volume": None,
    }
    bad = [
        "{",
        json.dumps(good | {"type": "prediction"}),
        json.dumps(good | {"close": "3"}),
        json.dumps({name: value for name, value in good.items() if name != "close"}),
        json.dumps(good | {"high": 1.0}),
        json.dumps(good | {"clos": 3.0}),
    ]
    text = "\n".join([*bad, "", json.dumps(good)]) + "\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    said = tradewind("stream", "send", "-", "--state", state)
    assert said.code == 2
    assert "Wrote 1 records, refused 6 lines" in said.out
    errors = [line for line in said.err.splitlines() if line.startswith("error:")]
    for number, (line, what) in enumerate(
        zip(errors, ("no JSON", "'type'", "'close'", "'close'", "high 1.0", "'clos'"), strict=True), 1
    ):
        assert f"row {number}" in line
        assert what in line
        assert "Fix:" in line


@pytest.mark.slow
def test_a_file_is_sent_once(tradewind: Any, state: Path, market_files: Path) -> None:
    flags = ("--prices", market_files / "prices.parquet", "--news", market_files / "news.parquet")
    first = tradewind("stream", "send", *flags, "--state", state, "--json").json
    assert first["bars"] > 3000
    assert first["items"] > 0
    again = tradewind("stream", "send", *flags, "--state", state, "--json").json
    assert again == {"bars": 0, "corrected": 0, "items": 0}


@pytest.mark.slow
@pytest.mark.parametrize("given", [(), ("-", "--prices", "x.csv"), ("bars.jsonl",)])
def test_one_source_is_sent_at_a_time(tradewind: Any, state: Path, given: tuple[str, ...]) -> None:
    said = tradewind("stream", "send", *given, "--state", state)
    assert said.code == 2
    assert "Fix:" in said.err
