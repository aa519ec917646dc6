"""The scripts of the documentation, which are no package, and the folders that pages leave behind."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

Left = Callable[[Path], tuple[Path, list[str]]]

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))


@pytest.fixture(scope="session")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Return what gives the folder that a page's commands leave behind, and what went otherwise than it shows."""
    from docs_console import GROUND, before, played

    @cache
    def of(page: Path) -> tuple[Path, list[str]]:
        folder = tmp_path_factory.mktemp("left") / page.stem
        if page == GROUND:
            folder.mkdir()
        else:
            shutil.copytree(of(before(page))[0], folder)
        return folder, played(page, folder)

    return of


@pytest.fixture
def own_features() -> Iterator[None]:
    """Take features that a page or an example declared out of the registry again: other tests walk through it."""
    from tradewind.features import REGISTRY

    before = dict(REGISTRY._features)
    yield
    REGISTRY._features.clear()
    REGISTRY._features.update(before)
