"""The server's requirements: a part of the lock, complete, and without training's libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BARRED = """
import importlib, pkgutil, sys

class Bar:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BARRED:
            raise ModuleNotFoundError(f"{name} is barred", name=name)

BARRED = set(sys.argv[1:])
sys.meta_path.insert(0, Bar())
import tradewind.serving, tradewind.streaming
for package in (tradewind.serving, tradewind.streaming):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
        print(module.name)
import tradewind.cli.main, tradewind.cli.serving, tradewind.cli.auditor, tradewind.cli.keys
"""
MODULES = {"mlflow-skinny": "mlflow", "xgboost-cpu": "xgboost"}


def test_they_are_what_the_lock_gives_today(root: Path) -> None:
    import serve_requirements  # type: ignore[import-not-found]

    assert (root / "requirements" / "serve.txt").read_text() == serve_requirements.text()


def test_they_are_a_part_of_the_lock_without_training(root: Path) -> None:
    lock = set((root / "requirements" / "lock.txt").read_text().splitlines())
    serve = set((root / "requirements" / "serve.txt").read_text().splitlines()[1:])
    assert serve < lock
    import serve_requirements

    names = {line.partition("==")[0].lower() for line in serve}
    assert not names & serve_requirements.LEFT_OUT
    assert {"granian", "onnxruntime", "redis", "confluent-kafka", "numpy"} <= names


@pytest.mark.slow
def test_all_that_serves_is_imported_without_what_is_left_out() -> None:
    import serve_requirements

    barred = [MODULES.get(name, name) for name in serve_requirements.LEFT_OUT]
    done = subprocess.run([sys.executable, "-c", BARRED, *barred], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "tradewind.streaming.connectors.load" in done.stdout
