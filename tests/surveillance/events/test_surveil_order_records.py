"""Events travel through the log as records and come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.streaming.records import OrderEvent
from tradewind.streaming.schema import SCHEMAS, UnreadableError
from tradewind.surveillance.events import EventTable, Kind, Names
from tradewind.surveillance.events.records import events_from_records, records_from_events

NOW = 1_800_000_000_000_000


def made(seed: int, n: int = 60) -> EventTable:
    rng = np.random.default_rng(seed)
    kind = rng.choice([1, 2, 3, 4, 5, 7], n).astype(np.int8)
    price = rng.integers(1, 10**9, n)
    halts = kind == Kind.HALT
    price[halts] = rng.choice([-1, 1], int(halts.sum()))
    return EventTable(
        time=1_700_000_000_000_000_001 + np.cumsum(rng.integers(0, 99, n)),
        symbol=rng.integers(0, 2, n).astype(np.int32),
        seq=np.arange(n),
        kind=kind,
        order=rng.integers(0, 2**63 - 1, n),
        account=rng.integers(-1, 3, n).astype(np.int32),
        side=rng.integers(-1, 2, n).astype(np.int8),
        price=price,
        size=np.where(halts, 0, rng.integers(1, 10**6, n)),
        symbols=Names(("A", "B")),
        accounts=Names(("x", "y", "z")),
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_events_come_back_through_the_bytes_of_the_log(seed: int) -> None:
    table = made(seed)
    records = []
    for record in records_from_events(table, source="venue"):
        topic, schema, value = SCHEMAS.encode(record)
        assert (topic, schema) == ("orders", "order/1")
        records.append(SCHEMAS.decode(schema, value, NOW))
    got = events_from_records(records, Names(("A", "B")), Names(("x", "y", "z")))
    for name, column in table.columns().items():
        np.testing.assert_array_equal(got.columns()[name], column)
        assert got.columns()[name].dtype == column.dtype


def test_names_are_added_as_they_come() -> None:
    table = made(1)
    records = records_from_events(table)
    symbols, accounts = Names(("Z",)), Names()
    got = events_from_records(records, symbols, accounts)
    assert [symbols[code] for code in got.symbol.tolist()] == [r.symbol for r in records]
    assert [accounts[code] for code in got.account.tolist()] == [r.account for r in records]
    assert len(events_from_records([], symbols, accounts)) == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"price": -1.0}, "impossible order event"),
        ({"size": -1}, "impossible order event"),
        ({"kind": "trade", "price": 0.0}, "impossible execution"),
        ({"symbol": ""}, "symbol is empty"),
        ({"timestamp_ns": 9 * 10**18}, "timestamp_ns .* more than a year"),
    ],
)
def test_an_impossible_event_is_no_record(change: dict[str, object], why: str) -> None:
    good = OrderEvent(
        symbol="A", timestamp_ns=NOW * 1000, venue_seq=1, kind="new", order_id=1, side="buy", price=1.0, size=1
    )
    fields = {name: getattr(good, name) for name in good.__struct_fields__} | change
    _, schema, value = SCHEMAS.encode(OrderEvent(**fields))
    with pytest.raises(UnreadableError, match=why):
        SCHEMAS.decode(schema, value, NOW)
