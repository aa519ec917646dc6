"""The executive view of a project, put together once for each change of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import InputError
from tradewind.web.problems import Problem, absent
from tradewind.web.projects.kept import kept_answer
from tradewind.web.projects.project import Project
from tradewind.web.views.executive.forecasts import files_of, forecasts_of, market_of
from tradewind.web.views.executive.record import calibration_of, money_of, periods_of, record_of
from tradewind.web.views.executive.shapes import (
    ExecutiveForecast,
    ExecutiveModel,
    ExecutiveSummary,
    ExecutiveVerdict,
)

_WEEK = np.timedelta64(7, "D")


def summary_bytes(project: Project) -> bytes:
    """Return the executive view as JSON, kept until a file of the project changes.

    Raises
    ------
    Problem : nothing was forecast yet.
    """
    evaluation = project.evaluation_folder
    files: tuple[Path, ...] = (
        evaluation / "metrics.json",
        evaluation / "predictions.parquet",
        evaluation / "report.html",
        project.prices_file,
        project.model_folder / "model.json",
        project.folder / "project.toml",
        project.folder / "universe.csv",
        *files_of(project),
    )

    def make() -> bytes:
        found = kept_answer(project, "executive", files, ExecutiveSummary, lambda: summary_of(project))
        return found.model_dump_json().encode()

    return project.derived("executive bytes", files, make)


def summary_of(project: Project) -> ExecutiveSummary:
    """Return the executive view; what was not made yet is told as absent.

    Raises
    ------
    Problem : nothing was forecast yet.
    """
    evaluated = (project.evaluation_folder / "metrics.json").exists()
    if not evaluated and not files_of(project)[0].exists():
        raise absent(
            "forecast in this project",
            "Its model was not trained yet, or its job is still at work.",
            f"open Projects, {project.name}, and start its job",
        )
    forecasts, ahead = forecasts_of(project)
    metrics = project.metrics() if evaluated else None
    outcomes = project.outcomes() if metrics else None
    model = _model(project)
    verdict = _verdict(metrics) if metrics else None
    return ExecutiveSummary(
        project=project.name,
        title=str(project.about.get("title") or project.name),
        as_of=max((one.date for one in forecasts), default=None),
        ahead=ahead,
        verdict=verdict,
        forecasts=forecasts,
        market=market_of(forecasts),
        record=record_of(metrics, outcomes) if metrics and outcomes is not None else None,
        periods=periods_of(outcomes) if outcomes is not None else [],
        calibration=calibration_of(outcomes) if outcomes is not None else [],
        money=money_of(metrics, outcomes) if metrics and outcomes is not None else None,
        model=model,
        keep_in_mind=_keep_in_mind(project, verdict, forecasts, model),
        report=(project.evaluation_folder / "report.html").exists(),
    )


def _verdict(metrics: Mapping[str, Any]) -> ExecutiveVerdict:
    said = metrics["verdict"]
    p = said.get("deflated_p_value", said.get("p_value"))
    return ExecutiveVerdict(skill=bool(said["skill"]), words=said["words"], days=said["n_days"], p_value=p)


def _model(project: Project) -> ExecutiveModel | None:
    """Return which model speaks, from its record alone: loading its members would take seconds."""
    path = project.model_folder / "model.json"
    if not path.exists():
        return None
    record = json.loads(path.read_text(encoding="utf-8")).get("record", {})
    return ExecutiveModel(
        learned_until=str(record.get("trained_until", ""))[:10],
        members={str(name): float(weight) for name, weight in record.get("weights", {}).items()},
    )


def _keep_in_mind(
    project: Project,
    verdict: ExecutiveVerdict | None,
    forecasts: list[ExecutiveForecast],
    model: ExecutiveModel | None,
) -> list[str]:
    """Return what a reader must know before acting on any of it."""
    said = []
    if verdict is None:
        said.append("Nothing was measured out of sample, so nothing here tells how often the model is right.")
    elif not verdict.skill:
        said.append("No skill was shown out of sample: the numbers are no ground for a decision.")
    else:
        said.append(
            "Skill was shown on past days. Markets change, and what worked on them need not work on the days to come."
        )
    doubtful = sum(1 for one in forecasts if one.doubts)
    if doubtful:
        verb = "bears" if doubtful == 1 else "bear"
        said.append(f"{doubtful} of {len(forecasts)} forecasts {verb} a sign of low confidence; it is named beside it.")
    if model and model.learned_until:
        said.append(f"The model learned from labels known by {model.learned_until}, and from nothing later.")
    if _survivors(project):
        said.append(
            "Every symbol lives to the last day of the prices, so symbols that failed may be absent; what portfolios "
            "earned is then too high."
        )
    said.append("Reasons are what the model leans on, not causes of what a price will do.")
    return said


def _survivors(project: Project) -> bool:
    try:
        panel = project.panel()
    except (Problem, InputError):  # forecasts may be shown without the bars they came from
        return False
    last = panel.time[panel.offsets[1:] - 1]
    return panel.n_symbols > 1 and bool((last >= panel.times[-1] - _WEEK).all())
