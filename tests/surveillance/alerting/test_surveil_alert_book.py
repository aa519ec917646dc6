"""The book of alerts: raising, extending, merging, arbitration, bounds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core.errors import InputError, SchemaError
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.alerting import (
    AlertBook,
    AlertSettings,
    Scored,
    latest,
    read_alerts,
    tier,
    write_alerts,
)
from tradewind.surveillance.alerting.claim import Claim
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.events import Names
from tradewind.surveillance.schemes import Scheme

S = 1_000_000_000
SYMBOLS = Names(("AAA", "BBB"))
ACCOUNTS = Names(tuple(f"acc{i}" for i in range(40)))
HALF = dict.fromkeys(Scheme, 0.5)


def scored(scheme: Scheme = Scheme.SPOOFING, score: float = 0.9, **given: Any) -> Scored:
    values: dict[str, Any] = {
        "episode": 0,
        "revision": 0,
        "symbol": 0,
        "accounts": (1,),
        "start": 100 * S,
        "end": 110 * S,
        "row": 10,
        "rule": 0.5,
        "features": np.array([1.0], dtype=np.float32),
    } | given
    known_at = values.pop("known_at", values["end"])
    found = Candidate(scheme=scheme, **values)
    return Scored(
        candidate=found,
        known_at=known_at,
        score=score,
        values=found.features,
        names=("size",),
        pieces=np.array([0.25]),
        piece_names=("rule",),
    )


def book(**options: Any) -> AlertBook:
    return AlertBook(SYMBOLS, ACCOUNTS, HALF, AlertSettings(**options))


def test_the_threshold_decides_and_the_alert_says_what_it_rests_on() -> None:
    b = book()
    assert b.take([scored(score=0.49)]) == []
    (alert,) = b.take([scored(score=0.5, revision=1, row=11, evidence=(4, 7))])
    assert (alert.scheme, alert.symbol, alert.accounts, alert.revision) == (Scheme.SPOOFING, "AAA", ("acc1",), 0)
    assert (alert.start, alert.end, alert.known_at, alert.score) == (100 * S, 110 * S, 110 * S, 0.5)
    assert alert.features == {"size": 1.0}
    assert alert.contributions == {"rule": 0.25}
    assert alert.evidence == (4, 7)


def test_a_scheme_without_a_threshold_and_a_score_that_is_none_raise_nothing() -> None:
    b = AlertBook(SYMBOLS, ACCOUNTS, {Scheme.LAYERING: 0.5})
    assert b.take([scored(score=0.99)]) == []
    assert b.take([scored(Scheme.LAYERING, score=float("nan"))]) == []


def test_a_later_revision_extends_even_when_it_is_weaker_but_not_when_it_is_far_weaker() -> None:
    b = book(keep=0.5)
    (first,) = b.take([scored(score=0.8)])
    (second,) = b.take([scored(score=0.3, revision=1, end=150 * S, row=20)])
    assert (second.id, second.revision, second.end, second.score) == (first.id, 1, 150 * S, 0.8)
    assert second.known_at == first.known_at
    assert b.take([scored(score=0.2, revision=2, end=200 * S, row=30)]) == []


def test_finds_of_the_same_people_close_in_time_are_one_alert_and_others_are_not() -> None:
    b = book(gap_share=0.0)
    (first,) = b.take([scored()])
    near = scored(episode=1, start=200 * S, end=210 * S, row=20)  # 90 seconds later; the gap is 120
    (second,) = b.take([near])
    assert second.id == first.id
    assert (second.start, second.end, second.revision) == (100 * S, 210 * S, 1)
    others = [
        scored(episode=2, start=340 * S, end=341 * S, row=30),  # too late
        scored(episode=3, start=205 * S, end=210 * S, row=30, accounts=(2,)),  # other people
        scored(episode=4, start=205 * S, end=210 * S, row=30, symbol=1),  # another symbol
    ]
    ids = {a.id for a in b.take(others)}
    assert len(ids) == 3
    assert first.id not in ids


def test_one_deed_under_two_names_is_called_by_the_better_one_under_the_same_id() -> None:
    b = book(margin=0.25)
    (first,) = b.take([scored(score=0.7, evidence=(1, 2))])
    (second,) = b.take([scored(Scheme.LAYERING, score=0.9, row=20, evidence=(1, 3))])
    assert (second.id, second.scheme, second.revision, second.score) == (first.id, Scheme.LAYERING, 1, 0.9)
    assert b.take([scored(score=0.91, revision=1, row=30)]) == []  # better, but not by the margin
    (back,) = b.take([scored(score=0.97, revision=2, row=40, end=120 * S)])
    assert (back.id, back.scheme, back.score) == (first.id, Scheme.SPOOFING, 0.97)
    assert len(b) == 1


def test_a_weaker_find_of_a_confusable_scheme_says_nothing() -> None:
    b = book()
    b.take([scored(score=0.9)])
    assert b.take([scored(Scheme.QUOTE_STUFFING, score=0.7, row=20)]) == []
    assert len(b) == 1


def test_schemes_that_nobody_mistakes_for_each_other_stand_side_by_side() -> None:
    b = book()
    told = b.take([scored(score=0.9), scored(Scheme.WASH_TRADING, score=0.9, row=20)])
    assert [a.scheme for a in told] == [Scheme.SPOOFING, Scheme.WASH_TRADING]
    assert len({a.id for a in told}) == 2


@pytest.mark.parametrize(("evidence", "score", "alerts"), [((8, 9), 0.95, 2), ((1, 2), 0.95, 1), ((8, 9), 0.75, 1)])
def test_two_strong_finds_on_other_events_are_two_alerts(evidence: tuple[int, ...], score: float, alerts: int) -> None:
    b = book(strong=1.5)
    b.take([scored(score=0.95, evidence=(1, 2)), scored(Scheme.LAYERING, score=score, row=20, evidence=evidence)])
    assert len(b) == alerts


def test_what_is_silent_is_forgotten_and_a_find_long_after_is_new() -> None:
    b = book(forget_seconds=1000.0, gap_share=1e9)
    (first,) = b.take([scored()])
    (second,) = b.take([scored(revision=1, row=20, start=100 * S, end=2000 * S)])
    assert second.revision == 0
    assert len(b) == 1
    assert first.id == second.id  # it begins with the same event by the same account


def test_open_alerts_and_what_they_remember_are_bounded() -> None:
    b = book(most_open=5, gap_share=0.0)
    for i in range(300):
        b.take([scored(episode=i, start=i * 500 * S, end=i * 500 * S + S, row=i, accounts=(i % 40,))])
    assert len(b) == 5
    assert len(b._episodes) == 5
    one = book()
    for i in range(300):
        one.take([scored(episode=i, row=i, end=(110 + i) * S, evidence=tuple(range(i, i + 30)))])
    assert len(one) == 1
    assert len(one._episodes) <= 64
    claim = next(iter(one._open.values())).leading
    assert isinstance(claim, Claim)
    assert len(claim.evidence) == 64
    assert claim.evidence[0] == 0
    assert claim.evidence[-1] == 299 + 29


def test_the_account_that_leads_most_and_best_finds_is_named_first() -> None:
    b = book()
    told = b.take(
        [
            scored(accounts=(3, 5), score=0.6),
            scored(episode=1, accounts=(5, 3), score=0.9, row=20),
        ]
    )
    assert told[-1].accounts == ("acc5", "acc3")


finds = st.lists(
    st.tuples(
        st.sampled_from([Scheme.SPOOFING, Scheme.LAYERING, Scheme.PUMP_AND_DUMP, Scheme.WASH_TRADING]),
        st.integers(0, 6),
        st.integers(0, 1),
        st.sets(st.integers(0, 4), min_size=1, max_size=3),
        st.integers(0, 400),
        st.floats(0.2, 1.0),
        st.sets(st.integers(0, 20), max_size=4),
    ),
    max_size=25,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(finds, st.lists(st.integers(0, 30), max_size=5))
def test_alerts_do_not_depend_on_how_candidates_were_cut_and_stay_sound(found: Any, cuts: list[int]) -> None:
    counts: dict[tuple[Scheme, int], int] = {}
    stream = []
    for row, (scheme, episode, symbol, accounts, start, score, evidence) in enumerate(found):
        revision = counts[scheme, episode] = counts.get((scheme, episode), -1) + 1
        stream.append(
            scored(
                scheme,
                score,
                episode=episode,
                revision=revision,
                symbol=symbol,
                accounts=tuple(sorted(accounts)),
                start=start * S,
                end=(start + 3 + row) * S,
                known_at=(500 + 50 * row) * S,
                row=row,
                evidence=tuple(sorted(evidence)),
            )
        )
    options = {"forget_seconds": 600.0, "most_open": 4}
    whole = book(**options).take(stream)
    edges = [0, *sorted(min(c, len(stream)) for c in cuts), len(stream)]
    cut_book, cut = book(**options), []
    for low, high in pairwise(edges):
        cut += cut_book.take(stream[low:high])
    assert cut == whole
    for alert in whole:
        assert alert.start <= alert.end
        assert alert.score >= 0.5
        assert len(set(alert.accounts)) == len(alert.accounts) > 0
    revisions: dict[str, int] = {}
    for alert in whole:  # a closed alert's id may come back, beginning at 0 again
        assert alert.revision in (0, revisions.get(alert.id, -1) + 1)
        revisions[alert.id] = alert.revision


def test_the_tier_rises_with_severity_score_and_breadth() -> None:
    assert tier(Scheme.PUMP_AND_DUMP, 0.99, 4) is Tier.CRITICAL
    assert tier(Scheme.PUMP_AND_DUMP, 0.5, 1) is Tier.MEDIUM
    assert tier(Scheme.SPOOFING, 0.99, 1) is Tier.HIGH
    assert tier(Scheme.SPOOFING, 0.99, 3, 3) is Tier.CRITICAL
    assert tier(Scheme.QUOTE_STUFFING, 0.5, 1) is Tier.LOW


def test_alerts_come_back_from_their_file_and_only_the_last_revision_is_written(tmp_path: Path) -> None:
    b = book()
    told = b.take([scored(evidence=(1, 2)), scored(revision=1, end=140 * S, row=20)])
    told += b.take([scored(Scheme.WASH_TRADING, score=0.6, row=30, accounts=(2, 3))])
    path = write_alerts(told, tmp_path)
    table = pl.read_parquet(path)
    assert table.columns[:7] == ["scheme", "start", "end", "symbol", "accounts", "score", "tier"]
    assert table.schema["start"] == pl.Int64
    assert table.schema["accounts"] == pl.List(pl.String)
    back = read_alerts(tmp_path)
    assert sorted(back, key=lambda a: a.id) == sorted(latest(told), key=lambda a: a.id)
    assert len(table) == 2


def test_no_alerts_make_a_typed_empty_file_and_foreign_files_are_read(tmp_path: Path) -> None:
    write_alerts([], tmp_path)
    assert read_alerts(tmp_path) == ()
    foreign = pl.DataFrame(
        {
            "scheme": ["spoofing"],
            "start": [1],
            "end": [2],
            "symbol": ["X"],
            "accounts": [["a"]],
            "score": [0.5],
            "tier": ["low"],
        }
    )
    foreign.write_parquet(tmp_path / "other.parquet")
    (alert,) = read_alerts(tmp_path / "other.parquet")
    assert alert == Alert(
        id="", scheme=Scheme.SPOOFING, symbol="X", accounts=("a",), start=1, end=2, known_at=2, score=0.5, tier=Tier.LOW
    )
    foreign.drop("tier").write_parquet(tmp_path / "short.parquet")
    with pytest.raises(SchemaError, match="'tier'"):
        read_alerts(tmp_path / "short.parquet")
    foreign.with_columns(scheme=pl.lit("magic")).write_parquet(tmp_path / "odd.parquet")
    with pytest.raises(SchemaError, match="row 1"):
        read_alerts(tmp_path / "odd.parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_alerts(tmp_path / "none.parquet")


def test_an_alert_called_anew_by_later_evidence_is_not_known_before_it_starts() -> None:
    b = book(margin=0.25)
    (first,) = b.take([scored(score=0.7, start=100 * S, end=110 * S, known_at=101 * S)])
    later = scored(Scheme.LAYERING, score=0.95, row=20, start=105 * S, end=110 * S, known_at=111 * S)
    (second,) = b.take([later])
    assert (second.id, second.scheme, second.start) == (first.id, Scheme.LAYERING, 105 * S)
    assert first.known_at == 101 * S
    assert second.known_at == 105 * S
