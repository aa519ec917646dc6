"""Where the registry is: its own folder and its own MLflow store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradewind.training.tracking import Place


FLAG, HOME = "TRADEWIND_REGISTRY", "TRADEWIND_HOME"
DATABASE = "registry.db"


def home_folder() -> Path:
    """Return the registry's folder where none is named: ``registry`` in ``TRADEWIND_HOME`` or ``.tradewind`` here."""
    return (Path(os.environ.get(HOME) or ".tradewind") / "registry").expanduser().absolute()


def registry_place(flag: str | Path | None = None) -> Place:
    """Return the registry's store: a folder (its ``registry.db``) or an MLflow URI.

    ``flag`` counts first, then ``TRADEWIND_REGISTRY``, then :func:`home_folder`. It is not the store of runs: recording
    of runs can be off, and researchers clear that store, while the registry is evidence and is backed up as such.

    Raises
    ------
    UsageError : the URI is of a kind that no store is.
    """
    from tradewind.training.tracking import Place, place_of

    asked = str(flag or os.environ.get(FLAG) or home_folder())
    if "://" in asked:
        place = place_of(asked)
        assert place is not None  # only the word 'off' has no place
        return place
    folder = Path(asked).expanduser().absolute()
    return Place(uri=f"sqlite:///{folder / DATABASE}", folder=folder)


def files_folder(place: Place) -> Path:
    """Return the folder of ledgers and artefacts: beside a SQLite store, else :func:`home_folder`, to be shared."""
    return place.folder or home_folder()
