"""Compile what online features run, before the first bar waits for it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.features.online.across import ACROSS_NAMES
from tradewind.features.online.engine import OnlineFeatures
from tradewind.features.online.own import online_names
from tradewind.features.online.protocol import Slice, SliceNews


class _Zero:
    """Scores every text 0: what is said does not matter here."""

    def score(self, texts: Sequence[str], /) -> FloatArray:
        """Return (m,) zeros."""
        return np.zeros(len(texts))


def warm_up() -> float:
    """Run every online feature once on two made-up slices; return the seconds it took.

    On a machine that never ran them this compiles for about twenty seconds; numba keeps the result beside the package
    (or in ``NUMBA_CACHE_DIR``), and later processes take well under a second. Call it before serving, or while an image
    is built.
    """
    begin = time.perf_counter()
    names = (*online_names(), *ACROSS_NAMES)
    engine = OnlineFeatures(("A", "B"), ("x", "x"), names, fear=True, news=True, scorer=_Zero())
    for t in range(2):
        price = np.array([10.0, 20.0]) + t
        engine.advance(
            Slice(
                time=t * 86_400_000_000,
                code=np.arange(2),
                known_at=np.full(2, t * 86_400_000_000),
                **dict.fromkeys(("open", "high", "low", "close", "adj_close", "volume", "fear"), price),
                news=SliceNews(row=np.zeros(1, int), kind=np.zeros(1, int), published_at=np.zeros(1, int), text=[""]),
            )
        )
    return time.perf_counter() - begin
