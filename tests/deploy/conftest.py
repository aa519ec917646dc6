"""Where the files of deployment lie, and a reader of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
for folder in ("benchmarks", "scripts", "deploy"):
    if str(ROOT / folder) not in sys.path:
        sys.path.insert(0, str(ROOT / folder))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def read_yaml() -> Callable[[str], list[Any]]:
    """Return a reader of all documents of a YAML file, named from the root."""
    return lambda name: [part for part in yaml.safe_load_all((ROOT / name).read_text()) if part]
