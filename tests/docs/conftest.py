"""The scripts of the documentation, which are no package, and the folder that the tutorial leaves behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return the folder in which the tutorial's commands were run, and what went otherwise than its page shows."""
    from docs_console import GROUND, played

    folder = tmp_path_factory.mktemp("ground")
    return folder, played(GROUND, folder)


@pytest.fixture
def own_features() -> Iterator[None]:
    """Take features that a page or an example declared out of the registry again: other tests walk through it."""
    from tradewind.features import REGISTRY

    before = dict(REGISTRY._features)
    yield
    REGISTRY._features.clear()
    REGISTRY._features.update(before)
