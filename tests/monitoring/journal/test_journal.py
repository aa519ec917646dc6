"""Slices, findings and actions come back as they were, whatever happens to the process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tradewind.core import InputError, Severity
from tradewind.core.panel import PRICE_FIELDS
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.journal import Action, Journal
from tradewind.monitoring.journal.frames import packed, unpacked
from tradewind.monitoring.slices import Bars, LabelArrival, NewsArrival, ServedForecasts, ServiceSample, Slice

NAMES = st.text(alphabet="ABCé ", min_size=0, max_size=4)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def column(rows: int, kind: str = "float64"):
    if kind == "str":
        return st.lists(NAMES, min_size=rows, max_size=rows).map(lambda found: np.array(found, dtype=str))
    if kind == "time":
        return hnp.arrays("int64", rows, elements=st.integers(0, 2**52)).map(lambda a: a.astype("datetime64[us]"))
    return hnp.arrays(kind, rows)


@st.composite
def any_slice(draw) -> Slice:
    m, p, k = draw(st.integers(0, 4)), draw(st.integers(0, 3)), draw(st.integers(0, 3))
    moment = draw(MOMENTS)
    forecast = ServedForecasts(
        version="demo/1",
        role="champion",
        symbol=draw(column(k, "str")),
        made_at=moment,
        **{name: draw(column(k)) for name in ("probability", "expected_return", "lower", "upper")},
    )
    labels = LabelArrival(
        symbol=draw(column(k, "str")),
        time=draw(column(k, "time")),
        direction=draw(column(k)),
        forward_return=draw(column(k)),
    )
    news = NewsArrival(
        symbol=draw(column(k, "str")),
        published_at=draw(column(k, "time")),
        source=draw(column(k, "str")),
        text=draw(column(k, "str")),
        score=draw(column(k)),
    )
    service = ServiceSample(seconds=draw(st.floats(0, 100)), requests=3, dependencies={"cache": 0.5})
    return Slice(
        time=np.datetime64(moment.replace(tzinfo=None), "us"),
        known_at=moment + timedelta(hours=3),
        symbol=draw(column(m, "str")),
        sector=draw(column(m, "str")),
        expected=tuple(draw(st.lists(NAMES, max_size=3))),
        feed=draw(column(m, "str")),
        bars=Bars(**{name: draw(column(m)) for name in PRICE_FIELDS}),
        names=tuple(f"f{at}" for at in range(p)),
        features=draw(hnp.arrays("float32", (m, p))),
        champion=draw(st.none() | NAMES),
        served=draw(st.sampled_from([(), (forecast,)])),
        labels=draw(st.sampled_from([None, labels])),
        news=draw(st.sampled_from([None, news])),
        service=draw(st.sampled_from([None, service])),
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(one=any_slice())
def test_a_slice_comes_back_to_the_last_bit(one: Slice) -> None:
    again = unpacked(packed(one))
    assert packed(again) == packed(one)
    assert again.time == one.time
    assert again.known_at == one.known_at
    assert again.features.dtype == np.float32
    np.testing.assert_array_equal(again.features, one.features)
    np.testing.assert_array_equal(again.bars.close, one.bars.close)
    np.testing.assert_array_equal(again.symbol, one.symbol)
    assert (again.expected, again.names, again.champion) == (one.expected, one.names, one.champion)
    assert (again.labels is None) == (one.labels is None)


def plain(day: datetime) -> Slice:
    return Slice(
        time=np.datetime64(day.replace(tzinfo=None), "us"),
        known_at=day + timedelta(hours=21),
        symbol=np.array(["A"]),
        sector=np.array(["x"]),
        expected=("A",),
        feed=np.array([""]),
        bars=Bars(**{name: np.array([1.5]) for name in PRICE_FIELDS}),
        names=("f",),
        features=np.array([[np.nan]], dtype=np.float32),
    )


def finding(day: datetime) -> Finding:
    return Finding(
        kind="volatility_shift",
        area=Area.REGIME,
        severity=Severity.WARNING,
        message="moves are larger",
        time=day,
        known_at=day + timedelta(hours=21),
        subject={"regime": "stressed"},
        statistic=5.5,
        evidence={"now": 1.0},
    )


START = datetime(2020, 1, 30, tzinfo=UTC)
DAYS = [START + timedelta(days=at) for at in range(5)]


def test_spans_are_found_and_writing_again_leaves_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    assert journal.last() is None
    assert list(journal.slices()) == []
    for day in [*DAYS, DAYS[2]]:
        journal.write(plain(day), [finding(day)])
    journal.act(Action(kind="retrain", at=DAYS[1], details={"trigger": "drift", "score": float("nan")}))
    journal.act(Action(kind="rollback", at=DAYS[1], details={}))
    again = Journal(tmp_path / "journal")
    assert [one.known_at.day for one in again.slices()] == [30, 31, 1, 2, 3]
    assert [one.known_at.day for one in again.slices("2020-01-31", DAYS[3])] == [31, 1, 2]
    assert [one.to_dict() for one in again.findings(DAYS[2], DAYS[2])] == [finding(DAYS[2]).to_dict()]
    assert [one.kind for one in again.actions()] == ["retrain", "rollback"]
    assert next(again.actions()).details == {"trigger": "drift", "score": None}
    assert again.last() == np.datetime64("2020-02-03", "us")


def test_a_slice_read_anew_without_findings_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(plain(START), [finding(START)])
    journal.write(plain(START))
    assert list(journal.findings()) == []


def test_old_months_are_removed(tmp_path: Path) -> None:
    journal = Journal(tmp_path, keep_days=60)
    for month in range(1, 13):
        day = datetime(2020, month, 3, tzinfo=UTC)
        journal.write(plain(day), [finding(day)])
    assert [one.known_at.month for one in journal.slices()] == [10, 11, 12]
    assert len(list(journal.findings())) == 3


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(plain(START))
    path = next((tmp_path / "slices").glob("*/*.arrow"))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match="is no part of a journal"):
        list(journal.slices())


def test_whatever_byte_is_damaged_the_file_is_named(tmp_path: Path) -> None:
    journal, refused = Journal(tmp_path), 0
    journal.write(plain(START), [finding(START)])
    for path in tmp_path.glob("*/*/*.arrow"):
        whole = path.read_bytes()
        for at in range(0, len(whole), 7):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            try:
                list(journal.slices())
                list(journal.findings())
            except InputError as error:
                refused += error.file == path
        path.write_bytes(whole)
    assert refused > 50


def test_a_month_that_is_removed_while_it_is_read_is_passed_by(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for day in DAYS:
        journal.write(plain(day))
    reading = journal.slices()
    next(reading)
    Journal(tmp_path, keep_days=1).write(plain(START + timedelta(days=90)))
    assert list(reading) == []


def test_times_before_1970_are_kept_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    days = [datetime(1969, 12, day, tzinfo=UTC) for day in (29, 30, 31)] + [datetime(1970, 1, 1, tzinfo=UTC)]
    for day in days:
        journal.write(plain(day), [finding(day)])
    assert [one.known_at for one in journal.slices()] == [plain(day).known_at for day in days]
    assert [one.known_at for one in journal.slices(days[1], days[2])] == [plain(day).known_at for day in days[1:3]]
    assert len(list(journal.findings())) == 4


def test_one_long_text_makes_no_other_longer() -> None:
    texts = np.array(["short"] * 50 + ["x" * 100_000], dtype=object)
    times = np.full(len(texts), np.datetime64("2020-01-30", "us"))
    names = np.full(len(texts), "A")
    news = NewsArrival(symbol=names, published_at=times, source=names, text=texts, score=np.zeros(len(texts)))
    back = unpacked(packed(replace(plain(START), news=news))).news
    assert back is not None
    assert back.text.dtype == object
    assert back.text.tolist() == texts.tolist()
    assert back.symbol.dtype.kind == "U"


def test_two_that_act_at_one_moment_are_both_kept(tmp_path: Path) -> None:
    def act(name: str) -> None:
        journal = Journal(tmp_path)
        for n in range(20):
            journal.act(Action(kind=name, at=START, details={"n": n}))

    threads = [threading.Thread(target=act, args=(name,)) for name in ("retrain", "rollback")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(one.kind for one in Journal(tmp_path).actions()) == {"retrain": 20, "rollback": 20}


@pytest.mark.slow
def test_a_killed_writer_leaves_whole_steps(tmp_path: Path) -> None:
    program = (
        "import sys, importlib.util as u\n"
        "from datetime import timedelta\n"
        "s = u.spec_from_file_location('t', sys.argv[1]); t = u.module_from_spec(s); s.loader.exec_module(t)\n"
        "j = t.Journal(sys.argv[2]); at = 0\n"
        "while True:\n"
        "    day = t.START + timedelta(days=at); j.write(t.plain(day), [t.finding(day)]); at += 1\n"
        "    print(at, flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, __file__, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    written = 0
    for line in child.stdout:
        written = int(line)
        if written >= 20:
            child.send_signal(signal.SIGKILL)
            break
    child.wait(timeout=30)
    child.stdout.close()
    journal = Journal(tmp_path)
    kept = [one.time for one in journal.slices()]
    assert len(kept) >= written
    assert {np.datetime64(one.time.replace(tzinfo=None), "us") for one in journal.findings()} >= set(kept)
    journal.write(plain(START + timedelta(days=5000)))
    assert journal.last() == np.datetime64(START.replace(tzinfo=None) + timedelta(days=5000), "us")
