"""What a case file was made from: hashes of the events and the model, so that it can be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import tradewind
from tradewind.core.errors import InputError
from tradewind.core.ids import array_id
from tradewind.surveillance.events import EventTable
from tradewind.surveillance.explain.store import Source
from tradewind.surveillance.learning import SurveillanceModel


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    InputError : it cannot be read.
    """
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})", file=path, fix="give the events the alerts were raised on"
        ) from error


def provenance(source: Source, model: SurveillanceModel | None) -> Mapping[str, str]:
    """Return what was read, by what version, and which model scored it, as names and values."""
    rows: dict[str, str] = {}
    if isinstance(source, Path):
        rows["Events file"] = source.name
        rows["SHA-256 of the events"] = file_sha256(source)
    elif isinstance(source, EventTable):
        rows["Events"] = f"{len(source):,} rows in memory"
        rows["Hash of the events"] = array_id(list(source.columns().values()))
    else:
        rows["Events"] = "a stream that is not kept"
    rows["Model"] = "not given" if model is None else model.id
    if model is not None:
        trained = {name: model.about.get(name) for name in ("markets", "events")}
        rows["Model was fitted on"] = (
            ", ".join(f"{value:,} {name}" for name, value in trained.items() if value) or "unknown"
        )
    rows["Tradewind"] = tradewind.__version__
    return rows
