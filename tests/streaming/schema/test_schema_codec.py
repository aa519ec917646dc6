"""Records to bytes and back, and what is refused on the way."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tradewind.core import UsageError
from tradewind.streaming.records import Bar, NewsItem, Prediction, Quote, Trade
from tradewind.streaming.schema import SCHEMAS, DeadLetter, Kind, Schemas, UnreadableError

NOW = 1_700_000_000_000_000
DAY = 86_400_000_000
prices = st.floats(min_value=1e-9, max_value=1e12)
maybe = st.one_of(prices, st.just(math.nan))


def bar(**fields: Any) -> Bar:
    """Return a bar with ``fields``."""
    values = {"open": 10.0, "high": 11.0, "low": 9.0, "close": 10.5, "adj_close": 10.5, "volume": 100.0}
    return Bar(**{"symbol": "A", "time": NOW, "known_at": NOW, **values, **fields})


def prediction(**fields: Any) -> Prediction:
    """Return a prediction with ``fields``."""
    values = {"probability": 0.6, "expected_return": 0.01, "lower": -0.02, "upper": 0.03}
    names = {"id": "p", "symbol": "A", "model": "m/1", "inputs_id": "i"}
    return Prediction(**{"time": NOW, "known_at": NOW, "made_at": NOW, **names, **values, **fields})


def there_and_back(record: Any) -> Any:
    """Return ``record`` after a way through bytes."""
    _, schema, value = SCHEMAS.encode(record)
    json.loads(value)  # any reader of JSON can have it
    return SCHEMAS.decode(schema, value, NOW)


@given(st.builds(bar, close=prices, open=maybe, adj_close=maybe, volume=maybe, fear=st.one_of(st.none(), prices)))
def test_a_bar_comes_back_bit_for_bit(record: Bar) -> None:
    assert repr(there_and_back(record)) == repr(record)


@given(st.text(min_size=1), st.text())
def test_any_text_comes_back(symbol: str, text: str) -> None:
    record = NewsItem(symbol=symbol, published_at=NOW, text=text)
    assert there_and_back(record) == record


def test_a_prediction_without_an_interval_comes_back() -> None:
    found = there_and_back(prediction(lower=math.nan, upper=math.nan))
    assert math.isnan(found.lower)
    assert math.isnan(found.upper)
    assert found.probability == 0.6


def test_infinity_is_missing_once_written() -> None:
    assert math.isnan(there_and_back(bar(volume=math.inf)).volume)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (bar(close=math.nan), "close"),
        (bar(close=math.inf), "close"),
        (bar(close=0.0), "close 0.0"),
        (bar(open=-1.0), "open -1.0"),
        (bar(low=-1.0), "low -1.0"),
        (bar(adj_close=0.0), "adj_close 0.0"),
        (bar(high=8.0), "high 8.0, low 9.0"),
        (bar(volume=-1.0), "volume -1.0"),
        (bar(symbol=""), "symbol is empty"),
        (bar(known_at=NOW - 1), "known_at 1699999999999999 lies before time"),
        (bar(time=NOW * 1000, known_at=NOW * 1000), "more than a year after"),
        (bar(known_at=NOW + 367 * DAY), "known_at 1731708800000000 lies more than a year after"),
        (bar(time=-3 * NOW), "before 1900"),
        (Quote(symbol="A", time=NOW, bid=-1.0, bid_size=1, ask=2.0, ask_size=1), "impossible quote"),
        (Quote(symbol="A", time=NOW, bid=1.0, bid_size=-1, ask=2.0, ask_size=1), "impossible quote"),
        (Trade(symbol="A", time=NOW, price=0.0, size=1.0), "impossible trade"),
        (Trade(symbol="A", time=NOW, price=math.nan, size=1.0), "price"),
        (Trade(symbol="", time=NOW, price=1.0, size=1.0), "symbol is empty"),
        (NewsItem(symbol="A", published_at=NOW * 1000, text="x"), "published_at"),
        (prediction(probability=1.01), "outside"),
        (prediction(probability=math.nan), "probability"),
        (prediction(lower=0.1, upper=-0.1), "lower 0.1 is above"),
    ],
)
def test_the_impossible_is_refused_with_its_reason(record: Any, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        there_and_back(record)


@pytest.mark.parametrize(
    "record", [bar(close=12.0), bar(known_at=NOW + 300 * DAY), bar(time=-(2**50)), bar(volume=0.0)]
)
def test_the_merely_odd_passes(record: Bar) -> None:
    assert there_and_back(record) == record


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        ("", b"{}", "no schema header"),
        ("candle/1", b"{}", "unknown kind of record 'candle/1'"),
        ("bar", b"{}", "has no version"),
        ("bar/x", b"{}", "has no version"),
        ("bar/0", b"{}", "has no version"),
        ("bar/2", b"{}", "newer than 'bar/1'"),
        ("bar/1", b"", "no bar/1"),
        ("bar/1", b"\xff\xfe", "no bar/1"),
        ("bar/1", b"[" * 100_000, "no bar/1"),
        ("bar/1", b'{"type":"quote"}', "no bar/1"),
        ("bar/1", b'{"type":"bar","symbol":"A"}', "missing required field"),
        ("bar/1", b'{"type":"bar","symbol":7}', "Expected `str`"),
    ],
)
def test_bytes_that_are_no_record_are_refused(schema: str, value: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        SCHEMAS.decode(schema, value, NOW)


@given(st.sampled_from(["bar/1", "quote/1", "trade/1", "news/1", "prediction/1", "dead/1"]), st.binary(max_size=60))
def test_no_bytes_make_it_fail_otherwise(schema: str, value: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        assert SCHEMAS.decode(schema, value, NOW) is not None


def test_a_dead_letter_keeps_any_bytes_and_names_its_topic() -> None:
    letter = DeadLetter(topic="bars", partition=3, offset=9, reason="x", value=bytes(range(256)))
    topic, schema, value = SCHEMAS.encode(letter)
    assert (topic, schema) == ("bars.dead", "dead/1")
    assert SCHEMAS.decode(schema, value, NOW) == letter


class TickOne(Struct, tag="tick"):
    """The first version."""

    price: float


class Tick(Struct, tag="tick"):
    """The third: in cents, with a venue."""

    cents: int
    venue: str


TICK = Kind(
    name="tick",
    record=Tick,
    version=3,
    upgrades=(
        lambda old: {"type": "tick", "cents": round(old["price"] * 100)},
        lambda old: {**old, "venue": "unknown"},
    ),
)


def test_old_bytes_are_upgraded_step_by_step() -> None:
    schemas = Schemas({"tick": TICK})
    one = msgspec.json.encode(TickOne(price=12.34))
    assert schemas.decode("tick/1", one, NOW) == Tick(cents=1234, venue="unknown")
    assert schemas.decode("tick/2", b'{"type":"tick","cents":5}', NOW) == Tick(cents=5, venue="unknown")
    assert schemas.decode("tick/3", b'{"type":"tick","cents":5,"venue":"X"}', NOW) == Tick(cents=5, venue="X")
    with pytest.raises(UnreadableError, match=r"tick/1 cannot be upgraded to tick/3"):
        schemas.decode("tick/1", b'{"type":"tick"}', NOW)


def test_a_version_without_its_upgrade_is_refused() -> None:
    with pytest.raises(UsageError, match="version 2 and 0 upgrades"):
        Kind(name="tick", record=Tick, version=2)
