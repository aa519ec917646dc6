"""The models of an evaluation as one table: from the simplest rule to the ensemble, with what each costs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.web.projects import Project
from tradewind.web.views.analyst.compare_forecasts import STUDENT, SideBySide
from tradewind.web.views.analyst.compare_shapes import CompareModel, CompareModels, Kind

if TYPE_CHECKING:
    from tradewind.training import TrainedModel

_STUDENTS: Mapping[str, Kind] = {"gam": "shape functions", "linear": "line", "forest": "trees"}


def kinds_of(project: Project) -> dict[str, Kind]:
    """Return what each model of ``project`` is, by name."""
    from tradewind.models import LogisticForecaster
    from tradewind.models.trees.table import TreeModel
    from tradewind.training import ENSEMBLE

    model = project.model()
    kinds: dict[str, Kind] = dict.fromkeys(model.baselines, "rule")
    for name, member in [*model.ensemble.members.items(), *model.baselines.items()]:
        if isinstance(member, LogisticForecaster):
            kinds[name] = "line"
        elif isinstance(member, TreeModel):
            kinds[name] = "trees"
        elif name in model.ensemble.members:
            kinds[name] = "net"
    kinds[ENSEMBLE] = "joined"
    student = _student(project)
    if student is not None:
        kinds[STUDENT] = _STUDENTS.get(str(student.get("student", {}).get("kind")), "shape functions")
    return kinds


def models_of(project: Project, pairs: SideBySide | None) -> CompareModels:
    """Return the table of models; ``pairs`` : their forecasts bar by bar, None where they are not kept.

    Raises
    ------
    Problem : the project has no model, or was not evaluated.
    """
    metrics, model, kinds = project.metrics(), project.model(), kinds_of(project)
    rows = [_row(name, found, project, kinds) for name, found in metrics["models"].items()]
    if pairs is not None and STUDENT in pairs.names:
        rows.append(_student_row(pairs, project, kinds))
    rows.sort(key=lambda row: (row.name != metrics["primary"], row.baseline))
    context = metrics.get("context") or {}
    folds = context.get("folds") or []
    return CompareModels(
        project=project.name,
        primary=metrics["primary"],
        models=[row.model_copy(update={"weight": model.ensemble.weights.get(row.name)}) for row in rows],
        paired=[] if pairs is None else pairs.names,
        source="" if pairs is None else pairs.source,
        cost_bp=metrics["settings"]["backtest"]["cost_bp"],
        level=metrics["settings"]["bootstrap"]["level"],
        trials=metrics["verdict"]["trials"],
        seconds=sum(fold["seconds"] for fold in folds) if folds and "seconds" in folds[0] else None,
        first=min((fold["test_start"] for fold in folds if "test_start" in fold), default=None),
        last=max((fold["test_end"] for fold in folds if "test_end" in fold), default=None),
    )


def _row(name: str, found: Mapping[str, Any], project: Project, kinds: Mapping[str, Kind]) -> CompareModel:
    verdict, (lower, upper) = found["verdict"], found["accuracy_interval"]
    return CompareModel(
        name=name,
        kind=kinds.get(name, "rule" if found["baseline"] else "net"),
        baseline=found["baseline"],
        weight=None,
        lower=lower,
        upper=upper,
        sharpe=found["backtest"]["sharpe"],
        skill=verdict["skill"],
        p_value=verdict["p_value"] if verdict["trials"] == 1 else verdict["deflated_p_value"],
        bytes=_bytes(_folder(project, name)),
        columns=_columns(project.model(), name, kinds),
        **{key: found[key] for key in ("accuracy", "mcc", "brier", "ic", "n", "n_days")},
    )


def _student_row(pairs: SideBySide, project: Project, kinds: Mapping[str, Kind]) -> CompareModel:
    """Return the row of the student from its own forecasts; what only an evaluation measures is not known."""
    table = pairs.table.drop_nulls(["label", STUDENT])
    right = (table[STUDENT] > 0.5) == (table["label"] == 1)
    brier = ((table[STUDENT] - table["label"]) ** 2).mean()
    student = _student(project) or {}
    return CompareModel(
        name=STUDENT,
        kind=kinds[STUDENT],
        baseline=False,
        weight=None,
        accuracy=_number(right.mean()),
        lower=None,
        upper=None,
        mcc=None,
        brier=_number(brier),
        ic=None,
        sharpe=None,
        skill=None,
        p_value=None,
        n=len(table),
        n_days=table["date"].n_unique(),
        bytes=_bytes(project.folder / "distillation" / "student"),
        columns=len(student.get("student", {}).get("names", [])) or None,
    )


def _columns(model: TrainedModel, name: str, kinds: Mapping[str, Kind]) -> int | None:
    return None if kinds.get(name, "rule") == "rule" else len(model.record["features"])


def _folder(project: Project, name: str) -> Path:
    from tradewind.training import ENSEMBLE

    if name == ENSEMBLE:
        return project.model_folder / ENSEMBLE
    member = project.model_folder / ENSEMBLE / name
    return member if member.is_dir() else project.model_folder / "baselines" / name


def _bytes(folder: Path) -> int | None:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else None


def _student(project: Project) -> dict[str, Any] | None:
    path = project.folder / "distillation" / "distillation.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
