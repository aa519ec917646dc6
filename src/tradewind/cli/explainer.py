"""The process that explains what the server forecast: `python -m tradewind.cli.explainer`.

One JSON line in, one out. It holds the trained models, which the server does not; a model is loaded when it is first
asked about, and the last few are kept.
"""

from __future__ import annotations

import json
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.cli.explanation import explanation_of
from tradewind.core import Dataset, InputError, Panel, TradewindError
from tradewind.core.panel import PRICE_FIELDS
from tradewind.core.plain import finite
from tradewind.explain.shapley.explainer import FOLDER, Explainer
from tradewind.features import make_labels
from tradewind.training import ENSEMBLE, TrainedModel

KEPT = 3
TOLERANCE = 1e-5
"""Largest difference between the forecast that was served and the one that is explained."""


class Explainers:
    """The explainers of the models that were asked about last."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Explainer] = OrderedDict()

    def of(self, folder: str) -> Explainer:
        """Return the explainer that was saved with the model in ``folder``.

        Raises
        ------
        InputError : none was saved, or there is no model.
        """
        if folder not in self._held:
            place = Path(folder)
            if not (place / FOLDER).is_dir():
                raise InputError(
                    "was saved without an explainer", file=place, fix="train it again, or use tradewind explain"
                )
            self._held[folder] = Explainer.load(place / FOLDER, TrainedModel.load(place))
            while len(self._held) > KEPT:
                self._held.popitem(last=False)
        self._held.move_to_end(folder)
        return self._held[folder]


def answer(question: Mapping[str, Any], explainers: Explainers) -> dict[str, Any]:
    """Return the explanation of the forecast in ``question``, with that forecast.

    Raises
    ------
    InputError : the model explains another forecast from these features than the one that was served.
    """
    explainer = explainers.of(str(question["folder"]))
    data = dataset_of_question(question)
    row = len(data) - 1
    served = json.loads(question["prediction"])
    forecast = explainer.model.forecast(data, np.array([row], dtype=np.int64))[ENSEMBLE]
    away = abs(float(forecast.probability[0]) - served["probability"])
    if not away <= TOLERANCE:
        raise InputError(
            f"the trained model says {forecast.probability[0]:.6f} where {served['probability']:.6f} was served",
            fix="explain a forecast of the model itself, not of a baseline in its place",
        )
    return {"forecast": served, "explanation": finite(explanation_of(explainer, data, row))}


def dataset_of_question(question: Mapping[str, Any]) -> Dataset:
    """Return the bars and features of a question as a dataset of one symbol; NaN where the server keeps no features."""
    bars = question["bars"]
    n = len(bars["time"])
    panel = Panel(
        symbols=(str(question["symbol"]),),
        offsets=np.array([0, n], dtype=np.int64),
        time=np.array(bars["time"], dtype=np.int64).astype("datetime64[us]"),
        known_at=np.array(bars["known_at"], dtype=np.int64).astype("datetime64[us]"),
        sectors=(str(question["sector"]),),
        market_cap=np.array([np.nan]),
        **{name: np.array(bars[name], dtype=np.float64) for name in PRICE_FIELDS},
    )
    names = tuple(question["names"])
    features = np.full((n, len(names)), np.nan, dtype=np.float32)
    count = min(int(question["count"]), n)
    if count:
        window = np.array(question["features"], dtype=np.float32)  # null becomes NaN
        features[n - count :] = window[len(window) - count :]
    return Dataset(panel=panel, features=features, names=names, labels=make_labels(panel))


def main() -> int:
    """Answer until standard input ends."""
    explainers = Explainers()
    for line in sys.stdin:
        try:
            found = answer(json.loads(line), explainers)
        except TradewindError as error:
            found = {"error": str(error), "asked": isinstance(error, InputError)}
        except Exception as error:  # noqa: BLE001 - the server must get its one line, whatever went wrong here
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
