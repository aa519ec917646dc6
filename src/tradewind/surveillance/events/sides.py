"""Trades that name both of their sides in one row: which of the columns of foreign files say who and whose order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray
from tradewind.surveillance.events.table import Kind

Columns = Mapping[str, AnyArray | None]


def other_side(columns: Mapping[str, AnyArray], accounts: Columns, orders: Columns) -> dict[str, AnyArray]:
    """Return what the columns about both sides of a trade add to or change in a table's columns.

    A trade's own side (``account``, ``order``) is the resting one where the file says which that is (maker and taker),
    else the one that ``side`` names, else the one that ``account`` names, else the buyer's.

    Parameters
    ----------
    columns : the table's nine columns.
    accounts : ``contra``, ``buyer``, ``seller``, ``maker``, ``taker``: codes, -1 unknown, or None.
    orders : ``contra_order``, ``buy_order``, ``sell_order``, ``maker_order``, ``taker_order``: ids, 0 unknown, or None.
    """
    if all(column is None for column in (*accounts.values(), *orders.values())):
        return {}
    n = len(columns["time"])
    trades = (columns["kind"] == Kind.TRADE) | (columns["kind"] == Kind.HIDDEN)
    account, order, side = columns["account"].copy(), columns["order"].copy(), columns["side"].copy()
    who = {name: _or(column, -1, n) for name, column in accounts.items()}
    which = {name: _or(column, 0, n) for name, column in orders.items()}
    contra, contra_order = np.where(trades, who["contra"], -1), np.where(trades, which["contra_order"], 0)

    buys = _is_buyer(side, account, who)
    own, other = np.where(buys, who["buyer"], who["seller"]), np.where(buys, who["seller"], who["buyer"])
    known = trades & ((own >= 0) | (other >= 0))
    _fill(account, own, known & (account < 0))
    _fill(contra, other, known & (contra < 0))
    own, other = (
        np.where(buys, which["buy_order"], which["sell_order"]),
        np.where(buys, which["sell_order"], which["buy_order"]),
    )
    known_orders = trades & ((own != 0) | (other != 0))
    _fill(order, own, known_orders & (order == 0))
    _fill(contra_order, other, known_orders & (contra_order == 0))
    _fill(side, np.where(buys, 1, -1), (known | known_orders) & (side == 0))

    _fill(account, who["maker"], trades & (who["maker"] >= 0))
    _fill(contra, who["taker"], trades & (who["taker"] >= 0))
    _fill(order, which["maker_order"], trades & (which["maker_order"] != 0))
    _fill(contra_order, which["taker_order"], trades & (which["taker_order"] != 0))
    return {
        "account": account.astype(np.int32),
        "order": order,
        "side": side,
        "contra": contra.astype(np.int32),
        "contra_order": contra_order.astype(np.int64),
    }


def _or(column: AnyArray | None, default: int, n: int) -> AnyArray:
    return np.full(n, default, dtype=np.int64) if column is None else column


def _fill(target: AnyArray, values: AnyArray, where: BoolArray) -> None:
    target[where] = values[where]


def _is_buyer(side: AnyArray, account: AnyArray, who: Mapping[str, AnyArray]) -> BoolArray:
    """Return where a row's own side buys: as ``side`` says, else as ``account`` says, else yes."""
    sells = (side < 0) | ((side == 0) & (account >= 0) & (account == who["seller"]) & (account != who["buyer"]))
    return np.asarray(~sells, dtype=bool)
