"""What the peers serve: the trained ensemble, and plain FastAPI around it.

Each holds the newest 60 prepared bars of every symbol, answers ``{"symbol": ...}`` and computes anew each time; the
work of finding and preparing features is spared them. ``serving_bento.py`` and ``serving_lit.py`` answer together what
waits together.

    SERVING_FOLDER=.cache/serving SERVING_MODEL=default uvicorn --factory serving_apps:fastapi_app
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BATCH, WAIT_MS = 64, 5


class Ensemble:
    """The trained model with what it looks back on."""

    def __init__(self, folder: Path, name: str) -> None:
        import numpy as np
        import torch

        from tradewind.training import TrainedModel

        torch.set_num_threads(1)
        self.model = TrainedModel.load(folder / "models" / name)
        self.data = pickle.loads((folder / f"{name}.pickle").read_bytes())
        panel = self.data.panel
        self.row = {symbol: panel.rows_of(symbol).stop - 1 for symbol in panel.symbols}
        self.array = np.array

    def answer(self, symbols: Sequence[str]) -> list[dict[str, Any]]:
        """Return the forecasts of ``symbols``."""
        rows = self.array([self.row[symbol] for symbol in symbols])
        found = self.model.ensemble.predict(self.data, rows)
        parts = zip(symbols, found.probability.tolist(), found.expected_return.tolist(), strict=True)
        return [{"symbol": s, "probability": p, "expected_return": r} for s, p, r in parts]


def from_environment() -> Ensemble:
    """Return the ensemble that SERVING_FOLDER and SERVING_MODEL name."""
    return Ensemble(Path(os.environ["SERVING_FOLDER"]), os.environ["SERVING_MODEL"])


def fastapi_app() -> Any:
    """Return the application for uvicorn: a plain function a request, in FastAPI's own pool of threads."""
    from fastapi import Body, FastAPI

    app, ensemble = FastAPI(), from_environment()

    @app.post("/predict")
    def predict(symbol: str = Body(embed=True)) -> dict[str, Any]:
        return ensemble.answer([symbol])[0]

    return app
