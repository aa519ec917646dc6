"""Export of a whole trained model: files, measured engines, and proof that it answers as the trained one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np

from tradewind.core import UsageError
from tradewind.models.engines.artefact import KIND, pipeline_of, write_pipeline
from tradewind.models.engines.measure import remeasured, same_precision
from tradewind.models.engines.member import Choice, Member
from tradewind.models.engines.pipeline import SIZE_RANK, Pipeline
from tradewind.models.engines.preparation import Preparation
from tradewind.models.export import ExportedMember, export_member, pruned
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.protocol import Forecaster
from tradewind.models.storage import Artefact, pack_arrays
from tradewind.training.export.precision import PrecisionChange, study
from tradewind.training.export.report import ExportReport
from tradewind.training.export.rows import CheckRows, Windows, raw_columns, window_rows
from tradewind.training.export.settings import ExportSettings
from tradewind.training.model import ENSEMBLE, HEAD_COLUMN, TrainedModel

HEAD_FILES = ("text_head.json", "text_head.npz")
MOST_ROWS = 2048


def export_model(
    model: TrainedModel,
    folder: Path,
    *,
    ref: str,
    check: CheckRows,
    settings: ExportSettings | None = None,
    origin_sha256: str = "",
) -> ExportReport:
    """Write the serving artefact of ``model`` into ``folder``, whole or not at all, and return what was measured.

    At most 2048 of the check rows are used, spread evenly. ``ref`` : ``name/version``. ``origin_sha256`` : hash of the
    trained model's folder, kept for lineage.

    Raises
    ------
    UsageError : a member cannot be exported, a feature is missing from the check data, there is no check row, or the
        exported model does not answer as the trained one does.
    OutputError : the folder cannot be written.
    """
    s = settings or ExportSettings()
    if len(check.rows) == 0:
        raise UsageError("there is no row to check the export on", field="check", fix="give validation rows")
    spread = np.linspace(0, len(check.rows) - 1, min(len(check.rows), MOST_ROWS)).astype(np.int64)
    check = replace(check, rows=check.rows[spread])
    served = _served(model, s.prune)
    features = _features(model, served, raw_columns(model, check).names)
    exported, baselines, left_out = _export_all(model, served, features, s)
    files = _files(model, features, [*exported, *baselines])
    state = _state(model, features, exported, baselines, ref=ref, origin_sha256=origin_sha256, tolerance=s.tolerance)
    artefact = Artefact(kind=KIND, state=state, files=files)
    pipeline = pipeline_of(state, artefact, folder)
    rows = window_rows(model, check, features, pipeline.window)
    pipeline = remeasured(pipeline, rows, seconds=s.seconds, sizes=s.sizes)
    direction = check.data.labels.direction[check.rows]
    nets = [part for part in served.values() if isinstance(part, NetForecaster)]
    changes: list[PrecisionChange] = []
    if s.study or s.precision == "auto":
        shares = s.prune_shares if s.study else ()
        changes = study(pipeline, nets, rows, direction, shares=shares, seconds=s.seconds)
    accepted = _accepted(pipeline, changes, s)
    pipeline = pipeline.with_members(_with_int8(pipeline.members, accepted))
    away = _differences(model, pipeline, check, rows)
    _refuse(away, s.change_tolerance if accepted or s.prune > 0.0 else s.tolerance)
    state = {
        **state,
        "members": [_entry(part, pipeline.members[part.name]) for part in exported],
        "changes": [change.to_dict() for change in changes],
        "check": {"rows": len(rows), "probability": away[0], "expected_return": away[1]},
    }
    used = _used(state, files)
    write_pipeline(folder, state, used)
    return ExportReport(
        ref=ref,
        folder=folder,
        features=features,
        window=pipeline.window,
        engines={
            name: {choice.up_to: choice.engine for choice in member.choices}
            for name, member in pipeline.members.items()
        },
        timings={name: member.timings for name, member in pipeline.members.items()},
        rows=len(rows),
        probability=away[0],
        expected_return=away[1],
        changes=tuple(changes),
        left_out=left_out,
        size=sum(map(len, used.values())),
    )


def _served(model: TrainedModel, prune: float) -> dict[str, Forecaster]:
    """Return the members as they are to be served."""
    members = model.ensemble.members
    if prune == 0.0:
        return members
    return {
        name: cast(Forecaster, pruned(part, prune)) if isinstance(part, NetForecaster) else part
        for name, part in members.items()
    }


def _features(model: TrainedModel, served: Mapping[str, Forecaster], known: Sequence[str]) -> tuple[str, ...]:
    """Return the raw features that anything in the artefact reads, in a fixed order."""
    found = list(model.preprocessor.selector.names)
    wants_return = any(part.name == "last_direction" for part in [*served.values(), *model.baselines.values()])
    if wants_return and "return_1" in known:
        found.append("return_1")
    if model.shift is not None and model.settings.fairness.by != "sector":
        if SIZE_RANK not in known:
            raise UsageError(
                f"the model moves forecasts by size, which a server reads from the feature {SIZE_RANK}",
                field="features",
                fix=f"build the check data with the feature {SIZE_RANK}",
            )
        found.append(SIZE_RANK)
    missing = [name for name in found if name not in known]
    if missing:
        raise UsageError(
            f"the check data lack the features {', '.join(missing)}", field="features", fix="build them as for training"
        )
    return tuple(dict.fromkeys(found))


def _export_all(
    model: TrainedModel, served: Mapping[str, Forecaster], features: Sequence[str], s: ExportSettings
) -> tuple[list[ExportedMember], list[ExportedMember], dict[str, str]]:
    """Return exported members, baselines, and why some baselines are left out."""
    width = len(model.preprocessor.names)
    eight = s.study or s.precision == "auto"
    members = [export_member(part, width, threads=s.threads, eight_bits=eight) for part in served.values()]
    for member in members:
        _check_needs(member, features)
    baselines: list[ExportedMember] = []
    left_out: dict[str, str] = {}
    for name, part in model.baselines.items():
        try:
            baseline = export_member(part, width, eight_bits=False)
            _check_needs(baseline, features)
            baselines.append(baseline)
        except UsageError as error:
            left_out[name] = error.problem
    return members, baselines, left_out


def _check_needs(part: ExportedMember, features: Sequence[str]) -> None:
    missing = [name for name in part.needs if name not in features]
    if missing:
        raise UsageError(
            f"{part.name!r} is served from the feature {missing[0]}, which the check data lack",
            field="features",
            fix=f"build the check data with the feature {missing[0]}",
        )


def _files(model: TrainedModel, features: tuple[str, ...], parts: Sequence[ExportedMember]) -> dict[str, bytes]:
    place = {name: i for i, name in enumerate(features)}
    column = np.array([place[name] for name in model.preprocessor.selector.names], dtype=np.int64)
    files = {
        "preparation.npz": pack_arrays(Preparation.of(model.preprocessor.to_dict(), column).to_arrays()),
        "interval.npz": pack_arrays({"scores": np.array(model.ensemble.conformal.to_dict()["scores"])}),
    }
    for part in parts:
        files.update(part.files)
    if model.head is not None:
        with TemporaryDirectory() as scratch:
            model.head.save(scratch)
            files.update({f"head/{name}": (Path(scratch) / name).read_bytes() for name in HEAD_FILES})
    return files


def _state(
    model: TrainedModel,
    features: tuple[str, ...],
    exported: Sequence[ExportedMember],
    baselines: Sequence[ExportedMember],
    **about: Any,
) -> dict[str, Any]:
    interval = model.ensemble.conformal.to_dict()
    by = model.settings.fairness.by
    shift = None if model.shift is None else {"by": by, "shifts": dict(model.shift.shifts)}
    place = {name: i for i, name in enumerate(features)}
    return {
        "serving_format": 1,
        **about,
        "features": list(features),
        "prepared": list(model.preprocessor.names),
        "window": max(part.window for part in exported),
        "members": [_entry(part, None, place) for part in exported],
        "baselines": [_entry(part, None, place) for part in baselines],
        "combiner": model.ensemble.combiner.to_dict(),
        "conformal": {key: value for key, value in interval.items() if key != "scores"},
        "usual_scale": model.ensemble._usual_scale,
        "shift": shift,
        "head": HEAD_COLUMN if model.head is not None else None,
        "scorer": model.settings.text.scorer,
        "train": {key: model.record.get(key) for key in ("trained_until", "settings_id", "train_rows")},
        "settings_id": model.settings.id,
        "changes": [],
    }


def _entry(part: ExportedMember, member: Member | None, place: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return a member as the manifest describes it; ``member`` adds what was measured."""
    values = dict(part.values)
    if part.kind == "rule":
        values["column"] = place[part.needs[0]] if part.needs and place is not None else -1
    first = next(iter(part.engines))
    choices: list[dict[str, Any]] = (
        [{"up_to": 1, "engine": first}] if member is None else [asdict(choice) for choice in member.choices]
    )
    used = {choice["engine"] for choice in choices}
    int8 = any(name.startswith("int8") for name in used)
    kept = {name: file for name, file in part.engines.items() if member is None or name.startswith("int8") == int8}
    timings = {} if member is None else {name: dict(member.timings[name]) for name in kept}
    return {
        "name": part.name,
        "kind": part.kind,
        "window": part.window,
        "engines": kept,
        "values": values,
        "choices": choices,
        "timings": timings,
    }


