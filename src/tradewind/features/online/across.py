"""Every feature that looks beyond a symbol's own bars, of one slice after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.features.online.across_market import DAY_FEATURES, RANK_FEATURES, Day, MarketDays, rank_rows
from tradewind.features.online.across_rows import Row, SymbolRows
from tradewind.features.online.across_symbol import (
    FEAR_FEATURES,
    LINE_FEATURES,
    SECTOR_FEATURES,
    Fear,
    MarketLine,
    Sectors,
)
from tradewind.features.online.fallback import Inputs
from tradewind.features.online.news import NEWS_FEATURES, NewsRows
from tradewind.features.online.protocol import Slice

_FAMILIES = (DAY_FEATURES, RANK_FEATURES, LINE_FEATURES, SECTOR_FEATURES, FEAR_FEATURES, NEWS_FEATURES)
ACROSS_NAMES = tuple(name for family in _FAMILIES for name in family)
"""Features that have an online form here, in the order of the rows of a slice's block."""

_BOUNDS = np.concatenate([[0], np.cumsum([len(family) for family in _FAMILIES])]).astype(int).tolist()
_DAYS, _RANKS, _LINE, _SECTORS, _FEAR, _NEWS = (slice(a, b) for a, b in pairwise(_BOUNDS))
_COUNTED = ("item_count_", "item_surprise_20_", "attention_rank_20_")
"""Features of news that need no scores."""


class Across:
    """Market, ranks, lines, sectors, fear and news; only the families are advanced of which a feature is wanted.

    Parameters
    ----------
    sectors : of each symbol of the universe.
    names : features wanted, of :data:`ACROSS_NAMES`.
    inputs : what the stream brings; with news, rows with a burst are marked whatever is wanted.
    """

    def __init__(self, sectors: Sequence[str], names: Iterable[str], inputs: Inputs) -> None:
        n, wanted = len(sectors), set(names)
        self._ranked = bool(wanted & set(RANK_FEATURES))
        self._sectored = bool(wanted & set(SECTOR_FEATURES))
        fear, line = bool(wanted & set(FEAR_FEATURES)), bool(wanted & set(LINE_FEATURES))
        market = fear or line or self._ranked or self._sectored or bool(wanted & set(DAY_FEATURES))
        scored = any(not name.startswith(_COUNTED) for name in wanted & set(NEWS_FEATURES))
        self._sectors = Sectors(sectors)
        self._rows = SymbolRows(n) if market else None
        self._days = MarketDays() if market else None
        self._line = MarketLine(n) if line else None
        self._fear = Fear(n, known=inputs.fear) if fear else None
        self._news = NewsRows(n, inputs.scorer, scored=scored) if inputs.news else None

    def scores(self, part: Slice) -> FloatArray:
        """(m,) scores of a slice's items: asked for before anything is remembered, because a scorer may fail."""
        return np.empty(0) if self._news is None else self._news.scores(part)

    def advance(self, part: Slice, scores: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Take a slice in; (68, k) block of features, of which those wanted are filled, and (k,) bursts of news."""
        block = np.empty((len(ACROSS_NAMES), len(part)))
        code = np.array(part.code, dtype=np.int64)  # of one memory layout, whatever came: others compile anew
        if self._rows is not None and self._days is not None:
            rows = self._rows.advance(code, part)
            day = self._days.advance(rows)
            block[_DAYS] = day[: len(DAY_FEATURES), None]
            self._against_others(code, rows, day, block)
            if self._fear is not None:
                market = float(day[Day.VOLATILITY]), float(day[Day.GREED])
                self._fear.advance(code, part.fear, market, block[_FEAR])
        if self._news is None:
            return block, np.zeros(len(part), dtype=bool)
        return block, self._news.advance(code, part, scores, block[_NEWS])

    def _against_others(self, code: IntArray, rows: FloatArray, day: FloatArray, block: FloatArray) -> None:
        if self._ranked:
            rank_rows(rows, block[_RANKS])
        if self._line is not None:
            self._line.advance(code, rows[Row.RETURN_1], block[_LINE])
        if self._sectored:
            self._sectors.advance(code, rows, float(day[Day.RETURN_OVER_20]), block[_SECTORS])

    @property
    def memory(self) -> dict[str, AnyArray]:
        """All arrays that are kept from slice to slice, themselves and not copies, by name."""
        parts = {"rows": self._rows, "days": self._days, "line": self._line, "fear": self._fear, "news": self._news}
        return {
            f"{family}.{name}": array
            for family, part in parts.items()
            if part is not None
            for name, array in part.memory.items()
        }
