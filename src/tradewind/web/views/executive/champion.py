"""Which model is in service by the registry's signed decisions, and whether a project's forecasts come from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from tradewind.web.problems import Problem
from tradewind.web.projects.project import Project
from tradewind.web.workspace import Workspace

if TYPE_CHECKING:
    from tradewind.governance.reports import ModelEntry
    from tradewind.registry import Decision


class ExecutiveStep(BaseModel):
    """A signed decision on a version's way."""

    stage: str
    at: str
    by: str
    reason: str


class ExecutiveChampion(BaseModel):
    """The champion of one registered model."""

    name: str
    version: str
    since: str = Field(description="When it became the champion.")
    steps: list[ExecutiveStep] = Field(description="Who validated, approved and promoted it, oldest first.")
    serving: str = Field(description="What is served at present: another version or nothing where an order says so.")
    speaks: bool = Field(description="The forecasts of this project come from it, byte for byte.")
    waiting: list[str] = Field(description="Newer versions that are on their way, with where they stand.")


class ExecutiveInService(BaseModel):
    """What the registry of the workspace says; empty where there is no registry, or no champion."""

    champions: list[ExecutiveChampion]
    registered: bool = Field(description="There is a registry with models.")
    unsound: list[str] = Field(description="Models whose records are not what was signed for; none is shown as sound.")


def in_service(place: Workspace, project: Project) -> ExecutiveInService:
    """Return the champions, the one that ``project`` forecasts with first.

    Raises
    ------
    InputError : the registry cannot be read.
    """
    from tradewind.web.views.compliance.registered import registered

    try:
        found = registered(place)
    except Problem as problem:
        if problem.shape.status != 404:
            raise
        return ExecutiveInService(champions=[], registered=False, unsound=[])
    own = _content(project)
    champions = [
        _champion(entry, found.entries, found.history[entry.name], found.serving.get(entry.name, ""), own)
        for entry in found.entries
        if entry.stage == "champion"
    ]
    champions.sort(key=lambda one: (not one.speaks, one.name))
    return ExecutiveInService(
        champions=champions, registered=True, unsound=[f"{one.name}: {one.problem}" for one in found.unsound]
    )


def _champion(
    entry: ModelEntry, entries: Sequence[ModelEntry], history: Sequence[Decision], serving: str, own: str | None
) -> ExecutiveChampion:
    moves = [one for one in history if str(one.version) == entry.version and one.to_stage is not None]
    since = next((one.at for one in reversed(moves) if one.to_stage == "champion"), "")
    return ExecutiveChampion(
        name=entry.name,
        version=entry.version,
        since=since,
        steps=[
            ExecutiveStep(stage=str(one.to_stage), at=one.at, by=one.by, reason=one.reason)
            for one in moves
            if one.from_stage is not None
        ],
        serving=serving,
        speaks=own is not None and own == entry.record.get("model_sha256"),
        waiting=[
            f"{one.reference} is {one.stage}"
            for one in entries
            if one.name == entry.name and int(one.version) > int(entry.version) and one.stage != "retired"
        ],
    )


def _content(project: Project) -> str | None:
    """Return the hash of the project's model, None where there is none."""
    from tradewind.registry.folder import files_sha256, folder_files

    folder = project.model_folder
    if not (folder / "model.json").exists():
        return None
    return project.derived("model content", (folder, folder / "model.json"), lambda: files_sha256(folder_files(folder)))
