"""Versions change under requests: none is lost, none is answered by half a version, and a bad one changes nothing."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tradewind.core import InputError, UsageError
from tradewind.serving.runtime import LoadedModel, Shelf, ShelfEvent, load_artefact


@dataclass
class Source:
    """A registry that says what the test says."""

    folder: Path
    roles: dict[str, str]
    asked: list[str] = field(default_factory=list)

    def current(self) -> dict[str, str]:
        return dict(self.roles)

    def artefact(self, ref: str) -> str:
        self.asked.append(ref)
        return f"{self.folder}::{ref}"


@pytest.fixture
def load(served):
    """Return a loader that gives the served model another name; a version that says ``bad`` is damaged."""

    def make(place: str) -> LoadedModel:
        ref = place.rpartition("::")[2]
        if "bad" in ref:
            raise InputError("does not match its SHA-256 in the manifest", file=f"{ref}/lstm.onnx")
        pipeline = replace(served.pipeline, about={**served.pipeline.about, "ref": ref})
        return LoadedModel(folder=Path(place), pipeline=pipeline)

    return make


@pytest.fixture
def events() -> list[ShelfEvent]:
    return []


@pytest.fixture
def shelf(load, events) -> Shelf:
    return Shelf(load=load, on_event=events.append)


def test_roles_are_loaded_once_and_swapped_together(shelf, tmp_path, events):
    source = Source(tmp_path, {"champion": "m/1", "canary": "m/2"})
    assert shelf.refresh(source).loaded == ("m/1", "m/2")
    assert shelf.role().ref == "m/1"
    assert shelf.role("canary").ref == "m/2"
    assert shelf.refresh(source).loaded == ()
    source.roles = {"champion": "m/2", "shadow": "m/1"}
    assert shelf.refresh(source) == shelf.refresh(source)
    assert shelf.roles() == {"champion": "m/2", "shadow": "m/1"}
    assert source.asked == ["m/1", "m/2"]
    assert ShelfEvent(kind="role", ref="m/2", role="champion") in events
    with pytest.raises(UsageError, match="no version is canary"):
        shelf.role("canary")


def test_a_damaged_version_leaves_what_is_served(shelf, tmp_path, events):
    source = Source(tmp_path, {"champion": "m/1"})
    shelf.refresh(source)
    source.roles = {"champion": "m/bad", "canary": "m/3"}
    done = shelf.refresh(source)
    assert "SHA-256" in done.failed["m/bad"]
    assert shelf.roles() == {"champion": "m/1", "canary": "m/3"}
    assert [event.ref for event in events if event.kind == "failed"] == ["m/bad"]
    with pytest.raises(UsageError, match="'m/bad' is not loaded"):
        shelf.get("m/bad")


def test_an_artefact_of_another_version_is_refused(artefact, tmp_path, events):
    shelf = Shelf(on_event=events.append)
    source = Source(tmp_path, {"champion": "small/2"})
    source.artefact = lambda ref: str(artefact)  # type: ignore[method-assign]
    assert "is of small/1, not of small/2" in shelf.refresh(source).failed["small/2"]
    source.roles = {"champion": "small/1"}
    assert shelf.refresh(source).loaded == ("small/1",)


def test_the_last_version_is_kept_and_older_ones_are_dropped(shelf, tmp_path, events):
    source = Source(tmp_path, {})
    for number in range(1, 5):
        source.roles = {"champion": f"m/{number}"}
        shelf.refresh(source)
    assert set(shelf.refs()) == {"m/3", "m/4"}
    assert [event.ref for event in events if event.kind == "dropped"] == ["m/1", "m/2"]
    source.roles = {"champion": "m/3"}  # going back loads nothing
    assert shelf.refresh(source).loaded == ()
    assert shelf.role().ref == "m/3"


def test_a_version_is_kept_while_a_request_holds_it(load, tmp_path, events):
    shelf = Shelf(load=load, on_event=events.append, keep=0)
    source = Source(tmp_path, {"champion": "m/1"})
    shelf.refresh(source)
    with shelf.hold() as model:
        source.roles = {"champion": "m/2"}
        assert shelf.refresh(source).dropped == ()
        assert model.ref == "m/1"
        assert shelf.get("m/1") is model
        assert not shelf.drained("m/1", timeout=0.01)
        with shelf.hold() as newer:
            assert newer.ref == "m/2"
    assert shelf.refs() == ("m/2",)
    assert shelf.drained("m/1", timeout=0.0)
    assert events[-1] == ShelfEvent(kind="dropped", ref="m/1")


def test_a_source_that_fails_changes_nothing(shelf, tmp_path):
    source = Source(tmp_path, {"champion": "m/1"})
    shelf.refresh(source)

    def gone() -> dict[str, str]:
        raise ConnectionError("the registry is away")

    source.current = gone  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        shelf.refresh(source)
    assert shelf.role().ref == "m/1"
    source.current = dict  # type: ignore[method-assign]
    shelf.refresh(source)
    assert shelf.role().ref == "m/1"


def test_no_request_is_lost_while_versions_change(shelf, tmp_path, rows):
    source = Source(tmp_path, {"champion": "m/0"})
    shelf.refresh(source)
    want = shelf.role().predict(rows).probability
    stop, failures, answered = threading.Event(), [], [0]

    def ask() -> None:
        while not stop.is_set():
            try:
                with shelf.hold() as model:
                    if not (model.predict(rows).probability == want).all():
                        failures.append(model.ref)
                answered[0] += 1
            except Exception as error:  # noqa: BLE001  any error is a lost request
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 60.0
    number = 0
    while (number < 30 or answered[0] < 30) and time.monotonic() < until:
        number += 1
        source.roles = {"champion": f"m/{number}" if number % 5 else "m/bad"}
        shelf.refresh(source)
        time.sleep(0.002)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert answered[0] >= 30
    assert number >= 30
    assert len(shelf.refs()) <= 2


def test_a_real_artefact_is_reloaded_after_it_was_mended(artefact, tmp_path):
    folder = tmp_path / "m"
    shutil.copytree(artefact, folder)
    good = (folder / "lstm.onnx").read_bytes()
    (folder / "lstm.onnx").write_bytes(good[:-7])
    source = Source(tmp_path, {"champion": "small/1"})
    source.artefact = lambda ref: str(folder)  # type: ignore[method-assign]
    shelf = Shelf(load=load_artefact)
    assert "lstm.onnx" in shelf.refresh(source).failed["small/1"]
    assert shelf.refs() == ()
    (folder / "lstm.onnx").write_bytes(good)
    assert shelf.refresh(source).loaded == ("small/1",)
