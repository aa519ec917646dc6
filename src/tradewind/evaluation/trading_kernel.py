"""One pass over a portfolio's days."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray


@njit(cache=True, nogil=True)
def walk(
    weights: FloatArray, moves: FloatArray, flat: float, friction: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hold ``weights`` (D, S) over ``moves`` (D, S), from cash on.

    Before each row trades, its positions are those of the row before, grown by their moves. A unit of turnover costs
    ``flat`` plus the cell of ``friction`` (D, S), which is empty where there is nothing to add.

    Returns
    -------
    ((D, 5) gross return, turnover, cost, exposure, net exposure; (S,) gross return and (S,) cost of each symbol.)
    """
    rows, symbols = weights.shape
    daily, gross, cost = np.zeros((rows, 5)), np.zeros(symbols), np.zeros(symbols)
    own = friction.size > 0
    grown = np.zeros(symbols)
    for t in range(rows):
        earned = traded = paid = held = net = 0.0
        for s in range(symbols):
            weight = weights[t, s]
            part, change = weight * moves[t, s], abs(weight - grown[s])
            price = change * (flat + friction[t, s]) if own else change * flat
            earned += part
            traded += change
            paid += price
            held += abs(weight)
            net += weight
            gross[s] += part
            cost[s] += price
        scale = max(1.0 + earned, 1e-9)
        for s in range(symbols):
            grown[s] = weights[t, s] * (1.0 + moves[t, s]) / scale
        daily[t, 0], daily[t, 1], daily[t, 2], daily[t, 3], daily[t, 4] = earned, traded, paid, held, net
    return daily, gross, cost


@njit(cache=True, nogil=True)
def held_wealth(moves: FloatArray) -> FloatArray:
    """(D,) mean wealth after each row of one share in every symbol, from 1; a loss of everything stays."""
    rows, symbols = moves.shape
    each, wealth = np.ones(symbols), np.zeros(rows)
    for t in range(rows):
        total = 0.0
        for s in range(symbols):
            each[s] *= 1.0 + max(moves[t, s], -1.0)
            total += each[s]
        wealth[t] = total / symbols
    return wealth
