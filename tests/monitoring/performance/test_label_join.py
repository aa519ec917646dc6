"""The join of forecasts and labels does not depend on the order in which they come."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.monitoring.performance import JoinedRows, LabelJoin
from tradewind.monitoring.slices import LabelArrival, ServedForecasts

DAY = datetime(2024, 1, 2, 21, tzinfo=UTC)


def forecasts(day: int, symbols: list[str], value: float, *, made: int | None = None) -> Any:
    n = len(symbols)
    served = ServedForecasts(
        version="demo/1",
        role="champion",
        symbol=np.array(symbols),
        probability=np.full(n, value),
        expected_return=np.zeros(n),
        lower=np.full(n, np.nan),
        upper=np.full(n, np.nan),
        made_at=DAY + timedelta(days=day if made is None else made),
    )
    return ("forecasts", served, np.datetime64("2024-01-02", "us") + np.timedelta64(day, "D"))


def labels(day: int, symbols: list[str], direction: float, *, known: int) -> Any:
    n = len(symbols)
    arrival = LabelArrival(
        symbol=np.array(symbols),
        time=np.full(n, np.datetime64("2024-01-02", "us") + np.timedelta64(day, "D")),
        direction=np.full(n, direction),
        forward_return=np.full(n, 0.01 * (direction - 0.5)),
    )
    return ("labels", arrival, DAY + timedelta(days=known))


def table(events: list[Any], days: int = 400) -> JoinedRows:
    join = LabelJoin(days=days)
    for kind, record, when in events:
        if kind == "forecasts":
            join.add_forecasts(record, when)
        else:
            join.add_labels(record, when)
    return join.rows("demo/1")


def same(a: JoinedRows, b: JoinedRows) -> None:
    for item in fields(JoinedRows):
        np.testing.assert_array_equal(getattr(a, item.name), getattr(b, item.name), err_msg=item.name)


SYMBOLS = st.lists(st.sampled_from(["A", "B", "C", "D"]), min_size=1, max_size=4)
EVENTS = st.lists(
    st.one_of(
        st.builds(
            lambda day, symbols, value, late: forecasts(day, symbols, value, made=day + late),
            st.integers(0, 12),
            SYMBOLS,
            st.floats(0.01, 0.99),
            st.integers(0, 3),
        ),
        st.builds(
            lambda day, symbols, up, late: labels(day, symbols, up, known=day + late),
            st.integers(0, 12),
            SYMBOLS,
            st.sampled_from([0.0, 1.0, float("nan")]),
            st.integers(1, 9),
        ),
    ),
    max_size=14,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(events=EVENTS, data=st.data(), days=st.sampled_from([5, 400]))
def test_the_order_of_arrival_changes_nothing(events: list[Any], data: st.DataObject, days: int) -> None:
    shuffled = data.draw(st.permutations(events))
    same(table(events, days), table([*shuffled, *shuffled[:3]], days))


def test_both_clocks_are_kept_and_the_newest_label_stands() -> None:
    rows = table(
        [labels(0, ["A", "B"], 1.0, known=1), forecasts(0, ["B", "A", "C"], 0.7), labels(0, ["A"], 0.0, known=5)]
    )
    assert rows.symbol.tolist() == ["A", "B", "C"]
    assert rows.direction[:2].tolist() == [0.0, 1.0]
    assert np.isnan(rows.direction[2])
    assert (rows.label_known_at[:2] - rows.forecast_known_at[:2]).astype("timedelta64[D]").astype(int).tolist() == [
        5,
        1,
    ]
    assert np.isnat(rows.label_known_at[2])


def test_what_callers_were_told_first_stands() -> None:
    rows = table([forecasts(0, ["A"], 0.2, made=1), forecasts(0, ["A"], 0.9, made=0)])
    assert rows.probability.tolist() == [0.9]


def test_old_forecasts_are_forgotten_and_those_without_a_label_counted() -> None:
    join = LabelJoin(days=10)
    for day in range(30):
        _, served, time = forecasts(day, ["A", "B"], 0.6)
        join.add_forecasts(served, time)
        _, arrival, known = labels(day, ["A"], 1.0, known=day + 1)
        join.add_labels(arrival, known)
    assert len(join.times("demo/1")) == 11
    waiting = join.overdue("demo/1", until=np.datetime64("2024-01-30", "us"))
    assert set(waiting.symbol.tolist()) == {"B"}
    assert len(waiting) == 10
    assert len(join.rows("other/1")) == 0


def test_a_label_of_an_unknown_forecast_waits_for_it() -> None:
    join = LabelJoin()
    _, arrival, known = labels(3, ["A"], 1.0, known=4)
    join.add_labels(arrival, known)
    assert len(join.rows("demo/1")) == 0
    assert join.versions == ()
    _, served, time = forecasts(3, ["A"], 0.6)
    join.add_forecasts(served, time)
    assert join.rows("demo/1").direction.tolist() == [1.0]


def test_a_table_reads_as_outcomes() -> None:
    outcomes = table([forecasts(0, ["A"], 0.6), labels(0, ["A"], 1.0, known=1)]).to_outcomes("m", regime="calm")
    assert outcomes.model == "m"
    assert outcomes.direction.tolist() == [1.0]
    assert outcomes.volatility_regime.tolist() == ["calm"]
    assert outcomes.forward_return[0] == pytest.approx(0.005)