def _accepted(pipeline: Pipeline, changes: Sequence[PrecisionChange], s: ExportSettings) -> set[str]:
    """Return the nets that are served in int8: allowed, close enough, and faster for one row and for a batch."""
    if s.precision == "exact":
        return set()
    found = set()
    for change in changes:
        timings = pipeline.members[change.member].timings
        exact = [times for name, times in timings.items() if name != "int8"]
        faster = all(timings["int8"][size] < min(times[size] for times in exact) for size in (s.sizes[0], s.sizes[-1]))
        if change.variant == "int8" and change.largest <= s.change_tolerance and faster:
            found.add(change.member)
    return found


def _with_int8(members: Mapping[str, Member], accepted: set[str]) -> dict[str, Member]:
    return {
        name: member.chosen(member.timings, ["int8"]) if name in accepted else member
        for name, member in members.items()
    }


def _differences(model: TrainedModel, pipeline: Pipeline, check: CheckRows, rows: Windows) -> tuple[float, float]:
    """Return the largest differences of (probability, expected return) from the trained model on the check rows.

    Every engine that may answer is checked, not only those that answer a batch as large as the check.
    """
    want = model.forecast(check.data, check.rows, check.news)[ENSEMBLE]
    away = []
    for one in _each_engine(pipeline):
        got = one.predict(rows)
        found = got.probability - want.probability, got.expected_return - want.expected_return
        away.append([np.abs(values).max() for values in found])
    probability, expected = np.max(away, axis=0).tolist()  # NaN, where there is one: no difference to accept
    return probability, expected


def _each_engine(pipeline: Pipeline) -> Iterator[Pipeline]:
    """Yield ``pipeline`` as it is, and with each other engine of each member's precision in its place."""
    yield pipeline
    for name, member in pipeline.members.items():
        for engine in same_precision(member):
            if engine != member.choices[-1].engine:
                only = replace(member, choices=(Choice(up_to=1, engine=engine),))
                yield pipeline.with_members({**pipeline.members, name: only})


def _refuse(away: tuple[float, float], tolerance: float) -> None:
    if not max(away) <= tolerance:
        raise UsageError(
            f"the exported model's probabilities differ by {away[0]:.1e} and its returns by {away[1]:.1e} from the"
            f" trained one's, more than {tolerance:.1e}",
            field="tolerance",
            fix="export without int8 and pruning, or allow the change that you want to accept",
        )


def _used(state: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that the manifest names, and not the variants that were only studied."""
    named = {file for part in [*state["members"], *state["baselines"]] for file in part["engines"].values()}
    always = ("preparation.npz", "interval.npz")
    return {name: content for name, content in files.items() if name in named or name in always or "/" in name}
