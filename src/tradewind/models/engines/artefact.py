"""The serving artefact: a folder of verified files, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import InputError, OutputError
from tradewind.models.combine import Combiner
from tradewind.models.conformal import ConformalInterval
from tradewind.models.engines.member import (
    Choice,
    Engine,
    Member,
    line_engine,
    net_engine,
    packed_engine,
    rule_engine,
    tree_session_engine,
)
from tradewind.models.engines.packed import PackedTrees
from tradewind.models.engines.pipeline import Pipeline, Shift
from tradewind.models.engines.preparation import Preparation
from tradewind.models.engines.sessions import open_session
from tradewind.models.engines.sole import Sole
from tradewind.models.storage import Artefact, read_artefact, write_artefact

KIND = "serving"
FORMAT = 1
ABOUT = ("ref", "origin_sha256", "tolerance", "train", "head", "changes", "student", "scorer")


def write_pipeline(folder: Path, state: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write an artefact into ``folder``; an older one there is replaced only once the new one is whole and on disk.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    draft: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        plain = json.loads(json.dumps({**state, "serving_format": FORMAT}))  # as it will be read: keys are text
        write_artefact(draft, KIND, plain, files)
        for path in draft.rglob("*"):
            _sync(path)
        draft.chmod(0o755)
        _replace(draft, folder)
        _sync(folder.parent)
    except OSError as error:
        raise OutputError(
            f"cannot write here ({error.strerror or error})", file=folder, fix="choose a folder you may write to"
        ) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _replace(draft: Path, folder: Path) -> None:
    """Put ``draft`` in the place of ``folder``; a crash between the two renames leaves the old one beside it."""
    if not folder.exists():
        draft.replace(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.replace(old)
    draft.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_pipeline(folder: Path) -> Pipeline:
    """Read an artefact, every file verified against its SHA-256 before any is used.

    Raises
    ------
    InputError : no artefact, another format, or a file that is missing or was changed; it is named.
    """
    artefact = read_artefact(folder, KIND)
    return pipeline_of(artefact.state, artefact, folder)


def pipeline_of(state: Mapping[str, Any], artefact: Artefact, folder: Path) -> Pipeline:
    """Return the pipeline that ``state`` and the files of ``artefact`` describe."""
    if state.get("serving_format") != FORMAT:
        raise InputError(
            f"has serving format {state.get('serving_format')!r}, this version reads {FORMAT}",
            file=folder,
            fix="export the model again",
        )
    shift, combiner = state["shift"], state["combiner"]
    return Pipeline(
        features=tuple(state["features"]),
        window=int(state["window"]),
        preparation=Preparation.from_arrays(artefact.arrays("preparation.npz")),
        members={one["name"]: member_of(one, artefact) for one in state["members"]},
        baselines={one["name"]: member_of(one, artefact) for one in state["baselines"]},
        combiner=Sole(tilt=float(state["tilt"])) if combiner is None else Combiner.from_dict(combiner),
        conformal=None if state["conformal"] is None else _interval(state, artefact),
        usual_scale=float(state["usual_scale"]),
        shift=None if shift is None else Shift(by=shift["by"], shifts=shift["shifts"]),
        about={key: state.get(key) for key in ABOUT},
    )


def _interval(state: Mapping[str, Any], artefact: Artefact) -> ConformalInterval:
    scores = artefact.arrays("interval.npz")["scores"]
    return ConformalInterval.from_dict({**state["conformal"], "scores": scores})


def member_of(state: Mapping[str, Any], artefact: Artefact) -> Member:
    """Return the member that ``state`` and the files of ``artefact`` describe, each engine ready."""
    return Member(
        name=state["name"],
        kind=state["kind"],
        window=int(state["window"]),
        engines={name: _engine(state, name, file, artefact) for name, file in state["engines"].items()},
        choices=tuple(Choice(**choice) for choice in state["choices"]),
        timings={
            name: {int(size): float(ms) for size, ms in sizes.items()} for name, sizes in state["timings"].items()
        },
    )


def _engine(state: Mapping[str, Any], name: str, file: str, artefact: Artefact) -> Engine:
    kind, values = state["kind"], state["values"]
    if kind == "trees":
        if name == "packed":
            return packed_engine(PackedTrees.from_arrays(artefact.arrays(file)), log_odds=values["log_odds"])
        return tree_session_engine(open_session(artefact.files[file], net=False), log_odds=values["log_odds"])
    if kind == "net":
        threads = int(name.rpartition("_threads_")[2]) if "_threads_" in name else 1
        session = open_session(artefact.files[file], net=True, threads=threads)
        return net_engine(session, window=int(state["window"]), scale=float(values["scale"]))
    if kind == "line":
        arrays = artefact.arrays(file)
        return line_engine(arrays["direction"].astype(np.float64), arrays["returns"].astype(np.float64))
    return rule_engine(column=int(values["column"]), edge=float(values["edge"]), move=float(values["move"]))
