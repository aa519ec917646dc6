"""The market's view of a candidate: price and volume, the book, news, sessions, other symbols."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import Float32Array, FloatArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.market.kernel import MEASURES, NAMES, Asked, advance
from tradewind.surveillance.market.memory import Columns, Memory
from tradewind.surveillance.sessions import Sessions

CLOSE, OPEN, PART = len(MEASURES) + 12, len(MEASURES) + 13, len(MEASURES) + 14
LEAST_SECONDS = 1e-3


class MarketView:
    """Describes candidates of any scheme by the market around them.

    Each measure of the candidate's span (rows, volume, trades, path of the mid, volatility, order to trade, cancels,
    spread, return, imbalance of flow and of the book) is held against up to twelve spans before it: (value - median)
    over 1.4826 times the median absolute deviation. To that come returns before, in and after the span, times to news,
    open and close, returns of other symbols and what is left without them, and the first account's usual conduct.

    Parameters
    ----------
    sessions : when the market is open; without it the times to open and close are not known.
    accounts : accounts remembered at once, a power of two.
    """

    hears_all: bool = False
    dear: bool = False

    def __init__(self, sessions: Sessions | None = None, *, accounts: int = 1 << 17) -> None:
        self._sessions = sessions
        self._memory = Memory.empty(accounts)
        self._pairs = np.full(2 * accounts, -1, np.int64)
        self._origin: int | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns, each starting with ``market_``."""
        return NAMES

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Read the next rows; return (candidates, features), each row from the tape up to its candidate's ``row``.

        A candidate whose row was read before (one that the end of the source completed) is described by what is known.
        """
        columns = Columns.of(tape)
        if self._origin is None and len(tape):
            self._origin = int(tape.time[0])
        self._memory = self._memory.for_tape(columns)
        out: FloatArray = np.full((len(candidates), len(NAMES)), np.nan)
        asked = Asked(
            row=_whole([c.row - tape.first_row for c in candidates]),
            symbol=_whole([c.symbol for c in candidates]),
            start=_whole([c.start for c in candidates]),
            end=_whole([c.end for c in candidates]),
            accounts=_whole([len(c.accounts) for c in candidates]),
            account=_whole([c.accounts[0] if c.accounts else -1 for c in candidates]),
        )
        if not len(tape):
            asked = asked._replace(row=np.full(len(candidates), -1, np.int64))
        known = asked.symbol < len(self._memory.totals)
        asked = asked._replace(symbol=np.where(known, asked.symbol, 0))
        if len(self._memory.totals):
            advance(columns, self._memory, self._pairs, self._origin or 0, asked, out)
        out[~known] = np.nan
        self._times(asked, out)
        with np.errstate(over="ignore"):
            return out.astype(np.float32)

    def _times(self, asked: Asked, out: FloatArray) -> None:
        """Write the times to the session's open and close, by the candidate's end."""
        sessions = self._sessions
        if sessions is None or not len(sessions.opens) or not len(out):
            return
        left = sessions.to_close(asked.end) * 1e-9
        where = sessions.index(asked.end)
        since = (asked.end - sessions.opens[np.maximum(where, 0)]) * 1e-9
        out[:, CLOSE] = np.where(where >= 0, np.log2(np.maximum(left, LEAST_SECONDS)), np.nan)
        out[:, OPEN] = np.where(where >= 0, np.log2(np.maximum(since, LEAST_SECONDS)), np.nan)
        whole = np.maximum(since + left, LEAST_SECONDS)
        out[:, PART] = np.where(where >= 0, np.clip(since / whole, 0.0, 1.5), np.nan)


def _whole(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return integers as an array."""
    return np.array(values, dtype=np.int64)
