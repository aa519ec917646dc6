"""What a project's job runs: train, evaluate, forecast, explain, as a person would type them."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from tradewind.web.jobs.state import Step
from tradewind.web.projects.project import Project
from tradewind.web.workspace import Workspace

QUICK = ("logistic", "xgboost", "random_forest")
CHOICES: dict[str, str] = {
    "logistic": "a straight line; seconds",
    "xgboost": "boosted trees; seconds",
    "random_forest": "averaged trees; seconds to a minute",
    "lightgbm": "boosted trees; seconds",
    "catboost": "boosted trees; a minute",
    "lstm": "net with memory; minutes",
    "gru": "net with memory; minutes",
    "cnn": "net over windows; minutes",
    "tcn": "net over windows; minutes",
    "transformer": "net with attention; minutes",
    "hybrid": "net of two kinds; minutes",
    "graph": "net across symbols; minutes",
}
"""The members that may be asked for, with how long they take on a small market."""

FORECAST, WHY = "forecast/next.parquet", "forecast/explanations.json"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a job was asked to do: the members, and the spans as days, ISO."""

    models: tuple[str, ...]
    train_end: str
    test_start: str


def steps_of(project: Project, asked: Asked, place: Workspace) -> tuple[Step, ...]:
    """Return the commands that make model, evaluation, forecast and its explanation of ``project``."""
    given = ["--prices", str(project.prices_file)]
    for flag, name in (("--news", "news.parquet"), ("--universe", "universe.csv"), ("--fear", "fear.csv")):
        found = project.optional(name)
        given += [flag, str(found)] if found else []
    span = ["--train-end", asked.train_end]
    models = ["--models", ",".join(asked.models)]
    track = [] if "TRADEWIND_TRACK" in os.environ else ["--track", str(place.home)]
    audit = [] if "TRADEWIND_AUDIT" in os.environ else ["--audit", place.audit]
    model, evaluation = str(project.model_folder), str(project.evaluation_folder)
    metrics = ["--metrics", str(project.evaluation_folder / "metrics.json")]
    forecast, why = project.folder / FORECAST, project.folder / WHY
    commands: tuple[tuple[str, list[str], str], ...] = (
        ("train", [*given, *models, *span, *track, "--out", model], "model/model.json"),
        (
            "evaluate",
            [*given, *models, *span, "--test-start", asked.test_start, *track, "--out", evaluation],
            "evaluation/metrics.json",
        ),
        ("predict", ["--model", model, *given, *audit, "--out", str(forecast)], FORECAST),
        ("explain", ["--model", model, *given, *metrics, "--no-what-if", *audit, "--out", str(why.parent)], WHY),
    )
    return tuple(Step(name=name, arguments=(name, *flags), makes=makes) for name, flags, makes in commands)


def shown(step: Step) -> str:
    """Return the command of ``step`` as a person would type it in the folder where the dashboard runs."""
    here = Path.cwd()
    words = [_short(word, here) for word in step.arguments]
    return shlex.join(["tradewind", *words])


def _short(word: str, here: Path) -> str:
    path = Path(word)
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else word
