"""Operations on fairness: are groups of symbols forecast alike, and what do the training data hold too much of?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tradewind.core import Progress
from tradewind.core.files import read_json, write_json_file
from tradewind.core.plain import finite
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import Problem, absent
from tradewind.web.projects import Project, open_project
from tradewind.web.views.compliance.tasks_api import ComplianceTask, begin

router = APIRouter(prefix="/fairness")
T = TypeVar("T", bound=BaseModel)
Every = Literal["month", "quarter", "year"]


def _known(value: Any) -> Any:
    """Return None for what is no number: a rate without rows."""
    return None if isinstance(value, float) and not np.isfinite(value) else value


Known = Annotated[float | None, BeforeValidator(_known)]


class FairInterval(BaseModel):
    """A figure with its 95 % interval; null where it has none."""

    model_config = ConfigDict(extra="ignore")
    value: Known
    lower: Known
    upper: Known


class FairGroup(BaseModel):
    """Rates of one group."""

    model_config = ConfigDict(extra="ignore")
    group: str
    n: int
    small: bool = Field(description="Too few rows to be compared.")
    rise: FairInterval = Field(description="Share forecast to rise.")
    true_positive: FairInterval = Field(description="Of the rows that rose, the share forecast to.")
    false_positive: FairInterval = Field(description="Of the rows that fell, the share forecast to rise.")
    accuracy: FairInterval


class FairParity(BaseModel):
    """Groups of one kind, and how far apart they are."""

    model_config = ConfigDict(extra="ignore")
    by: str
    groups: list[FairGroup]
    gap: dict[str, FairInterval] = Field(description="Highest less lowest, by measure.")
    ratio: dict[str, FairInterval] = Field(description="Lowest over highest, by measure.")
    four_fifths: Known = Field(description="p value of keeping the four-fifths rule.")
    words: str


class FairPeriod(BaseModel):
    """One period."""

    model_config = ConfigDict(extra="ignore")
    period: str
    rows: int
    ratio: FairInterval
    gap: FairInterval
    opportunity: FairInterval
    low: str
    high: str
    broken: bool


class FairKind(BaseModel):
    """One kind of group over the whole span and by period."""

    model_config = ConfigDict(extra="ignore")
    by: str
    whole: FairParity
    broken: bool
    suspected: bool
    periods: list[FairPeriod]
    persistent: str


class FairMeasured(BaseModel):
    """A fairness report."""

    model_config = ConfigDict(extra="ignore")
    model: str
    rows: int
    first: str
    last: str
    every: Every
    kinds: list[FairKind]
    words: list[str]


class BalanceShare(BaseModel):
    """How much of the training rows one group is."""

    model_config = ConfigDict(extra="ignore")
    group: str
    rows: int
    share: float
    expected: Known
    symbols: int
    rises: FairInterval
    flag: str


class BalanceKind(BaseModel):
    """The groups of one kind in the training data."""

    model_config = ConfigDict(extra="ignore")
    by: str
    groups: list[BalanceShare]
    effective: Known = Field(description="Number of equally large groups that would be as concentrated.")
    unknown: float


class BalanceReport(BaseModel):
    """What the training data hold too much of."""

    model_config = ConfigDict(extra="ignore")
    rows: int
    symbols: int
    first: str
    last: str
    balances: list[BalanceKind]
    findings: list[str]


class FairnessPage(BaseModel):
    """Fairness of one project's forecasts and data."""

    project: str
    line: float = Field(description="The four-fifths line.")
    parity: list[FairParity] = Field(description="As the evaluation measured it.")
    measured: FairMeasured | None = Field(description="Over time; null: not measured yet.")
    measured_at: datetime | None
    stale: bool = Field(description="The forecasts are newer than the report.")
    balance: BalanceReport | None = Field(description="Of the training data; null: not counted yet.")
    balance_at: datetime | None


@router.get("/{project}")
def fairness_of_project(place: Place, project: str) -> FairnessPage:
    """Parity as the evaluation measured it, and the reports over time and of the data where they were made."""
    from tradewind.evaluation.parity import FOUR_FIFTHS

    found = open_project(place, project)
    parity = found.metrics().get("parity") or {}
    measured, balance = _folder(found) / "fairness.json", _folder(found) / "balance.json"
    made, counted = _at(measured), _at(balance)
    forecasts = _at(found.evaluation_folder / "predictions.parquet")
    return FairnessPage(
        project=found.name,
        line=FOUR_FIFTHS,
        parity=[FairParity.model_validate(one) for one in _parities(parity)],
        measured=_read(measured, FairMeasured),
        measured_at=made,
        stale=made is not None and forecasts is not None and forecasts > made,
        balance=_read(balance, BalanceReport),
        balance_at=counted,
    )


@router.post("/{project}/measure", status_code=202)
def measure_fairness(
    request: Request,
    place: Place,
    user: CurrentUser,
    project: str,
    every: Annotated[Every, Query(description="Length of a period.")] = "quarter",
) -> ComplianceTask:
    """Measure fairness over time and count the training data, in the background, as ``tradewind fairness`` does."""
    found = open_project(place, project)
    found.predictions()
    return begin(request, user, "fairness", project, lambda progress: measure(found, every, progress))


@router.get("/{project}/{report}.html", response_class=FileResponse)
def fairness_file(place: Place, project: str, report: Literal["fairness", "balance"]) -> FileResponse:
    """The report as a page of its own."""
    path = _folder(open_project(place, project)) / f"{report}.html"
    if not path.is_file():
        raise absent("such report", f"{path} is missing.", f"tradewind fairness ... --out {path.parent}")
    return FileResponse(path, filename=f"{report}-{project}.html", media_type="text/html")


def measure(project: Project, every: Every, progress: Progress) -> dict[str, Any]:
    """Write fairness over time and the balance of the training data into the project; return their findings."""
    from tradewind.governance.fairness import data_balance, fairness_report, write_balance, write_fairness
    from tradewind.training import read_forecasts

    folder = _folder(project)
    progress.update("read forecasts", 0, 3)
    outcomes = read_forecasts(project.evaluation_folder / "predictions.parquet", project.panel())
    progress.update("measure fairness over time", 1, 3)
    report = fairness_report(outcomes, every=every)
    write_json_file(folder / "fairness.json", finite(report.to_dict()))
    write_fairness(report, folder / "fairness.html")
    progress.update("count the training data", 2, 3)
    data = project.dataset()
    end = str(project.model().record.get("trained_until") or "")[:10]
    rows = np.flatnonzero(data.labels.known_by(end) if end else ~np.isnat(data.labels.end))
    balance = data_balance(data, rows)
    write_json_file(folder / "balance.json", finite(balance.to_dict()))
    write_balance(balance, folder / "balance.html")
    progress.update("count the training data", 3, 3)
    return {"words": [kind.words for kind in report.kinds], "findings": list(balance.findings)}


def _folder(project: Project) -> Path:
    return project.folder / "fairness"


def _parities(parity: Any) -> list[Any]:
    return list(parity.values()) if isinstance(parity, dict) and "by" not in parity else [parity] if parity else []


def _at(path: Path) -> datetime | None:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


def _read(path: Path, shape: type[T]) -> T | None:
    if not path.exists():
        return None
    try:
        return shape.model_validate(read_json(path, what="a fairness report"))
    except ValueError as error:
        raise Problem(
            409, "This report is of another version", f"{path} cannot be read.", fix="measure it again"
        ) from error
