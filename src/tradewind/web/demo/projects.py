"""Two projects: six real stocks, of which no skill is to be expected, and a simulated market with skill planted in it.

They are made as anybody makes one: bars in a folder, then the job that trains, measures, forecasts and explains.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tradewind.core import Panel, Progress, TradewindError
from tradewind.data import MarketSettings, demo_files, load_demo, simulate, write_prices, write_universe
from tradewind.web.intake.spans import spans_of
from tradewind.web.jobs.start import start_job, stop_job
from tradewind.web.jobs.state import now, read_job
from tradewind.web.projects.make import write_about
from tradewind.web.projects.plan import Asked, steps_of
from tradewind.web.projects.project import Project
from tradewind.web.workspace import Workspace

REAL, PLANTED = "demo", "planted"
_PLANTED = MarketSettings(kind="momentum", n_symbols=12, n_days=900, ceiling=0.7, seed=11)
_LOOK = 0.2


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """One project: its name and title, the members, where its bars come from, and how to write them."""

    name: str
    title: str
    source: str
    models: tuple[str, ...]
    write: Callable[[Path], Panel]


def furnish(workspace: Workspace, progress: Progress) -> None:
    """Make the projects; one that was measured already stays as it is.

    Raises
    ------
    TradewindError : a command of a job failed.
    """
    wanted = (
        _Wanted(
            name=REAL,
            title="Six US stocks",
            source="bundled prices of six US stocks, chosen after their rise",
            models=("logistic", "xgboost"),
            write=_real,
        ),
        _Wanted(
            name=PLANTED,
            title="Simulated market, 70 % to be had",
            source="simulated: momentum that comes true 7 times in 10",
            models=("logistic",),
            write=_planted,
        ),
    )
    for one in wanted:
        _make(workspace, one, progress)


def _make(workspace: Workspace, wanted: _Wanted, progress: Progress) -> None:
    project = Project(name=wanted.name, folder=workspace.projects / wanted.name)
    if (project.evaluation_folder / "metrics.json").exists():
        return
    project.folder.mkdir(parents=True, exist_ok=True)
    spans = spans_of(wanted.write(project.folder))
    asked = Asked(models=wanted.models, train_end=spans.train_end, test_start=spans.test_start)
    about: dict[str, object] = {"title": wanted.title, "created": now(), "source": wanted.source}
    write_about(project.folder, about, asked)
    start_job(project.folder, steps_of(project, asked, workspace), by="the demo")
    try:
        _wait(project, f"project {wanted.name}", progress)
    except BaseException:
        job = read_job(project.folder)
        if job is not None and job.open:  # whoever stops the furnishing stops its work, too
            stop_job(project.folder)
        raise


def _wait(project: Project, stage: str, progress: Progress) -> None:
    while True:
        job = read_job(project.folder)
        if job is None:
            raise TradewindError(f"the job of project {project.name} is gone")
        progress.update(stage, sum(step.state == "done" for step in job.steps), len(job.steps))
        if job.state == "done":
            return
        if not job.open:
            raise TradewindError(
                f"the job of project {project.name} is {job.state}: {job.problem or 'no reason given'}"
            )
        time.sleep(_LOOK)


def _real(folder: Path) -> Panel:
    for name, file in demo_files().items():
        shutil.copy(file, folder / f"{name}{file.suffix}")
    return load_demo()


def _planted(folder: Path) -> Panel:
    market = simulate(_PLANTED)
    write_prices(market.panel, folder / "prices.parquet")
    write_universe(market.universe, folder / "universe.csv")
    return market.panel
