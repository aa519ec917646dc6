"""A student as a serving artefact: it reads the champion's raw features and runs on the champion's engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import IntArray
from tradewind.explain.distillation.agreement import Agreement
from tradewind.explain.distillation.engine import export_form
from tradewind.explain.distillation.student import Student
from tradewind.models.engines.artefact import KIND, pipeline_of, write_pipeline
from tradewind.models.engines.measure import remeasured
from tradewind.models.engines.pipeline import SIZE_RANK
from tradewind.models.engines.preparation import Preparation
from tradewind.models.export import ExportedMember
from tradewind.models.storage import Artefact, pack_arrays
from tradewind.training import TrainedModel
from tradewind.training.export import CheckRows, ExportReport, window_rows
from tradewind.training.export.export import HEAD_FILES, MOST_ROWS
from tradewind.training.model import HEAD_COLUMN

TOLERANCE = 1e-6
"""Largest difference of probability from the student on the check rows."""


def export_student(
    student: Student,
    model: TrainedModel,
    folder: Path,
    *,
    ref: str,
    check: CheckRows,
    agreement: Agreement | None = None,
) -> ExportReport:
    """Write the serving artefact of ``student``, taught by ``model``, whole or not at all; return what was measured.

    It answers with the student's probability and, where the teacher shifts groups, the same shift, so that the two stay
    as far apart as the student is from what it was taught. The expected return is what the teacher makes of such a
    probability alone; there is no interval.

    Parameters
    ----------
    ref : ``name/version`` of the student.
    check : rows on which the artefact is compared with the student, at most 2048, spread evenly.
    agreement : the rule that was learned with it, kept in the manifest for the server.

    Raises
    ------
    UsageError : the student was not taught by ``model``, the check data lack a feature, or the artefact does not answer
        as the student does. OutputError : the folder cannot be written.
    """
    if len(check.rows) == 0:
        raise UsageError("there is no row to check the export on", field="check", fix="give validation rows")
    spread = np.linspace(0, len(check.rows) - 1, min(len(check.rows), MOST_ROWS)).astype(np.int64)
    check = replace(check, rows=check.rows[spread])
    preparation, raw, prepared = _preparation(student, model)
    features = _features(model, raw, check)
    place = {name: at for at, name in enumerate(prepared)}
    columns = np.array([place[name] for name in student.names], dtype=np.int64)
    member = export_form(student, columns, len(prepared))
    files = {"preparation.npz": pack_arrays(preparation.to_arrays()), **member.files, **_head(model, features)}
    state = _state(
        model,
        member,
        ref=ref,
        origin_sha256=student.sha256,
        tolerance=TOLERANCE,
        features=list(features),
        prepared=list(prepared),
        student={
            "kind": student.kind,
            "features": list(student.names),
            "agreement": None if agreement is None else agreement.to_dict(),
        },
    )
    pipeline = pipeline_of(state, Artefact(kind=KIND, state=state, files=files), folder)
    rows = window_rows(model, check, features, 1)
    pipeline = remeasured(pipeline, rows)
    want = student.predict(model.prepare(check.data, check.news), check.rows)
    got = replace(pipeline, shift=None).predict(rows).probability
    away = float(np.abs(got - want).max())
    if not away <= TOLERANCE:
        raise UsageError(
            f"the exported student's probabilities differ by {away:.1e} from its own, more than {TOLERANCE:.1e}",
            field="student",
            fix="distil the student again",
        )
    measured = pipeline.members[member.name]
    state["members"] = [_entry(member, measured.choices[-1].up_to, measured.timings)]
    state["check"] = {"rows": len(rows), "probability": away}
    write_pipeline(folder, state, files)
    return ExportReport(
        ref=ref,
        folder=folder,
        features=features,
        window=1,
        engines={member.name: {choice.up_to: choice.engine for choice in measured.choices}},
        timings={member.name: measured.timings},
        rows=len(rows),
        probability=away,
        expected_return=0.0,
        changes=(),
        left_out={},
        size=sum(map(len, files.values())),
    )


def _preparation(student: Student, model: TrainedModel) -> tuple[Preparation, tuple[str, ...], tuple[str, ...]]:
    """Return the teacher's preparation of the columns that the student needs, their raw and their prepared names."""
    chosen, every = tuple(model.preprocessor.selector.names), model.preprocessor.names
    strange = [name for name in student.names if name not in every]
    if strange:
        raise UsageError(
            f"the student reads {strange[0]!r}, which the model does not prepare",
            field="student",
            fix="give the model that the student was distilled from",
        )
    whole = Preparation.of(model.preprocessor.to_dict(), np.arange(len(chosen)))
    place = {name: at for at, name in enumerate(every)}
    read = {place[name] for name in student.names}
    kept = [j for j in range(len(chosen)) if j in read or int(whole.flag[j]) in read]
    flagged = [j for j in kept if int(whole.flag[j]) in read]
    flag = np.array([len(kept) + flagged.index(j) if j in flagged else -1 for j in kept], dtype=np.int64)
    columns: IntArray = np.array([*kept, *(int(whole.flag[j]) for j in flagged)], dtype=np.int64)
    part = Preparation(
        column=np.arange(len(kept)),
        low=whole.low[kept],
        high=whole.high[kept],
        median=whole.median[kept],
        empty=whole.empty[kept],
        flag=flag,
        mean=whole.mean[columns],
        scale=whole.scale[columns],
    )
    return part, tuple(chosen[j] for j in kept), tuple(every[j] for j in columns)


