"""Who a stock's peers are: the most correlated stocks and those of its sector, as known when a week begins.

Peers are lists of at most some ten symbols, never a matrix of all pairs: 500 stocks over ten years take some 20 MB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.core.panel import UNKNOWN_SECTOR
from tradewind.models.past import past_return

NOBODY = -1
_MONDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True, kw_only=True)
class PeerRule:
    """How peers are chosen.

    ``correlated``, ``same_sector`` : peers of either kind. ``window`` : days of returns a correlation is taken over,
    of which two stocks must share ``least``. ``refresh`` : calendar days between two choices, counted from a Monday,
    so that a choice does not depend on where a panel begins.
    """

    correlated: int
    same_sector: int
    window: int
    least: int
    refresh: int


@dataclass(frozen=True, kw_only=True, eq=False)
class PeerTable:
    """Peers of every symbol in every period asked for.

    Attributes
    ----------
    period : (T,) place in the lists of each of the panel's times; -1 where it was not asked for.
    correlated, same_sector : (P, S, k) symbol codes, best first; ``NOBODY`` after the last peer.
    correlated_weight, same_sector_weight : (P, S, k) correlation in [-1, 1]; 0 where it is not known.
    """

    period: IntArray
    correlated: Int32Array
    correlated_weight: Float32Array
    same_sector: Int32Array
    same_sector_weight: Float32Array


def choose_peers(panel: Panel, days: IntArray, rule: PeerRule) -> PeerTable:
    """Choose the peers for ``days`` (codes of ``panel.times``), each period's from bars known before its first day.

    A return counts where its bar was known at midnight of the period's first day in the panel: every bar of the
    period is known later than that. A peer must have a return among the last ``refresh`` days, so stocks that are
    listed later, or no longer, take nobody's place.
    """
    calendar = (panel.times.astype("datetime64[D]").astype(np.int64) + _MONDAY) // rule.refresh
    wanted = np.unique(calendar[days])
    first = np.searchsorted(calendar, wanted)
    place = np.searchsorted(wanted, calendar)
    inside = (place < len(wanted)) & (wanted[np.minimum(place, len(wanted) - 1)] == calendar)
    moves = _by_day(panel, past_return(panel, 1), np.nan)
    known_at = _by_day(panel, panel.known_at, np.datetime64("NaT"))
    sector = panel.sector_code
    related = (sector[:, None] == sector) & np.array([name != UNKNOWN_SECTOR for name in panel.sectors])[:, None]
    np.fill_diagonal(related, val=False)
    shape = (len(wanted), panel.n_symbols)
    near, near_weight = _blank(*shape, rule.correlated)
    own, own_weight = _blank(*shape, rule.same_sector)
    for p, start in enumerate(first):
        past = slice(max(0, start - rule.window), start)
        known = np.isfinite(moves[past]) & (known_at[past] <= panel.times[start])
        correlation = _correlations(moves[past], known, rule.least)
        fresh = known[-rule.refresh :].any(axis=0)
        score = np.where(fresh & np.isfinite(correlation), correlation, -np.inf)
        _best(score, near[p], near_weight[p])
        if rule.same_sector:
            # A correlation not known yet counts as 0: a sector is known before any correlation is.
            _best(np.where(fresh & related, np.nan_to_num(correlation), -np.inf), own[p], own_weight[p])
    return PeerTable(
        period=np.where(inside, place, -1),
        correlated=near,
        correlated_weight=near_weight,
        same_sector=own,
        same_sector_weight=own_weight,
    )


def _by_day(panel: Panel, values: AnyArray, absent: float | np.datetime64) -> AnyArray:
    """(T, S) ``values`` (n,) of the panel's rows by time and symbol; ``absent`` where a symbol has no bar."""
    table = np.full((len(panel.times), panel.n_symbols), absent, dtype=values.dtype)
    table[panel.time_code, panel.symbol_code] = values
    return table


def _blank(periods: int, symbols: int, k: int) -> tuple[Int32Array, Float32Array]:
    return np.full((periods, symbols, k), NOBODY, np.int32), np.zeros((periods, symbols, k), np.float32)


def _correlations(moves: FloatArray, known: BoolArray, least: int) -> FloatArray:
    """(S, S) correlation of the columns of ``moves`` (w, S) on their common days; NaN under ``least`` and to itself."""
    count = known.sum(axis=0)
    held = np.where(known, moves, 0.0)
    centred = np.where(known, held - held.sum(axis=0) / np.maximum(count, 1), 0.0)
    deviation = np.sqrt((centred**2).sum(axis=0) / np.maximum(count, 1))
    scaled = centred / np.where(deviation > 0.0, deviation, 1.0)
    present = known.astype(np.float64)
    common = present.T @ present
    result = np.clip((scaled.T @ scaled) / np.maximum(common, 1.0), -1.0, 1.0)
    still = deviation <= 0.0  # a price that never moved is correlated with nothing
    result[(common < least) | still[:, None] | still] = np.nan
    np.fill_diagonal(result, np.nan)
    return result


def _best(score: FloatArray, peers: Int32Array, weight: Float32Array) -> None:
    """Write each symbol's peers of the highest ``score`` (S, S) above -inf, and their correlation, in place."""
    k = min(peers.shape[1], len(score) - 1)
    if k <= 0:
        return
    ranked = score - 1e-9 * np.arange(len(score))  # ties go to the first symbol, whatever the selection does
    some = np.argpartition(-ranked, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(ranked, some, axis=1), axis=1)
    best = np.take_along_axis(some, order, axis=1)
    value = np.take_along_axis(score, best, axis=1)
    peers[:, :k] = np.where(np.isfinite(value), best, NOBODY)
    weight[:, :k] = np.where(np.isfinite(value), value, 0.0)
