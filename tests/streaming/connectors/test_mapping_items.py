"""An item becomes the right record, or is refused with a reason that names the field."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core.clock import FixedClock
from tradewind.data.calendar import session_closes
from tradewind.streaming.connectors.mapping import Mapper, RejectedItem
from tradewind.streaming.connectors.paths import MISSING, items_at, look_up
from tradewind.streaming.connectors.settings import HttpSettings, TimeSettings
from tradewind.streaming.connectors.times import bar_times, parse_time, write_time
from tradewind.streaming.records import Bar, NewsItem
from tradewind.streaming.schema import SCHEMAS

NOW = datetime(2024, 3, 8, 22, 0, tzinfo=UTC)
FIELDS = {"symbol": "s", "time": "t", "open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
ITEM = {"s": "AAPL", "t": "2024-03-08", "o": 10.0, "h": "12.5", "l": 9, "c": 11.0, "v": 1000}


def mapper(**changes: Any) -> Mapper:
    values = {"kind": "http", "name": "x", "topic": "bars", "url": "http://h/", "fields": FIELDS, **changes}
    return Mapper(HttpSettings.model_validate(values), clock=FixedClock(NOW))


def micros(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))


def test_a_daily_bar_is_known_at_the_close_of_its_session() -> None:
    (found,) = mapper().map(ITEM)
    bar = found.record
    assert isinstance(bar, Bar)
    assert (bar.symbol, bar.open, bar.high, bar.low, bar.close, bar.adj_close) == ("AAPL", 10, 12.5, 9, 11, 11)
    assert bar.time == micros("2024-03-08")
    assert bar.known_at == micros("2024-03-08T21:00")
    assert bar.source == "x"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"h": 8.0}, "contradict"),
        ({"o": -1}, "open: -1 is not above 0"),
        ({"c": "nan"}, "close: 'nan' is not finite"),
        ({"c": None}, "close: nothing at 'c'"),
        ({"v": True}, "volume: True is not a number"),
        ({"v": [1]}, "volume: [1] is not a number"),
        ({"t": "yesterday"}, "time: 'yesterday' is not a time"),
        ({"t": "2024-05-01"}, "the bar lies in the future"),
        ({"s": 7}, "symbol: 7 is no symbol"),
        ({"s": "A\nB"}, "is no symbol"),
    ],
)
def test_an_impossible_bar_is_refused_with_the_field_and_the_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(RejectedItem, match=reason.replace("[", r"\[").replace("]", r"\]")):
        mapper().map({**ITEM, **change})


@pytest.mark.parametrize("item", [None, 3, "text", True])
def test_what_is_no_object_is_refused(item: Any) -> None:
    with pytest.raises(RejectedItem, match="must be an object"):
        mapper().map(item)


def test_a_corrected_bar_is_another_version_and_a_repeated_one_is_not() -> None:
    first, same, corrected = (mapper().map(item)[0] for item in (ITEM, dict(ITEM), {**ITEM, "c": 11.5}))
    assert first == same
    assert first.key == corrected.key
    assert first.version != corrected.version


def test_news_is_given_to_every_cashtag_that_is_ours() -> None:
    news = mapper(
        topic="news",
        symbol_from="cashtags",
        fields={"time": "at", "text": "body", "id": "n"},
        symbols=["AAPL", "BRK.B"],
    )
    text = "Long $aapl and $BRK.B, not $TSLA; pays $5 and US$AAPL $AAPL"
    found = news.map({"at": "2024-03-08T12:00:00-05:00", "body": text, "n": 17})
    assert [part.record.symbol for part in found] == ["AAPL", "BRK.B"]
    assert [part.key for part in found] == ["17|AAPL", "17|BRK.B"]
    assert all(isinstance(p.record, NewsItem) and p.record.published_at == micros("2024-03-08T17:00") for p in found)


def test_aliases_become_our_symbols_and_others_are_passed_over() -> None:
    ours = mapper(aliases={"AAPL.US": "AAPL"}, symbols=["AAPL"])
    assert ours.map({**ITEM, "s": "AAPL.US"})[0].record.symbol == "AAPL"
    assert ours.map({**ITEM, "s": "MSFT"}) == []


def test_fields_may_be_constants_and_lie_deep() -> None:
    fields = {**FIELDS, "symbol": "=SPY", "close": "last.0.price"}
    (found,) = mapper(fields=fields).map({**ITEM, "last": [{"price": 10.5}]})
    assert (found.record.symbol, found.record.close) == ("SPY", 10.5)  # type: ignore[union-attr]


def test_an_intraday_bar_is_named_and_known_by_its_end() -> None:
    minute = TimeSettings(bar=60, stamp="start")
    assert bar_times(0, minute) == (60_000_000, 60_000_000)
    assert bar_times(0, TimeSettings(bar=60)) == (0, 0)


def test_a_session_is_the_exchanges_date_and_half_days_close_early() -> None:
    late = parse_time("2024-11-29T23:30:00-05:00", TimeSettings())
    time, known_at = bar_times(late, TimeSettings(zone="America/New_York"))
    assert time == micros("2024-11-29")
    assert known_at == micros("2024-11-29T18:00") == session_closes(np.array(["2024-11-29"], "M8[D]"))[0].astype(int)


@pytest.mark.parametrize(
    ("value", "settings"),
    [
        ("2021-01-01T00:00:00Z", {}),
        ("2020-12-31T19:00:00", {"zone": "America/New_York"}),
        (1609459200, {"format": "s"}),
        ("1609459200", {"format": "s"}),
        (1609459200000, {"format": "ms"}),
        (1609459200000000123, {"format": "ns"}),
        ("Thu, 31 Dec 2020 19:00:00 -0500", {"format": "rfc2822"}),
        ("01/01/2021 00:00", {"format": "%d/%m/%Y %H:%M"}),
    ],
)
def test_every_way_of_writing_a_time_gives_the_same_moment(value: Any, settings: dict[str, Any]) -> None:
    assert parse_time(value, TimeSettings(**settings)) == micros("2021-01-01")


@given(micros=st.integers(-(2**51), 2**52), form=st.sampled_from(["iso", "us", "ns"]))
def test_a_written_time_is_read_back(micros: int, form: Any) -> None:
    assert abs(parse_time(write_time(micros, form), TimeSettings(format=form)) - micros) <= (form == "iso")


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=30), st.lists(st.integers(), max_size=3)))
def test_no_value_of_any_field_breaks_the_mapper(value: Any) -> None:
    for name in ITEM:
        with suppress(RejectedItem):
            (found,) = mapper().map({**ITEM, name: value})
            assert isinstance(found.record, Bar)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.text("ab.0-1", max_size=8))
def test_a_path_finds_something_or_says_it_is_missing(value: Any, path: str) -> None:
    look_up(value, path)
    assert look_up({"k": value}, "k") == value
    assert look_up([value], "0") == value
    assert look_up({"k": value}, "other") is MISSING


def test_items_lie_in_a_list_or_under_keys() -> None:
    assert list(items_at({"d": {"x": [1, 2]}}, "d.x", keyed=False)) == [(None, 1), (None, 2)]
    assert list(items_at({"d": {"A": [1, 2], "B": 3}}, "d", keyed=True)) == [("A", 1), ("A", 2), ("B", 3)]
    with pytest.raises(LookupError, match="no list of items at 'd' but a dict"):
        list(items_at({"d": {}}, "d", keyed=False))


HOSTILE = [
    None, True, 2**61, -(2**61), 2**70, 10**400, 253_402_300_800, "", "\u00b2", "nan", "9" * 5000, "\ud800",
    "A" * 2_000_000, "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", [], {},
]  # fmt: skip
WHOLE: dict[str, dict[str, Any]] = {
    "bars": {"time": "2024-03-08", "open": 1, "high": 2, "low": 1, "close": 1.5, "volume": 3, "fear": 1},
    "quotes": {"time": "2024-03-08", "bid": 1, "bid_size": 1, "ask": 1, "ask_size": 1, "sequence": 1},
    "trades": {"time": "2024-03-08", "price": 1, "size": 1},
    "news": {"time": "2024-03-08", "text": "words", "title": "more"},
}


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["iso", "s", "us"])
@pytest.mark.parametrize("symbol_from", ["field", "key"])
@pytest.mark.parametrize("topic", WHOLE)
def test_whatever_a_server_sends_is_a_record_that_the_log_takes_or_is_refused(
    topic: str, symbol_from: str, unit: str
) -> None:
    item = WHOLE[topic] | {"symbol": "A", "id": "i"}
    time = {"format": unit, "ahead": 1e12}
    fields = {name: name for name in item}
    maps = mapper(topic=topic, fields=fields, symbol_from=symbol_from, time=time)
    item["time"] = {"iso": "2024-03-08", "s": 1_709_931_600, "us": 1_709_931_600_000_000}[unit]
    assert maps.map(item, symbol="A" if symbol_from == "key" else None)
    for name in item:
        for value in HOSTILE:
            broken = item | {name: value}
            key = broken["symbol"] if isinstance(broken["symbol"], str) else "A"
            try:
                (found,) = maps.map(broken, symbol=key if symbol_from == "key" else None)
            except RejectedItem:
                continue
            assert len(SCHEMAS.encode(found.record)[2]) < 2**20
            found.key.encode()
