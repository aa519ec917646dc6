"""What a market of ``foreign_rich`` is like: the stylised facts of Cont (2001), measured from its own executions.

Figures are averages over the stocks, from prices sampled every 60 of a stock's beats within sessions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from foreign_rich_engine import CANCEL, MODIFY, NEW, TRADE
from foreign_rich_world import Stock, World


def lag_one(values: np.ndarray) -> float:
    """First-order autocorrelation; 0 for a constant series."""
    centred = values - values.mean()
    spread = float((centred**2).sum())
    return float((centred[1:] * centred[:-1]).sum() / spread) if spread > 0 else 0.0


def stock_facts(world: World, stock: Stock, trades: np.ndarray) -> dict[str, float]:
    """Returns' tails and memory, and persistence of trade signs, of one stock; ``trades`` as the venue lists them."""
    mine = trades[trades[:, 1] == stock.symbol]
    returns, daily = [], []
    for opening, closing in world.days:
        grid = np.arange(opening, closing, int(60 * stock.beat * 1e9))
        at = np.searchsorted(mine[:, 0], grid, side="right") - 1
        prices = np.log(mine[at[at >= 0], 2])
        returns.append(np.diff(prices))
        daily.append(float(np.sqrt((returns[-1] ** 2).sum())))
    moves = np.concatenate(returns)
    middle = moves - moves.mean()
    return {
        "tail": float((middle**4).mean() / max((middle**2).mean() ** 2, 1e-30)),
        "memory_of_returns": lag_one(moves),
        "memory_of_size": lag_one(np.abs(moves)),
        "memory_of_signs": lag_one(mine[:, 6].astype(float)),
        "daily_volatility": float(np.mean(daily)),
    }


def facts(world: World) -> dict[str, Any]:
    """Shares of row kinds, orders a trade, and the averages of ``stock_facts``."""
    kinds = np.bincount([row[2] for row in world.venue.rows], minlength=5) / len(world.venue.rows)
    trades = np.array(world.venue.trades)
    per_stock = [stock_facts(world, stock, trades) for stock in world.stocks]
    shares = {name: round(float(kinds[kind]), 3) for name, kind in
              (("new", NEW), ("cancel", CANCEL), ("modify", MODIFY), ("trade", TRADE))}  # fmt: skip
    return {
        **shares,
        "symbols": len(world.stocks),
        "days": len(world.days),
        "hours": round((world.days[0][1] - world.days[0][0]) / 3.6e12, 2),
        "accounts": world.accounts,
        **{key: round(float(np.mean([one[key] for one in per_stock])), 4) for key in per_stock[0]},
    }
