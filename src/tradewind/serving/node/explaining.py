"""Explanations by a process of their own: the server itself holds no model that could be explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core import TradewindError, UsageError
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.online import Slice
from tradewind.serving.api.shapes import forecast_json
from tradewind.serving.node.children import Answering
from tradewind.serving.node.deployment import FileSource, Universe
from tradewind.serving.node.features import FeatureSide
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.records import Prediction


class NotExplained(TradewindError):
    """The process that explains could not."""


@dataclass(kw_only=True, eq=False)
class ChildExplaining:
    """Sends the newest bars and features of a symbol to ``child``, and returns what it says of the forecast."""

    universe: Universe
    windows: FeatureWindows
    features: FeatureSide
    source: FileSource
    child: Answering

    async def explain(self, prediction: Prediction, code: int) -> Mapping[str, Any]:
        """Return the explanation of ``prediction``, which must be of the newest bar of the symbol ``code``.

        Raises
        ------
        UsageError : it is of an earlier bar, or its model cannot be explained. NotExplained : the process could not.
        """
        codes = np.array([code])
        newest = self.windows.newest(codes)
        if int(newest.time[0]) != prediction.time:
            raise UsageError(
                "a newer bar has come since this forecast", field="symbol", fix="ask for the explanation again"
            )
        window = self.windows.rows(codes, None, self.windows.window)
        answer = await self.child.ask(
            {
                "folder": str(self.source.model_folder(prediction.model)),
                "prediction": forecast_json(prediction).decode(),
                "symbol": prediction.symbol,
                "sector": self.universe.sectors[code],
                "bars": bars_of(self.features.service.timeline.parts, code, prediction.time),
                "names": list(self.windows.names),
                "features": [[None if np.isnan(x) else float(x) for x in row] for row in window.history[0]],
                "count": int(window.count[0]),
            }
        )
        if answer.get("asked"):  # nothing that would pass with time: the model was saved without what explains it
            raise UsageError(str(answer["error"]).removesuffix("."), field="model")
        if "error" in answer:
            raise NotExplained(str(answer["error"]))
        return answer


def bars_of(parts: Sequence[Slice], code: int, until: int) -> dict[str, list[float]]:
    """Return the kept bars of the symbol ``code`` up to the time ``until``, oldest first, a list a field."""
    found: dict[str, list[float]] = {name: [] for name in ("time", "known_at", *PRICE_FIELDS)}
    for part in tuple(parts):
        row = int(np.searchsorted(part.code, code))
        if part.time <= until and row < len(part.code) and part.code[row] == code:
            found["time"].append(part.time)
            for name in ("known_at", *PRICE_FIELDS):
                found[name].append(getattr(part, name)[row].item())
    return found
