"""How forecasts become positions."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.evaluation.days import ranks_within


class BacktestSettings(Settings):
    """How forecasts become positions.

    Attributes
    ----------
    side : hold both signs, or longs only.
    weights : "sign": each symbol gets one share of the book, long or short by ``signal``; "rank": in proportion to the
        day's rank around the middle; "decile": equal weights in the best ``tail`` share against the worst.
        Gross exposure never exceeds 1. A signal that is the same for every symbol has no rank and no decile.
    signal : the column ranked ("probability" counts from 0.5).
    execution : "next_bar": decided at the close of t, traded at the close of t + 1, earns the move from t + 1 to t + 2;
        "close": traded at the very close the forecast was made from, earns the label's own return.
    cost_bp, slippage_bp : basis points per unit of turnover (sum of absolute weight changes, both sides counted).
    slippage_volatility : further slippage per unit of turnover as a share of the symbol's daily volatility, estimated
        over the ``volatility_window`` bars before the trade (2 % while fewer than five are known).
    """

    side: Literal["long_short", "long_only"] = "long_short"
    weights: Literal["sign", "rank", "decile"] = "sign"
    signal: Literal["probability", "expected_return"] = "probability"
    execution: Literal["next_bar", "close"] = "next_bar"
    tail: float = Field(0.1, gt=0, le=0.5)
    cost_bp: float = Field(5.0, ge=0)
    slippage_bp: float = Field(0.0, ge=0)
    slippage_volatility: float = Field(0.0, ge=0, le=1)
    volatility_window: int = Field(20, ge=5)
    periods_per_year: int = Field(252, ge=1)
    n_trials: int = Field(1, ge=1)


def target_weights(
    signal: FloatArray,
    settings: BacktestSettings,
    *,
    ranks: FloatArray | None = None,
    ordered: FloatArray | None = None,
) -> FloatArray:
    """(D, S) portfolio weights from a (D, S) signal around 0, NaN where a symbol is not to be held.

    ``ranks`` (D, S) within each day and ``ordered`` (D, S), each day's signals in order with the unknown as infinity,
    spare their computation where they are known.
    """
    known = np.isfinite(signal)
    count = known.sum(axis=1, keepdims=True).astype(np.float64)
    filled = np.where(known, signal, 0.0)
    if settings.weights == "sign":
        raw = np.sign(filled) / np.maximum(count, 1)
    elif settings.weights == "decile":
        raw = _tails(signal, known, settings.tail, ordered_signal(signal) if ordered is None else ordered)
    else:
        if ranks is None:
            ranks = ranked_signal(signal)
        raw = np.where(known, ranks - (count + 1) / 2, 0.0)
    if settings.side == "long_only":
        raw = np.maximum(raw, 0.0)
    if settings.weights == "sign":
        return np.asarray(raw, dtype=np.float64)
    gross = np.abs(raw).sum(axis=1, keepdims=True)
    weights: FloatArray = raw / np.where(gross > 0, gross, 1.0)
    return weights


def _tails(signal: FloatArray, known: BoolArray, share: float, ordered: FloatArray) -> FloatArray:
    """(D, S) equal positive weights in the best ``share`` of each day, negative in the worst, each side summing to 1.

    Ties at a cut are all held; where the two cuts meet (too few or equal signals) nothing is.
    """
    if not signal.size:
        return signal
    count = known.sum(axis=1, keepdims=True)
    each = np.maximum(np.floor(count * share).astype(np.int64), 1)
    top = np.take_along_axis(ordered, np.maximum(count - each, 0), axis=1)
    bottom = np.take_along_axis(ordered, np.minimum(each - 1, ordered.shape[1] - 1), axis=1)
    apart = (top > bottom) & np.isfinite(top)
    longs = (known & apart & (np.where(known, signal, -np.inf) >= top)).astype(np.float64)
    shorts = (known & apart & (np.where(known, signal, np.inf) <= bottom)).astype(np.float64)
    sides = [side / np.maximum(side.sum(axis=1, keepdims=True), 1.0) for side in (longs, shorts)]
    return np.asarray(sides[0] - sides[1], dtype=np.float64)


def ranked_signal(signal: FloatArray) -> FloatArray:
    """(D, S) rank within the day, 1 the least, ties sharing their mean rank; 0 where there is no signal."""
    known = np.isfinite(signal)
    out = np.zeros(signal.shape)
    out[known] = ranks_within(signal[known], np.nonzero(known)[0])
    return out


def ordered_signal(signal: FloatArray) -> FloatArray:
    """(D, S) each day's signals in order, the unknown last as infinity."""
    ordered: FloatArray = np.sort(np.where(np.isfinite(signal), signal, np.inf), axis=1)
    return ordered
