"""Forecasts of two models against what happened, paired by symbol and gathered by day.

The unit of every test of skill is the day, not the symbol: symbols of one day share the market's move, so 500 of them
are not 500 independent trials. A day gives one number, the mean over its symbols of the difference of scores.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tradewind.streaming.records import Prediction

Metric = Literal["accuracy", "brier", "log_loss"]
_LEAST = 0.01


@dataclass(frozen=True, kw_only=True)
class PairedDay:
    """``difference`` : mean score of ``model`` less that of the control, over ``pairs`` symbols of the bar ``time``."""

    time: int
    model: str
    pairs: int
    difference: float


def _accuracy(probability: float) -> float:
    return 0.5 if probability == 0.5 else float(probability > 0.5)


def _brier(probability: float) -> float:
    return 1.0 - (1.0 - probability) ** 2


def _log_loss(probability: float) -> float:
    return 1.0 - math.log(max(probability, _LEAST)) / math.log(_LEAST)


_SCORES: dict[Metric, Callable[[float], float]] = {"accuracy": _accuracy, "brier": _brier, "log_loss": _log_loss}
"""Score, in [0, 1] and the larger the better, of the probability given to what happened; log loss clipped at 1 %."""


def paired_day(
    time: int,
    moves: Mapping[str, float],
    control: Iterable[Prediction],
    challenger: Iterable[Prediction],
    *,
    metric: Metric = "accuracy",
) -> PairedDay | None:
    """Return how ``challenger`` did on the bar ``time`` beside ``control``; None without a symbol that both forecast.

    Parameters
    ----------
    moves : symbol -> the return that was forecast; symbols that did not move, or NaN, are left out.
    """
    score = _SCORES[metric]
    first = {made.symbol: made.probability for made in control if made.time == time}
    total, pairs, model = 0.0, 0, ""
    for made in challenger:
        move, other = moves.get(made.symbol, math.nan), first.get(made.symbol)
        if made.time != time or other is None or math.isnan(move) or move == 0.0:
            continue
        up = move > 0.0
        total += score(made.probability if up else 1.0 - made.probability) - score(other if up else 1.0 - other)
        pairs, model = pairs + 1, made.model
    return PairedDay(time=time, model=model, pairs=pairs, difference=total / pairs) if pairs else None
