"""Evidence and replay: the same as what reading the whole source tells, from any moment of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradewind.surveillance.book import BookReplay, detect_style
from tradewind.surveillance.events import EventTable, write_events
from tradewind.surveillance.explain import EvidenceChain, EvidenceStore
from tradewind.surveillance.explain.extract import Span
from tradewind.web.problems import Problem
from tradewind.web.views.surveillance import recorded as module
from tradewind.web.views.surveillance.evidence_api import evidence_of
from tradewind.web.views.surveillance.recorded import Recorded, recorded
from tradewind.web.views.surveillance.replay_api import stretch_of

ROOT = "/api/surveillance"


@pytest.fixture
def market(tmp_path: Path, spoofed, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    monkeypatch.setattr(module, "EVERY", 2_000)  # books every so many events, so that they are used
    events, _ = spoofed
    write_events(events, tmp_path / "events" / "a.parquet")
    return recorded(tmp_path / "events", tmp_path / "cache")


def test_a_chain_cut_from_a_kept_book_is_that_of_the_whole_source(market, spoofed):
    events, alerts = spoofed
    used = 0
    for alert, whole in zip(alerts, EvidenceStore(events).cut(alerts), strict=True):
        span = Span.around(alert)
        table, before = market.until(alert.symbol, span.start, span.end)
        used += int((table.seq == -1).any())
        (cut,) = EvidenceStore(table).cut([alert])
        for name, column in whole.tape.columns().items():
            if name not in ("pair", "taker_pair", "account", "taker", "symbol"):
                np.testing.assert_array_equal(column, getattr(cut.tape, name), err_msg=name)
        np.testing.assert_array_equal(whole.depth.bid_size, cut.depth.bid_size)
        np.testing.assert_array_equal(whole.depth.ask, cut.depth.ask)
        assert EvidenceChain.of(whole).story == EvidenceChain.of(cut).story
        assert 0 <= before <= len(table)
    assert used  # else no kept book was read


def test_a_stretch_tells_the_book_as_it_stood(market, spoofed):
    events, alerts = spoofed
    alert = alerts[0]
    stretch = stretch_of(market, alert, None, 20_000)
    start = int(stretch.base) + stretch.start
    own = events.take(events.symbol == events.symbols.find(alert.symbol))
    replay = BookReplay(own.symbols, own.accounts, style=detect_style(events))
    replay.update(own.take(own.time < start))
    shot = replay.snapshot(own.symbols.find(alert.symbol), 1_000)
    levels: dict[tuple[int, int], int] = {}
    for side, price, left in zip(stretch.book.side, stretch.book.price, stretch.book.left, strict=True):
        levels[side, price] = levels.get((side, price), 0) + left
    expected = {(1, int(p)): int(s) for p, s in zip(shot.bid, shot.bid_size, strict=True)}
    expected |= {(-1, int(p)): int(s) for p, s in zip(shot.ask, shot.ask_size, strict=True)}
    assert levels == expected
    assert stretch.accounts[: len(stretch.suspects)] == [name for name in alert.accounts if name in stretch.accounts]
    assert len(stretch.rows.time) == stretch.rows_total
    assert stretch.next is None


def test_stretches_follow_each_other_without_a_gap(market, spoofed):
    _, alerts = spoofed
    whole = stretch_of(market, alerts[0], 0, 20_000)
    first = stretch_of(market, alerts[0], 0, 100)
    assert first.next is not None
    second = stretch_of(market, alerts[0], first.next, 100)
    joined = [*first.rows.seq, *second.rows.seq]
    assert joined == whole.rows.seq[: len(joined)]
    assert second.rows_before == len(first.rows.seq)


def test_evidence_names_what_argues_for_and_against(market, spoofed):
    _, alerts = spoofed
    span = Span.around(alerts[0])
    table, _ = market.until(alerts[0].symbol, span.start, span.end)
    (cut,) = EvidenceStore(table).cut([alerts[0]])
    found = evidence_of(EvidenceChain.of(cut), market)
    assert found.summary
    assert found.steps
    assert found.orders_total == len(found.orders) > 0
    assert any("MAR" in one.citation for one in found.articles)
    assert found.features == []  # no features came with the alert, so no model is said to have scored it
    assert "not the one" in found.features_note
    assert found.made_from == ["a.parquet"]


def test_events_that_are_not_there_are_said_to_be_absent(tmp_path: Path):
    with pytest.raises(Problem) as caught:
        recorded(tmp_path / "events", tmp_path / "cache")
    assert caught.value.shape.status == 404


def test_new_events_are_laid_out_anew(tmp_path: Path, spoofed):
    events: EventTable = spoofed[0]
    write_events(events.take(slice(0, 1_000)), tmp_path / "events" / "a.parquet")
    first = recorded(tmp_path / "events", tmp_path / "cache")
    write_events(events.take(slice(0, 3_000)), tmp_path / "events" / "a.parquet")
    second = recorded(tmp_path / "events", tmp_path / "cache")
    assert (first.events, second.events) == (1_000, 3_000)
    assert recorded(tmp_path / "events", tmp_path / "cache") is second


def test_layouts_of_events_that_changed_do_not_pile_up(tmp_path: Path, spoofed):
    events: EventTable = spoofed[0]
    for rows in range(100, 700, 100):
        write_events(events.take(slice(0, rows)), tmp_path / "events" / "a.parquet")
        found = recorded(tmp_path / "events", tmp_path / "cache")
    assert found.folder.is_dir()
    assert len(list((tmp_path / "cache").iterdir())) == module.LAYOUTS


@pytest.mark.slow
def test_evidence_replay_and_file_are_served(desk):
    client = desk.of("ann")
    case = client.get(f"{ROOT}/cases").json()["cases"][0]["id"]
    alert = client.get(f"{ROOT}/cases/{case}").json()["alerts"][0]["id"]
    evidence = client.get(f"{ROOT}/cases/{case}/alerts/{alert}/evidence")
    assert evidence.status_code == 200
    replay = client.get(f"{ROOT}/cases/{case}/alerts/{alert}/replay").json()
    assert len({len(column) for column in replay["rows"].values()}) == 1
    file = client.get(f"{ROOT}/cases/{case}/file")
    assert file.status_code == 200
    assert file.headers["content-disposition"].startswith("attachment")
    assert "Chain of evidence" in file.text
    assert client.get(f"{ROOT}/cases/{case}/file", params={"format": "exe"}).status_code == 422
