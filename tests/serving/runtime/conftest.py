"""A small artefact that is served, and rows to ask it for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tradewind.serving.contracts import ModelRows
from tradewind.serving.runtime import LoadedModel, load_artefact
from tradewind.training.export import CheckRows, ExportSettings, export_model, window_rows

QUICK = ExportSettings(study=False, seconds=0.0005, sizes=(1, 16))


@pytest.fixture(scope="session")
def artefact(fitted, tmp_path_factory) -> Path:
    """Return the folder of an artefact of version small/1."""
    folder = tmp_path_factory.mktemp("served") / "one"
    check = CheckRows(data=fitted.data, rows=fitted.train[:400])
    export_model(fitted.model, folder, ref="small/1", check=check, settings=QUICK)
    return folder


@pytest.fixture(scope="session")
def served(artefact) -> LoadedModel:
    """Return that artefact, loaded."""
    return load_artefact(artefact)


@pytest.fixture(scope="session")
def rows(fitted, served) -> ModelRows:
    """Return rows of a later time, the first of them with short histories and missing values."""
    first = fitted.data.panel.offsets[:-1]
    some = [*first, *(first + 3), *fitted.test[:184]]
    check = CheckRows(data=fitted.data, rows=np.array(some))
    return ModelRows(**vars(window_rows(fitted.model, check, served.features, served.window)))


@pytest.fixture
def damaged(artefact, tmp_path) -> Callable[[str], Path]:
    """Return a maker of copies of the artefact in which one file has a flipped bit."""

    def make(name: str) -> Path:
        folder = tmp_path / f"damaged-{name}"
        shutil.copytree(artefact, folder)
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(bytes(content))
        return folder

    return make
