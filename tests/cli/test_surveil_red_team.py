"""What `tradewind surveil red-team` refuses before it begins a long search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.slow
def test_hardening_needs_what_the_model_learnt_from(tradewind: Callable[..., Any], tmp_path: Path) -> None:
    bare = tradewind("surveil", "red-team", "--out", tmp_path / "out", "--harden", 1)
    assert bare.code == 2
    assert "--base" in bare.err
    empty = tradewind("surveil", "red-team", "--out", tmp_path / "out", "--harden", 1, "--base", tmp_path)
    assert empty.code != 0
    assert "candidates" in empty.err
    assert not (tmp_path / "out").exists()


def test_an_unknown_model_or_scheme_is_refused(tradewind: Callable[..., Any], tmp_path: Path) -> None:
    no_model = tradewind("surveil", "red-team", "--out", tmp_path / "out", "--model", tmp_path / "none")
    assert no_model.code != 0
    assert "none" in no_model.err
