"""Who starts the dashboard waits for no library that only jobs and deep questions need."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "xgboost", "lightgbm", "catboost", "shap", "sklearn", "pandas", "matplotlib", "scipy.stats", "river")


@pytest.mark.slow
def test_the_application_starts_without_the_heavy_libraries() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, tradewind.web.app; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    loaded = set(told.stdout.split())
    assert "tradewind.web.app" in loaded
    assert not loaded & set(HEAVY)
