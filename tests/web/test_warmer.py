"""Projects are warmed beforehand, and answers that take long outlive the process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pydantic import BaseModel

from tradewind.web.projects import Project
from tradewind.web.projects.kept import FOLDER, kept_answer
from tradewind.web.warmer import NEWEST, Warmer
from tradewind.web.workspace import Workspace


class _Sum(BaseModel):
    value: float


def _project(home: Path, name: str = "one") -> Project:
    folder = Workspace.of(home).projects / name
    folder.mkdir(parents=True)
    (folder / "project.toml").write_text(f'title = "{name}"\n')
    return Project(name=name, folder=folder)


def test_an_answer_is_kept_on_disk_until_a_file_changes(tmp_path: Path) -> None:
    project, made = _project(tmp_path), []
    source = project.folder / "project.toml"

    def ask(as_if: str) -> float:  # another name in memory stands for another process
        def make() -> _Sum:
            made.append(as_if)
            return _Sum(value=0.1 + 0.2)

        again = Project(name=as_if, folder=project.folder)
        return kept_answer(again, "sum", (source,), _Sum, make).value

    assert ask("first") == 0.1 + 0.2
    file = project.folder / FOLDER / "sum.json"
    assert file.exists()
    source.write_text('title = "longer than before"\n')
    ask("second")
    assert made == ["first", "second"]
    file.write_text("half an ans")
    source.write_text('title = "changed once more, and longer"\n')
    assert ask("third") == 0.1 + 0.2
    assert made == ["first", "second", "third"]


def test_what_another_process_kept_is_read(tmp_path: Path) -> None:
    project = _project(tmp_path)
    source = project.folder / "project.toml"
    kept_answer(project, "sum", (source,), _Sum, lambda: _Sum(value=7.5))
    moved = project.folder.with_name("moved")  # memory knows nothing of this folder, so the answer is the disk's
    project.folder.rename(moved)

    def fail() -> _Sum:
        raise AssertionError("worked out again")

    there = Project(name="moved", folder=moved)
    assert kept_answer(there, "sum", (moved / "project.toml",), _Sum, fail).value == 7.5


def test_warming_takes_projects_that_hold_nothing_and_looks_only_once(tmp_path: Path) -> None:
    one, two = _project(tmp_path, "one"), _project(tmp_path, "two")
    warmer = Warmer(Workspace.of(tmp_path))
    assert sorted(warmer.look()) == [one.name, two.name]
    assert warmer.look() == []
    (two.folder / "project.toml").write_text('title = "changed"\n')
    assert warmer.look() == ["two"]


def test_what_belongs_to_no_project_is_worked_out_too_and_a_fault_of_it_stops_nothing(tmp_path: Path) -> None:
    made: list[str] = []

    def fail() -> None:
        raise ArithmeticError("by zero")

    warmer = Warmer(Workspace.of(tmp_path), more=(("a fault", fail), ("a map", lambda: made.append("map"))))
    assert warmer.look() == []
    assert made == ["map"]


def test_it_waits_for_the_first_answer(tmp_path: Path) -> None:
    begun = threading.Event()
    warmer = Warmer(Workspace.of(tmp_path), more=(("a map", begun.set),), delay=0.01, patience=600.0)
    warmer.start()
    try:
        assert not begun.wait(0.3)
        warmer.answered()
        assert begun.wait(60.0)
    finally:
        warmer.stop()


def test_the_thread_ends_when_it_is_told_to(tmp_path: Path) -> None:
    warmer = Warmer(Workspace.of(tmp_path), delay=0.01)
    warmer.start()
    thread = warmer._thread
    warmer.stop()
    assert thread is not None
    assert not thread.is_alive()


def test_which_model_is_in_service_is_worked_out_for_every_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("tradewind.web.warmer.in_service", lambda _, project: asked.append(project.name))
    names = [_project(tmp_path, f"project-{at}").name for at in range(NEWEST + 1)]
    Warmer(Workspace.of(tmp_path)).look()
    assert sorted(asked) == names
