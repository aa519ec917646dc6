"""Labels of candidates, the view over other suspicions, and bars set on alerts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.book import Tape
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.evaluation import match
from tradewind.surveillance.events import EventTable, Names
from tradewind.surveillance.learning import (
    CandidateTable,
    ContextView,
    Described,
    LearningSettings,
    collect,
    judge,
    set_bars,
)
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

S = 1_000_000_000
NO_SESSIONS = Sessions(np.empty(0, np.int64), np.empty(0, np.int64))


def candidate(scheme: Scheme = Scheme.SPOOFING, **given: Any) -> Candidate:
    values: dict[str, Any] = {
        "episode": 0,
        "revision": 0,
        "symbol": 0,
        "accounts": (0,),
        "start": 100 * S,
        "end": 110 * S,
        "row": 5,
        "rule": 0.5,
        "features": np.array([1.0, 2.0], dtype=np.float32),
    } | given
    return Candidate(scheme=scheme, **values)


def no_events(n: int) -> EventTable:
    zero = np.zeros(n, dtype=np.int64)
    small = zero.astype(np.int8)
    code = zero.astype(np.int32)
    return EventTable(
        time=zero, symbol=code, seq=zero, kind=small, order=zero, account=code, side=small, price=zero, size=zero,
        symbols=Names(("X", "Y")), accounts=Names(("a", "b", "c")),
    )  # fmt: skip


@dataclass
class Market:
    truth: tuple[Planted, ...]
    events: EventTable
    sessions: Sessions = NO_SESSIONS
    attempts: tuple[Planted, ...] = ()


@dataclass
class Source:
    found: list[Candidate]
    schemes: tuple[Scheme, ...] = (Scheme.SPOOFING, Scheme.LAYERING)
    view_names: tuple[str, ...] = ("market_move",)

    def feature_names(self, scheme: Scheme) -> tuple[str, ...]:
        return ("size", "speed")

    def monotone(self, scheme: Scheme) -> tuple[int, ...]:
        return (1, 0)

    def describe(self, events: EventTable, sessions: Sessions) -> Described:
        views = np.arange(len(self.found), dtype=np.float32)[:, None]
        return Described(candidates=self.found, known_at=np.array([c.end for c in self.found]), views=views)


def test_a_candidate_is_positive_where_an_alert_of_it_would_be_true() -> None:
    truth = (
        Planted(scheme=Scheme.SPOOFING, symbol="X", accounts=("b", "c"), start=90 * S, end=120 * S),
        Planted(scheme=Scheme.SPOOFING, symbol="X", accounts=("b",), start=100 * S, end=101 * S),
    )
    found = [
        candidate(accounts=(1, 0), revision=3, episode=4, evidence=(2, 3)),
        candidate(accounts=(0,)),  # nobody of the crew
        candidate(accounts=(1,), symbol=1),  # another symbol
        candidate(accounts=(2,), start=200 * S, end=210 * S),  # too late
        candidate(Scheme.LAYERING, accounts=(1,)),  # the wrong name
        candidate(accounts=(2,), start=124 * S, end=130 * S, variant="split"),  # within the tolerance
    ]
    table = collect(Market(truth, no_events(7)), Source(found), name="one")
    spoof, layer = table.schemes[Scheme.SPOOFING], table.schemes[Scheme.LAYERING]
    assert spoof.label.tolist() == [True, False, False, False, True]
    assert spoof.planted.tolist() == [0, -1, -1, -1, 0]
    assert layer.label.tolist() == [False]
    assert spoof.names == ("size", "speed", "rule", "revision", "accounts", "market_move")
    assert spoof.monotone == (1, 0, 1, 0, 0, 0)
    np.testing.assert_allclose(spoof.values[0], [1, 2, 0.5, np.log(4), np.log(2), 0], rtol=1e-6)
    np.testing.assert_allclose(layer.values[0, -1], 4.0)
    assert spoof.candidate(4).variant == "split"
    assert (spoof.candidate(0).accounts, spoof.candidate(0).evidence) == ((1, 0), (2, 3))
    assert (table.events, table.markets[0].name, table.markets[0].truth) == (7, "one", truth)


def test_a_market_without_candidates_is_a_table_without_rows() -> None:
    table = collect(Market((), no_events(3)), Source([]))
    assert all(len(part) == 0 and part.values.shape == (0, 6) for part in table.schemes.values())


def test_the_context_tells_of_other_suspicions_of_the_same_people_at_the_same_time() -> None:
    view = ContextView()
    column = {name: i for i, name in enumerate(view.feature_names)}
    told = view.advance(
        None,  # type: ignore[arg-type]  # it is not read
        [
            candidate(rule=0.5, row=1),
            candidate(Scheme.LAYERING, rule=0.8, row=2),
            candidate(Scheme.LAYERING, rule=0.9, row=3, accounts=(1,)),
            candidate(Scheme.WASH_TRADING, rule=0.3, row=4, start=1000 * S, end=1001 * S),
        ],
    )
    assert told[0, column["context_layering"]] == 0.0  # not known yet
    assert told[1, column["context_spoofing"]] == pytest.approx(0.5)
    assert told[1, column["context_layering"]] == pytest.approx(0.8)
    assert told[2, column["context_spoofing"]] == 0.0  # other people
    assert told[3, column["context_layering"]] == 0.0  # long ago
    assert told[3, column["context_wash_trading"]] == pytest.approx(0.3)


rows = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([Scheme.SPOOFING, Scheme.LAYERING, Scheme.WASH_TRADING]),
        st.sets(st.integers(0, 3), min_size=1, max_size=2),
        st.integers(0, 1),
        st.integers(0, 200),
        st.floats(0, 1, width=32),
    ),
    max_size=20,
)


@settings(max_examples=100, deadline=None)
@given(rows, st.lists(st.integers(0, 40), max_size=4), st.integers(2, 50))
def test_the_context_does_not_depend_on_cuts_nor_on_the_order_within_a_row(
    drawn: Any, cuts: list[int], most: int
) -> None:
    found, row = [], 0
    for step, scheme, accounts, symbol, start, rule in drawn:
        row += step
        given_ = {"accounts": tuple(accounts), "symbol": symbol, "start": start * S, "end": (start + 9) * S}
        found.append(candidate(scheme, row=row, rule=rule, **given_))
    tape: Tape = None  # type: ignore[assignment]
    whole = ContextView(most).advance(tape, found)
    view, parts = ContextView(most), [np.empty((0, 9), dtype=np.float32)]
    for low, high in pairwise([-1, *sorted(cuts), 10**6]):
        parts.append(view.advance(tape, [c for c in found if low < c.row <= high]))
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert len(view._places) <= most
    swapped = sorted(range(len(found)), key=lambda i: (found[i].row, -i))
    if most == 50:  # nothing was forgotten
        np.testing.assert_array_equal(ContextView(most).advance(tape, [found[i] for i in swapped]), whole[swapped])


def test_of_finds_of_one_row_the_later_begun_counts_in_whatever_order_they_are_listed() -> None:
    tape: Tape = None  # type: ignore[assignment]
    long_past = candidate(Scheme.SPOOFING, row=5, rule=0.9, accounts=(1,), symbol=0, start=0, end=S)
    now = candidate(Scheme.SPOOFING, row=5, rule=0.4, accounts=(1,), symbol=0, start=200 * S, end=201 * S)
    one, other = ContextView().advance(tape, [long_past, now]), ContextView().advance(tape, [now, long_past])
    np.testing.assert_array_equal(one, other[::-1])
    assert one.max() == pytest.approx(0.4)


@pytest.mark.slow
def test_bars_hold_on_the_alerts_that_are_raised_and_a_scheme_that_cannot_be_told_is_silent(
    make_table: Callable[..., CandidateTable],
) -> None:
    table = make_table(markets=10, each=80)
    rng = np.random.default_rng(4)
    spoof, wash = table.schemes[Scheme.SPOOFING], table.schemes[Scheme.WASH_TRADING]
    scores = {
        Scheme.SPOOFING: np.clip(0.55 * spoof.label + rng.uniform(0, 0.6, len(spoof)), 0, 0.99),
        Scheme.WASH_TRADING: rng.uniform(0, 1, len(wash)),
    }
    options = LearningSettings(precision=0.9, confidence=0.8, most_false_per_million=100.0)
    bars = set_bars(table, scores, options)
    good, bad = bars[Scheme.SPOOFING], bars[Scheme.WASH_TRADING]
    assert good.reached
    assert good.bound >= 0.9
    kept = true = 0
    for one in judge(table, {Scheme.SPOOFING: scores[Scheme.SPOOFING]}, {Scheme.SPOOFING: good.score}):
        kept += len(one.alerts)
        true += int(match(one.alerts, one.truth).true.sum())
    assert (good.kept, good.true) == (kept, true)
    assert true / spoof.label.sum() > 0.6
    assert not bad.reached
    assert bad.score > 1
    rare = set_bars(table, scores, options.model_copy(update={"most_false_per_million": 1e-6}))[Scheme.SPOOFING]
    assert rare.kept == rare.true
    assert rare.score >= good.score
    cheap = set_bars(table, scores, options.model_copy(update={"missed_cost": {Scheme.SPOOFING: 50.0}}))
    assert cheap[Scheme.SPOOFING].score < good.score
