"""Splits and dividends, and prices adjusted for those that were known at a given moment.

Backward adjustment multiplies each past price by the factors of the actions that came after it, so that the last
price stays as it was traded. The multipliers are those of the Center for Research in Security Prices (CRSP, *Data
Descriptions Guide*, "factor to adjust price"), which Yahoo's adjusted close follows as well:

    split of r new shares for one old      1 / r
    dividend d, previous close p           1 - d / p

The level of such a series changes with every new action; the ratio of two of its prices does not. That is why a
feature may use ratios of adjusted closes and never their level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np

from tradewind.core import InputError, Panel
from tradewind.core.arrays import FloatArray, TimeArray, as_time


@dataclass(frozen=True, kw_only=True)
class Split:
    """A split or reverse split.

    Attributes
    ----------
    symbol : whose shares.
    ex_date : first session that trades on the new share count.
    ratio : new shares for one old share; 4.0 for a 4-for-1 split, 0.1 for a 1-for-10 reverse split.
    known_on : day the record could be known; None where that is no later than ``ex_date``.
    """

    symbol: str
    ex_date: date
    ratio: float
    known_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse a ratio that is not a finite number above zero."""
        if not (np.isfinite(self.ratio) and self.ratio > 0):
            raise InputError(
                f"the split of {self.symbol} on {self.ex_date} has ratio {self.ratio}",
                field="ratio",
                fix="give new shares per old share, above zero",
            )


@dataclass(frozen=True, kw_only=True)
class Dividend:
    """A cash dividend.

    Attributes
    ----------
    symbol : whose shares.
    ex_date : first session that trades without the dividend.
    amount : currency units per share held on ``ex_date``, so per *new* share where a split falls on the same day.
    known_on : day the record could be known; None where that is no later than ``ex_date``.
    """

    symbol: str
    ex_date: date
    amount: float
    known_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse an amount that is not a finite number of at least zero."""
        if not (np.isfinite(self.amount) and self.amount >= 0):
            raise InputError(
                f"the dividend of {self.symbol} on {self.ex_date} has amount {self.amount}",
                field="amount",
                fix="give currency units per share, not below zero",
            )


CorporateAction: TypeAlias = Split | Dividend


def adjusted_close(
    close: FloatArray, actions: Iterable[CorporateAction], *, time: TimeArray, as_of: object = None
) -> FloatArray:
    """Return closes of one symbol, adjusted backward for splits and dividends known at ``as_of``.

    Parameters
    ----------
    close : (n,) closes as traded, in currency units; NaN stays NaN.
    actions : of this one symbol, in any order.
    time : (n,) datetime64, rising.
    as_of : the moment of knowledge; None for all actions. An action counts once ``as_of`` has reached both its
        ``ex_date`` and its ``known_on``.

    Returns
    -------
    (n,) float64; NaN for rows after ``as_of``: they had not happened. The ratio of two rows is the same for every
    ``as_of`` that is past both, as long as no action became known after its ex-date.

    Raises
    ------
    InputError : actions of several symbols, or a dividend that is not smaller than the close before it.
    """
    prices = _until(np.asarray(close, dtype=np.float64), time, as_of)
    known = _known(actions, as_of)
    factor = split_factor(known, time)
    for ex_date in sorted({a.ex_date for a in known if isinstance(a, Dividend)}):
        factor = factor * _dividend_factor(prices, time, known, ex_date)
    adjusted: FloatArray = prices * factor
    return adjusted


def split_adjusted(
    price: FloatArray, actions: Iterable[CorporateAction], *, time: TimeArray, as_of: object = None
) -> FloatArray:
    """Return (n,) prices of one symbol adjusted backward for splits only; arguments as :func:`adjusted_close`."""
    prices = _until(np.asarray(price, dtype=np.float64), time, as_of)
    adjusted: FloatArray = prices * split_factor(actions, time, as_of=as_of)
    return adjusted


def split_factor(actions: Iterable[CorporateAction], time: TimeArray, *, as_of: object = None) -> FloatArray:
    """Return (n,) the cumulative split multiplier of each row: prices are multiplied by it, volumes divided."""
    factor = np.ones(len(time))
    for action in _known(actions, as_of):
        if isinstance(action, Split):
            factor[time < as_time(action.ex_date)] /= action.ratio
    return factor


def adjust_panel(panel: Panel, actions: Sequence[CorporateAction], *, as_of: object = None) -> Panel:
    """Return the panel as it stood at ``as_of``, with ``adj_close`` made anew from ``close`` and ``actions``.

    Rows after ``as_of`` are left out; ``close`` must be as traded. Raises as :func:`adjusted_close`.
    """
    seen = panel if as_of is None else panel.until(str(as_time(as_of)))
    adjusted = np.empty(len(seen))
    for code, symbol in enumerate(seen.symbols):
        rows = slice(int(seen.offsets[code]), int(seen.offsets[code + 1]))
        own = [a for a in actions if a.symbol == symbol]
        adjusted[rows] = adjusted_close(seen.close[rows], own, time=seen.time[rows], as_of=as_of)
    return replace(seen, adj_close=adjusted)


def _until(values: FloatArray, time: TimeArray, as_of: object) -> FloatArray:
    if as_of is None:
        return values
    seen: FloatArray = np.where(time <= as_time(as_of), values, np.nan)
    return seen


def _known(actions: Iterable[CorporateAction], as_of: object) -> list[CorporateAction]:
    chosen = list(actions)
    symbols = sorted({a.symbol for a in chosen})
    if len(symbols) > 1:
        raise InputError(
            f"the actions are of several symbols ({', '.join(symbols[:3])})",
            field="symbol",
            fix="pass the actions of one symbol, or use adjust_panel",
        )
    if as_of is None:
        return chosen
    moment = as_time(as_of)
    return [a for a in chosen if as_time(max(a.ex_date, a.known_on or a.ex_date)) <= moment]


def _dividend_factor(
    close: FloatArray, time: TimeArray, actions: Sequence[CorporateAction], ex_date: date
) -> FloatArray:
    """(n,) multiplier of the dividends of one ex-date, in terms of the last close before it."""
    today = as_time(ex_date)
    before = np.flatnonzero((time < today) & ~np.isnan(close))
    factor = np.ones(len(time))
    if not len(before):
        return factor
    shares = float(np.prod([a.ratio for a in actions if isinstance(a, Split) and a.ex_date == ex_date]))
    paid = [a for a in actions if isinstance(a, Dividend) and a.ex_date == ex_date]
    cash = shares * sum(a.amount for a in paid)
    last = float(close[before[-1]])
    if cash >= last:
        raise InputError(
            f"the dividend of {paid[0].symbol} on {ex_date} ({cash:g}) is not smaller than the close before it "
            f"({last:g})",
            field="amount",
            fix="check the amount, and that the closes are as traded",
        )
    factor[time < today] = 1.0 - cash / last
    return factor
