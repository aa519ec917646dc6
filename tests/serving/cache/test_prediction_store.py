"""The durable level: one row a key, whatever the order; read by others; laid aside where it cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from math import isnan
from pathlib import Path

import pytest

from tradewind.core import Event, OutputError
from tradewind.serving.cache import PredictionStore, entry_of
from tradewind.streaming.records import Prediction

Make = Callable[..., Prediction]


def test_a_key_has_one_row_and_the_highest_revision_stays(tmp_path: Path, make_prediction: Make) -> None:
    store = PredictionStore(tmp_path / "p.db")
    for revision in (1, 2, 0):
        store.write([entry_of(make_prediction(time=5, revision=revision))])
    assert store.count() == 1
    newest = store.newest("AAA", "ensemble/1")
    assert newest is not None
    assert newest.prediction.revision == 2
    assert isnan(newest.prediction.lower)
    store.close()


def test_history_is_newest_first_and_across_models_where_none_is_named(tmp_path: Path, make_prediction: Make) -> None:
    store = PredictionStore(tmp_path / "p.db")
    made = [make_prediction(time=t, model=m) for t in (3, 1, 2) for m in ("a/1", "b/1")]
    store.write(entry_of(one, "odd" if one.time == 3 else "") for one in made)
    assert [one.time for one in store.history("AAA", limit=4)] == [3, 3, 2, 2]
    assert [one.time for one in store.history("AAA", limit=9, model="a/1")] == [3, 2, 1]
    assert [one.model for one in store.at(2, "b/1")] == ["b/1"]
    (newest,) = store.newest_all("a/1")
    assert (newest.prediction.time, newest.flag) == (3, "odd")
    store.trim(3)
    assert store.count() == 2
    store.close()


def test_what_was_withdrawn_is_history_but_not_the_newest_also_after_a_restart(
    tmp_path: Path, make_prediction: Make
) -> None:
    store = PredictionStore(tmp_path / "p.db")
    store.write([entry_of(make_prediction(time=1)), entry_of(make_prediction(time=2))])
    store.withdraw(["AAA"], 2)
    store.close()
    store = PredictionStore(tmp_path / "p.db")
    assert store.newest("AAA", "ensemble/1") is None
    assert store.newest_all("ensemble/1") == []
    assert len(store.history("AAA", limit=5)) == 2
    store.write([entry_of(make_prediction(time=2))])  # the same one, seen again in the log
    assert store.newest("AAA", "ensemble/1") is None
    store.write([entry_of(make_prediction(time=2, revision=1))])
    assert store.newest("AAA", "ensemble/1") is not None
    store.close()


def test_another_process_reads_while_this_one_writes(tmp_path: Path, make_prediction: Make) -> None:
    store = PredictionStore(tmp_path / "p.db")
    store.write([entry_of(make_prediction(f"S{i:03d}")) for i in range(50)])
    code = (
        "import sqlite3, sys; link = sqlite3.connect(sys.argv[1]); "
        "print(link.execute('SELECT count(*) FROM predictions').fetchone()[0])"
    )
    store._writer.execute("BEGIN IMMEDIATE")
    found = subprocess.run([sys.executable, "-c", code, str(store.path)], capture_output=True, text=True, check=True)
    store._writer.execute("ROLLBACK")
    assert found.stdout.strip() == "50"
    store.close()


def test_a_file_that_cannot_be_read_is_laid_aside_and_told(tmp_path: Path, make_prediction: Make) -> None:
    path, events = tmp_path / "p.db", list[Event]()
    path.write_bytes(os.urandom(8192))
    store = PredictionStore(path, emit=events.append)
    store.write([entry_of(make_prediction())])
    assert store.count() == 1
    assert [event.kind for event in events] == ["prediction_store_unreadable"]
    assert Path(events[0].evidence["kept_as"]).stat().st_size == 8192
    store.close()


def test_a_place_that_cannot_be_written_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose a folder"):
        PredictionStore(tmp_path / "file" / "p.db")
