"""The rules of a tape and its cases: a market that keeps them all passes, and each one, once broken, is told of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from tape_rules import HOUR, TAPE_SCHEMA, check_calm, check_cases, check_schemes, check_seed, check_tape, hours_of

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.schemes import Scheme

SECOND = 10**9
TAPE = """\
1 AAA new 1 ann buy 10.00 100
2 AAA new 2 bob buy 10.00 50
3 AAA new 3 cat sell 10.10 80
4 AAA new 4 dan sell 10.00 120
4 AAA trade 1 ann buy 10.00 100
4 AAA trade 2 bob buy 10.00 20
5 BBB new 5 eve buy 20.00 10
6 AAA news 0 - - 0 0
7 AAA modify 2 bob buy 9.95 60
8 AAA new 6 fay buy 9.95 10
9 AAA modify 2 bob buy 9.95 30
10 AAA new 7 gus sell 9.90 35
10 AAA trade 2 bob buy 9.95 30
10 AAA trade 6 fay buy 9.95 5
11 AAA new 8 hal buy 10.10 100
11 AAA trade 3 cat sell 10.10 80
11 AAA cancel 8 hal buy 10.10 20
12 AAA cancel 6 fay buy 9.95 5
13 BBB cancel 5 eve buy 20.00 10
90000 AAA new 9 ann sell 11.00 40
90000 AAA cancel 9 ann sell 11.00 40
"""
"""Bids hit in turn; one that shrinks and keeps its place; an order whose rest is dropped; another day."""
BREAKS = [
    ("time runs back", "13 BBB cancel", "11 BBB cancel"),
    ("a kind that nobody knows", "12 AAA cancel", "12 AAA delete"),
    ("news that tells of an order", "news 0 - -", "news 0 ann -"),
    ("news that tells of an order", "news 0 - - 0 0", "news 0 - - 0 5"),
    ("a side that nobody knows", "7 AAA modify 2 bob buy", "7 AAA modify 2 bob short"),
    ("an order of nobody", "new 5 eve", "new 5 -"),
    ("a price that is none", "new 5 eve buy 20.00", "new 5 eve buy -20.00"),
    ("a price that is none", "new 5 eve buy 20.00", "new 5 eve buy nan"),
    ("a price off the tick", "new 5 eve buy 20.00", "new 5 eve buy 20.01"),
    ("a size that is none", "new 5 eve buy 20.00 10", "new 5 eve buy 20.00 0"),
    ("a size off the lot", "new 5 eve buy 20.00 10", "new 5 eve buy 20.00 11"),
    ("an order that nobody knows", "13 BBB cancel 5", "13 BBB cancel 6"),
    ("an order that nobody knows", "7 AAA modify 2", "7 AAA modify 1"),
    ("an order that nobody knows", "10 AAA trade 2", "10 AAA trade 20"),
    ("changed its symbol, side or account", "13 BBB", "13 AAA"),
    ("changed its symbol, side or account", "7 AAA modify 2 bob buy", "7 AAA modify 2 bob sell"),
    ("changed its symbol, side or account", "4 AAA trade 1 ann", "4 AAA trade 1 bob"),
    ("an order id used again", "8 AAA new 6", "8 AAA new 2"),
    ("an order id used again", "90000 AAA new 9", "90000 AAA new 1"),
    ("without a new order at its time", "7 AAA modify", "7 AAA trade 2 bob buy 10.00 30\n7 AAA modify"),
    ("traded with itself", "4 AAA trade 1 ann buy 10.00 100", "4 AAA trade 4 dan sell 10.00 100"),
    ("a trade of two symbols", "6 AAA news", "5 AAA trade 3 cat sell 10.10 10\n6 AAA news"),
    ("a trade of one side with itself", "9 AAA modify", "8 AAA trade 2 bob buy 9.95 10\n9 AAA modify"),
    ("away from the price of the order", "trade 2 bob buy 9.95", "trade 2 bob buy 9.90"),
    ("beyond the limit", "new 7 gus sell 9.90", "new 7 gus sell 10.00"),
    ("past a better price", "new 6 fay buy 9.95", "new 6 fay buy 10.00"),
    ("out of turn", "4 AAA trade 1 ann buy 10.00 100", "4 AAA trade 2 bob buy 10.00 50"),
    ("out of turn", "9 AAA modify 2 bob buy 9.95 30", "9 AAA modify 2 bob buy 9.95 65"),  # it grew
    ("out of turn", "7 AAA modify", "6 AAA new 10 ivy buy 9.95 5\n7 AAA modify"),  # it came from another price
    ("another size than both have", "trade 1 ann buy 10.00 100", "trade 1 ann buy 10.00 110"),
    ("another size than both have", "trade 2 bob buy 10.00 20", "trade 2 bob buy 10.00 25"),
    ("another size than both have", "trade 2 bob buy 10.00 20", "trade 2 bob buy 10.00 15"),
    ("an order rests across the spread", "4 AAA trade 2 bob buy 10.00 20\n", ""),
    ("a modify across the spread", "7 AAA modify 2 bob buy 9.95", "7 AAA modify 2 bob buy 10.10"),
    ("a cancel at a price", "12 AAA cancel 6 fay buy 9.95", "12 AAA cancel 6 fay buy 9.90"),
    ("a cancel of another size", "12 AAA cancel 6 fay buy 9.95 5", "12 AAA cancel 6 fay buy 9.95 10"),
    ("a cancel of another size", "11 AAA cancel 8 hal buy 10.10 20", "11 AAA cancel 8 hal buy 10.10 100"),
    ("orders outlive the session", "13 BBB cancel 5 eve buy 20.00 10\n", ""),
    ("orders outlive the session", "90000 AAA cancel 9 ann sell 11.00 40\n", ""),
]
DEED = {"scheme": "spoofing", "symbol": "AAA", "accounts": ["ann", "dan"], "start": 1, "end": 4, "done": True}
ATTEMPT = {"scheme": "layering", "symbol": "AAA", "accounts": ["fay", "gus"], "start": 8, "end": 10, "done": False}


def told(text: str) -> pl.DataFrame:
    rows = [
        (int(time) * SECOND, symbol, seq, kind, int(number), who.strip("-"), side.strip("-"), float(price), int(size))
        for seq, line in enumerate(text.splitlines(), start=1)
        for time, symbol, kind, number, who, side, price, size in [line.split()]
    ]
    return pl.DataFrame(rows, schema=dict(TAPE_SCHEMA), orient="row")


def cases(*deeds: dict[str, Any]) -> pl.DataFrame:
    rows = [{"evasive": False} | deed | {end: deed[end] * SECOND for end in ("start", "end")} for deed in deeds]
    return pl.DataFrame(rows, schema=dict(CASE_SCHEMA))


def market(text: str = TAPE, truth: dict[str, Any] = DEED, attempt: dict[str, Any] = ATTEMPT) -> FramedMarket:
    return FramedMarket(told(text), cases(truth), cases(attempt))


def test_a_market_that_keeps_the_rules_passes() -> None:
    check_tape(market(), tick=0.05, lot=5)
    check_cases(market())


@pytest.mark.parametrize(("rule", "line", "instead"), BREAKS)
def test_a_rule_broken_on_the_tape_is_told_of(rule: str, line: str, instead: str) -> None:
    assert TAPE.count(line) == 1
    with pytest.raises(AssertionError, match=re.escape(rule)):
        check_tape(market(TAPE.replace(line, instead)), tick=0.05, lot=5)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("other columns or types", lambda events: events.drop("venue_seq")),
        ("other columns or types", lambda events: events.select(sorted(events.columns))),
        ("other columns or types", lambda events: events.cast({"size": pl.Int32})),
        ("cells without a value", lambda events: events.with_columns(pl.col("account").replace("eve", None))),
        ("not 1, 2, 3", lambda events: events.with_columns(pl.col("venue_seq") - 1)),
        ("not 1, 2, 3", lambda events: events.with_columns(pl.col("venue_seq").replace(7, 6))),
    ],
)
def test_another_form_is_told_of(rule: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    with pytest.raises(AssertionError, match=rule):
        check_tape(replace(market(), events=change(market().events)))


def test_the_row_that_breaks_a_rule_is_named() -> None:
    with pytest.raises(AssertionError) as caught:
        check_tape(market(TAPE.replace("trade 1 ann", "trade 1 bob")))
    assert caught.value.__notes__ == ["at (4000000000, 'AAA', 5, 'trade', 1, 'bob', 'buy', 10.0, 100)"]


@pytest.mark.parametrize(
    ("rule", "deed", "attempt"),
    [
        ("in the truth that was not done", {"done": False}, {}),
        ("an attempt that was done", {}, {"done": True}),
        ("a deed of nobody", {"accounts": []}, {}),
        ("a deed that takes no time", {"accounts": ["dan"], "start": 4}, {}),
        ("a deed that takes no time", {}, {"accounts": ["fay"], "end": 8}),
        ("a deed that takes no time", {"start": 4, "end": 1}, {}),
        ("an account that did nothing", {"accounts": ["ann", "dan", "eve"]}, {}),
        ("an account that did nothing", {"symbol": "BBB"}, {}),
        ("begins or ends with no event", {"start": 0}, {}),
        ("begins or ends with no event", {}, {"end": 11}),
        ("too near one another", {}, {"accounts": ["bob", "fay"], "start": 4}),
        ("hides, or does not", {"evasive": True}, {}),
    ],
)
def test_a_rule_broken_by_a_case_is_told_of(rule: str, deed: dict[str, Any], attempt: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=rule):
        check_cases(market(truth=DEED | deed, attempt=ATTEMPT | attempt))


def test_what_a_market_may_differ_in() -> None:
    check_cases(market(truth=DEED | {"evasive": True}), evasive=None)
    check_cases(market(attempt=ATTEMPT | {"accounts": ["fay"], "end": 8}), may_be_one_event=True)
    with pytest.raises(AssertionError, match="a deed that takes no time"):
        check_cases(market(truth=DEED | {"accounts": ["dan"], "start": 4}), may_be_one_event=True)
    check_cases(market(), apart=4 * SECOND - 1)
    with pytest.raises(AssertionError, match="too near one another"):
        check_cases(market(), apart=4 * SECOND)
    with pytest.raises(AssertionError, match="hides, or does not"):
        check_cases(market(), evasive=True)
    with pytest.raises(AssertionError, match="other columns or types"):
        check_cases(replace(market(), attempts=market().attempts.drop("evasive")))


def test_every_scheme_is_to_come_off_often_enough() -> None:
    made = replace(market(), truth=cases(*(DEED | {"scheme": scheme.value} for scheme in Scheme)))
    check_schemes([made, made], asked=10, at_least=9)
    with pytest.raises(AssertionError, match="too few deeds"):
        check_schemes([made, market()], asked=10, at_least=6)
    with pytest.raises(AssertionError, match="more deeds than"):
        check_schemes([made], asked=9, at_least=9)
    with pytest.raises(AssertionError, match="a scheme that never"):
        check_schemes([replace(made, truth=made.truth[1:])], asked=10, at_least=1)


def test_a_calm_market_tells_of_no_deed() -> None:
    calm = replace(market(), truth=cases(), attempts=cases())
    check_calm(calm)
    for part, rule in (("truth", "a deed nobody"), ("attempts", "an attempt nobody")):
        with pytest.raises(AssertionError, match=rule):
            check_calm(replace(calm, **{part: getattr(market(), part)}))
    with pytest.raises(AssertionError, match="other columns or types"):
        check_calm(replace(calm, truth=cases().drop("done")))


def test_a_seed_is_to_decide_everything() -> None:
    other = market(TAPE.replace("eve", "ivy"))
    check_seed(market(), market(), other)
    with pytest.raises(AssertionError, match="other events from the same seed"):
        check_seed(market(), other, other)
    for part in ("truth", "attempts"):
        with pytest.raises(AssertionError, match=f"other {part} from the same seed"):
            check_seed(market(), replace(market(), **{part: cases()}), other)
    with pytest.raises(AssertionError, match="the same events from another seed"):
        check_seed(market(), market(), market())


def test_hours_are_those_of_the_day() -> None:
    times = [HOUR - 1, HOUR, 25 * HOUR, 47 * HOUR]
    assert hours_of(pl.DataFrame({"timestamp_ns": times})) == {0, 1, 23}
