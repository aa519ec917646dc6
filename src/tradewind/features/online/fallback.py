"""Features without an online form: their batch definitions, computed again on the latest slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.features.online.history import SliceHistory
from tradewind.features.online.protocol import Slice, State
from tradewind.features.registry import Feature, FeatureContext
from tradewind.features.text.protocol import TextScorer

REACH_OF_WINDOW = 4
LEAST_REACH = 60


def default_reach(features: Sequence[Feature]) -> int:
    """Return four times the longest window, at least 60 slices: a symbol may miss three slices of four."""
    return max(LEAST_REACH, REACH_OF_WINDOW * max((feature.window for feature in features), default=0))


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a stream brings beside bars, and who scores its texts."""

    fear: bool
    news: bool
    scorer: TextScorer | None = None


class Fallback:
    """Computes ``features`` of the newest slice from the panel of the latest ``reach`` slices.

    A feature whose value needs nothing but its window of bars comes out as in batch while that window lies within the
    reach. One that remembers everything (a running total, an exponential average, the level of a market) is that of
    a history which begins ``reach`` slices ago.
    """

    def __init__(
        self, symbols: Sequence[str], sectors: Sequence[str], features: Sequence[Feature], inputs: Inputs, reach: int
    ) -> None:
        self._features, self._scorer = tuple(features), inputs.scorer
        self._history = SliceHistory(symbols, sectors, fear=inputs.fear, news=inputs.news, reach=reach)

    def advance(self, part: Slice) -> FloatArray:
        """Take a slice in; (f, k) features."""
        self._history.add(part)
        panel, news, rows = self._history.panel()
        context = FeatureContext(panel, news, self._scorer)
        out = np.empty((len(self._features), len(rows)))
        for j, feature in enumerate(self._features):
            out[j] = np.asarray(feature.compute(context), dtype=np.float64)[rows]
        return out

    def snapshot(self) -> dict[str, AnyArray]:
        """Return the slices as named arrays."""
        return self._history.snapshot()

    def restore(self, state: State) -> None:
        """Go back to the slices that :meth:`snapshot` gave."""
        self._history.restore(state)
