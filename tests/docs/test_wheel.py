"""The wheel holds what git keeps of the package and what the dashboard's page asks for; `make wheel-check` runs it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import wheel_check

PAGE = '<script src="/assets/index-a1.js"></script><link href="/icon.svg">'


def test_a_missing_asset_or_file_is_named() -> None:
    kept = wheel_check.kept_files()
    assert len(kept) > 1000
    assert "tradewind/py.typed" in kept
    found = wheel_check.missing([one for one in kept if not one.endswith("py.typed")], PAGE)
    assert "tradewind/py.typed" in found
    assert "tradewind/web/static/assets/index-a1.js" in found


@pytest.mark.slow
def test_the_wheel_is_whole(tmp_path: Path) -> None:
    wheel = wheel_check.build(tmp_path / "dist")
    wheel_check.look_into(wheel)
    names = zipfile.ZipFile(wheel).namelist()
    for ending in (".parquet", ".j2", ".csv", "py.typed", "static/index.html", "LICENSE", "entry_points.txt"):
        assert any(name.endswith(ending) for name in names), ending
    assert not any(name.startswith(("tests/", "frontend/")) or "__pycache__" in name for name in names)
