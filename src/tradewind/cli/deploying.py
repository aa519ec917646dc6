"""From models, as people name them, to a deployment: artefacts exported, checked, and assigned to roles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tradewind.cli import show
from tradewind.cli.inputs import Market, dataset_of
from tradewind.cli.resolve import Resolved, resolve_model
from tradewind.core import InputError, UsageError
from tradewind.core.panel import UNKNOWN_SECTOR
from tradewind.explain.distillation import Agreement, Student, export_student
from tradewind.registry import files_sha256, folder_files
from tradewind.serving.node.deployment import Deployed, Deployment, Universe
from tradewind.serving.node.versions import SEPARATOR
from tradewind.training import TrainedModel
from tradewind.training.export import CheckRows, ExportReport, ExportSettings, export_model

CHECKED = 1024
"""Rows, the newest, on which an exported model is compared with the trained one."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be deployed: the champion and, by role, other models; each a folder or a registered name.

    ``student`` : folder of the champion's student, as `tradewind distill` wrote it.
    """

    champion: str
    others: Mapping[str, str] = field(default_factory=dict)
    registry: str | None = None
    student: Path | None = None


def deploy(wanted: Wanted, market: Market, out: Path, *, settings: ExportSettings | None = None) -> Deployment:
    """Export what is ``wanted`` into the folder of the file ``out``, and write that file.

    A version whose artefact is there already is not exported again. Serving ``market``'s symbols.

    Raises
    ------
    UsageError : a version may not be served, or cannot be exported. InputError : there is no such model.
    """
    chosen = {"champion": wanted.champion, **wanted.others}
    roles: dict[str, str] = {}
    versions: dict[str, Deployed] = {}
    for role, text in chosen.items():
        found = resolve_model(text, registry=wanted.registry)
        ref, base = reference(found)
        if ref == roles.get("champion"):  # it was made champion while its command line still names it as a canary
            show.warn(f"{text}, named as {role}, is the champion already")
            continue
        if ref in versions:
            raise UsageError(
                f"{text} is already deployed as {ref}", field=role, fix="give each role a version of its own"
            )
        place = out.parent / "artefacts" / base.replace("/", "-")
        export_once(found, base, place, market, settings)
        artefact = str(place.relative_to(out.parent))
        roles[role] = ref
        versions[ref] = Deployed(
            artefact=artefact if found.baseline is None else f"{artefact}{SEPARATOR}{found.baseline}",
            model=str(found.folder.resolve()),
            how="unregistered" if found.served is None else found.served.how,
            words=found.words,
        )
    if wanted.student is not None:
        teacher = resolve_model(wanted.champion, registry=wanted.registry)
        ref = export_student_once(wanted.student, teacher, out.parent / "artefacts", market)
        roles["student"] = ref
        place = out.parent / "artefacts" / ref.replace("/", "-")
        versions[ref] = Deployed(
            artefact=str(place.relative_to(out.parent)),
            model=str(wanted.student.resolve()),
            how="beside the champion",
            words=f"student of {roles['champion']}: answers nobody, its disagreement flags a forecast",
        )
    deployment = Deployment(universe=universe_of(market), roles=roles, versions=versions)
    deployment.write(out)
    return deployment


def reference(found: Resolved) -> tuple[str, str]:
    """Return (the reference a version is served under, that of its model); they differ where a baseline answers."""
    if found.record is not None:
        base = found.record.reference
    else:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", found.folder.resolve().name).strip("-._") or "model"
        base = f"{name[:60]}/{files_sha256(folder_files(found.folder))[:12]}"
    return (base if found.baseline is None else f"{base}:{found.baseline}"), base


def universe_of(market: Market) -> Universe:
    """Return the symbols of ``market`` with their sectors."""
    panel = market.panel
    sectors = dict.fromkeys(panel.symbols, UNKNOWN_SECTOR)
    sectors.update({symbol: sector for symbol, sector in zip(panel.symbols, panel.sectors, strict=True) if sector})
    return Universe.of(sectors)


def export_once(
    found: Resolved, ref: str, place: Path, market: Market, settings: ExportSettings | None
) -> ExportReport | None:
    """Export a version into ``place``, and return the report; None where it is there, of the same model."""
    origin = files_sha256(folder_files(found.folder))
    if exported_from(place) == (ref, origin):
        return None
    model = TrainedModel.load(found.folder)
    data = dataset_of(market, model.settings)
    rows = np.sort(np.argsort(data.panel.time, kind="stable")[-CHECKED:])
    show.note(f"Exporting {ref}, checked on the newest {len(rows)} bars")
    return export_model(
        model,
        place,
        ref=ref,
        check=CheckRows(data=data, rows=rows, news=market.news),
        settings=settings or ExportSettings(study=False),
        origin_sha256=origin,
    )


def export_student_once(folder: Path, teacher: Resolved, artefacts: Path, market: Market) -> str:
    """Export the student in ``folder`` with the rule by which it agrees, where that was not done; return its reference.

    Raises
    ------
    InputError : the folder holds no student. UsageError : it is another model's.
    """
    student, rule = Student.load(folder), Agreement.load(folder)
    ref = f"student/{student.sha256[:12]}"
    place = artefacts / ref.replace("/", "-")
    if exported_from(place) != (ref, student.sha256):
        model = TrainedModel.load(teacher.folder)
        data = dataset_of(market, model.settings)
        rows = np.sort(np.argsort(data.panel.time, kind="stable")[-CHECKED:])
        export_student(
            student, model, place, ref=ref, check=CheckRows(data=data, rows=rows, news=market.news), agreement=rule
        )
    return ref


def exported_from(place: Path) -> tuple[str, str] | None:
    """Return (reference, hash of the model's files) of the artefact in ``place``; None where there is none."""
    from tradewind.models.engines import read_pipeline

    if not place.is_dir():
        return None
    try:
        about = read_pipeline(place).about
    except InputError as error:
        show.warn(f"{error} It is exported again.")
        return None
    return str(about["ref"]), str(about["origin_sha256"])
