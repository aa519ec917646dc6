"""The peers: an environment of their own, and how each is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from page import ROOT
from serving_load import HERE

CACHE = ROOT / ".cache" / "serving_peers"
REQUIREMENTS = ROOT / "requirements" / "serving-peers.txt"
PEERS = ("BentoML", "LitServe", "FastAPI on uvicorn")


def environment() -> Path:
    """Make the peers' environment where it is missing or other packages are asked for; return its programs.

    Their packages come first; those that the ensemble needs (PyTorch, XGBoost, scikit-learn and Tradewind itself) are
    read from the environment of this process, so that both sides compute with the same ones.
    """
    folder = CACHE / "venv"
    stamp = folder / "installed.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-r", REQUIREMENTS], check=True)
        places = [path for path in sys.path if path.endswith("site-packages")] + [str(ROOT / "src")]
        next(folder.glob("lib/python*/site-packages")).joinpath("ensemble.pth").write_text("\n".join(places))
        stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def command(peer: str, programs: Path, port: int) -> Sequence[str]:
    """Return the command of ``peer``, to be run with :func:`variables`."""
    if peer == "BentoML":
        return (str(programs / "bentoml"), "serve", "serving_bento:Forecasts", "--host", "127.0.0.1",
                "--port", str(port), "--working-dir", str(HERE))  # fmt: skip
    if peer == "LitServe":
        return (str(programs / "python"), str(HERE / "serving_lit.py"), str(port))
    return (str(programs / "python"), "-m", "uvicorn", "--factory", "serving_apps:fastapi_app", "--app-dir", str(HERE),
            "--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning")  # fmt: skip


def variables(folder: Path, name: str) -> dict[str, str]:
    """Return the environment of a peer that serves the ensemble ``name`` of ``folder``."""
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    off = {"BENTOML_DO_NOT_TRACK": "True", "OMP_NUM_THREADS": "1", "TRADEWIND_TRACK": "off"}
    return {**kept, **off, "PYTHONPATH": str(HERE), "SERVING_FOLDER": str(folder), "SERVING_MODEL": name}