def _features(model: TrainedModel, raw: Sequence[str], check: CheckRows) -> tuple[str, ...]:
    """Return the raw features of the artefact: those of the preparation first, in its order."""
    by_size = model.shift is not None and model.settings.fairness.by != "sector"
    features = tuple(dict.fromkeys([*raw, *([SIZE_RANK] if by_size else [])]))
    known = {*check.data.names, *([HEAD_COLUMN] if model.head is not None else [])}
    missing = [name for name in features if name not in known]
    if missing:
        raise UsageError(
            f"the check data lack the features {', '.join(missing)}", field="features", fix="build them as for training"
        )
    return features


def _head(model: TrainedModel, features: Sequence[str]) -> dict[str, bytes]:
    """Return the teacher's text model where the student reads its forecast."""
    if model.head is None or HEAD_COLUMN not in features:
        return {}
    with TemporaryDirectory() as scratch:
        model.head.save(scratch)
        return {f"head/{name}": (Path(scratch) / name).read_bytes() for name in HEAD_FILES}


def _state(model: TrainedModel, member: ExportedMember, **about: Any) -> dict[str, Any]:
    combiner = model.ensemble.combiner.to_dict()
    shift = None if model.shift is None else {"by": model.settings.fairness.by, "shifts": dict(model.shift.shifts)}
    return {
        "serving_format": 1,
        **about,
        "window": 1,
        "members": [_entry(member, 1, {})],
        "baselines": [],
        "combiner": None,
        "tilt": float(combiner["slopes"][0]) * float(combiner["move"]),
        "conformal": None,
        "usual_scale": 1.0,
        "shift": shift,
        "head": HEAD_COLUMN if HEAD_COLUMN in about["features"] else None,
        "scorer": model.settings.text.scorer,
        "train": {key: model.record.get(key) for key in ("trained_until", "settings_id", "train_rows")},
        "settings_id": model.settings.id,
        "changes": [],
    }


def _entry(member: ExportedMember, up_to: int, timings: Mapping[str, Mapping[int, float]]) -> dict[str, Any]:
    """Return the student's one member as the manifest describes it: it has one engine."""
    (engine,) = member.engines
    return {
        "name": member.name,
        "kind": member.kind,
        "window": member.window,
        "engines": dict(member.engines),
        "values": dict(member.values),
        "choices": [{"up_to": up_to, "engine": engine}],
        "timings": {name: dict(sizes) for name, sizes in timings.items()},
    }
