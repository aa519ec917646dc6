"""A job runs commands beside the dashboard, says how far it is, stops when asked, and goes on where it stopped."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tradewind.core.errors import UsageError
from tradewind.web.jobs.runner import TURN
from tradewind.web.jobs.start import resume_job, start_job, stop_job
from tradewind.web.jobs.state import LOCK, Job, Step, now, read_job, state_of, take, work_of, write_job


def version(name: str = "look") -> Step:
    return Step(name=name, arguments=("--version",), makes="project.toml")


def wait(project: Path, states: set[str], seconds: float = 60.0) -> Job:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = read_job(project)
        if job is not None and job.state in states:
            return job
        time.sleep(0.05)
    raise AssertionError(f"the job did not come to {states}: {read_job(project)}")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "projects" / "one"
    folder.mkdir(parents=True)
    (folder / "project.toml").write_text('title = "One"\n')
    return folder


def test_no_job_has_no_state(project: Path) -> None:
    assert read_job(project) is None
    assert state_of(project) is None


def test_a_job_runs_its_commands_in_order_and_keeps_what_they_said(project: Path) -> None:
    start_job(project, (version("first"), version("second")), by="ann")
    job = wait(project, {"done", "failed"})
    assert job.state == "done"
    assert job.by == "ann"
    assert [step.state for step in job.steps] == ["done", "done"]
    assert all(step.output[-1].startswith("tradewind ") for step in job.steps)
    assert (work_of(project) / "first.log").read_text().startswith("tradewind ")


@pytest.mark.slow
def test_a_command_that_fails_ends_the_job_with_its_error_and_can_go_on(project: Path) -> None:
    wrong = Step(name="wrong", arguments=("check", "--prices", str(project / "none.csv")), makes="none")
    start_job(project, (version(), wrong, version("never")), by="ann")
    job = wait(project, {"done", "failed"})
    assert job.state == "failed"
    assert [step.state for step in job.steps] == ["done", "failed", "waiting"]
    assert job.problem
    began = job.steps[0].began
    resume_job(project)
    again = wait(project, {"failed"})
    assert again.steps[0].began == began  # what ended well is not run again


@pytest.mark.slow
def test_one_job_at_a_time_waits_for_its_turn_and_can_be_cancelled_there(project: Path) -> None:
    turn = take(project.parent / TURN)
    assert turn is not None
    start_job(project, (version(),), by="ann")
    assert wait(project, {"waiting"}).open
    with pytest.raises(UsageError, match="runs"):
        start_job(project, (version(),), by="bob")
    stop_job(project)
    assert wait(project, {"cancelled"}).steps[0].state == "waiting"


def test_a_job_that_nobody_runs_was_cut_off(project: Path) -> None:
    write_job(project, Job(steps=(version(),), created=now(), state="running"))
    assert state_of(project) == "interrupted"
    lock = take(work_of(project) / LOCK)
    assert lock is not None
    assert state_of(project) == "running"


def test_what_does_not_run_cannot_be_stopped_and_what_is_done_not_resumed(project: Path) -> None:
    with pytest.raises(UsageError, match="no job"):
        stop_job(project)
    write_job(project, Job(steps=(version(),), created=now(), state="done"))
    with pytest.raises(UsageError, match="no job"):
        resume_job(project)
