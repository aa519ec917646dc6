"""The oracle: an engine that keeps every slice and answers through the batch definitions on the whole history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import FloatArray
from tradewind.features.online.history import SliceHistory
from tradewind.features.online.memory import BEFORE_ALL, check_slice, check_state, fingerprint
from tradewind.features.online.protocol import Slice, SliceFeatures, State
from tradewind.features.registry import REGISTRY, FeatureContext
from tradewind.features.text.protocol import TextScorer
from tradewind.quality import mark_occasions


@dataclass(eq=False)
class BatchEngine:
    """A :class:`SliceEngine` that computes everything again with every slice.

    Slow (the whole history a slice) and right by definition: what other engines are compared with.

    Parameters
    ----------
    symbols : sorted names of the universe.
    sectors : sector of each, ``"unknown"`` where not known.
    names : features wanted, the columns of the values.
    fear, news : whether the stream has a fear index, and news.
    scale : panel -> (n,) volatility that scales intervals: ``models.past.return_scale``, which this package may not
        import.
    scorer : of texts; None for the default lexicon.

    Raises
    ------
    UsageError : a name is unknown.
    """

    symbols: Sequence[str]
    sectors: Sequence[str]
    names: tuple[str, ...]
    _: KW_ONLY
    fear: bool
    news: bool
    scale: Callable[[Panel], FloatArray]
    scorer: TextScorer | None = None

    def __post_init__(self) -> None:
        """Look the features up and begin with no slice."""
        self.names = tuple(self.names)
        self._features = [REGISTRY.get(name) for name in self.names]
        self._history = SliceHistory(self.symbols, self.sectors, fear=self.fear, news=self.news)
        self._last = BEFORE_ALL
        universe = tuple(self.symbols), tuple(self.sectors)
        self._mark = fingerprint("batch", *universe, self.names, self.fear, self.news)

    def advance(self, part: Slice) -> SliceFeatures:
        """Take in the next slice and return its features; ValueError where it does not come after the one before."""
        check_slice(part, self._last, len(self.symbols))
        self._history.add(part)
        self._last = part.time
        panel, news, rows = self._history.panel()
        context = FeatureContext(panel, news, self.scorer)
        values = np.empty((len(rows), len(self._features)))
        for j, feature in enumerate(self._features):
            values[:, j] = np.asarray(feature.compute(context), dtype=np.float64)[rows]
        values[~np.isfinite(values)] = np.nan
        return SliceFeatures(
            time=part.time,
            code=part.code,
            values=values,
            scale=self.scale(panel)[rows],
            occasion=mark_occasions(panel, news=news)[rows],
        )

    def snapshot(self) -> State:
        """Return a copy of the memory."""
        return {**self._history.snapshot(), "fingerprint": self._mark.copy()}

    def restore(self, state: State) -> None:
        """Go back to a memory that :meth:`snapshot` gave; ValueError where it is of other symbols or features."""
        check_state(state, self._mark)
        self._history.restore({name: array.copy() for name, array in state.items()})
        times = state["slice.time"]
        self._last = int(times[-1]) if len(times) else BEFORE_ALL
