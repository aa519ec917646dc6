"""Online forms of trend, momentum, reversal, price and calendar: the batch definitions, said to a plan.

One entry a family: the template of the names, the windows, and the form. What a feature means and where it comes from
is said where it is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from tradewind.features.online import own_codes as op
from tradewind.features.online.own_bars import (
    growth,
    high,
    high_of,
    log_returns,
    low,
    low_of,
    move_of,
    open_,
    previous_close,
    returns,
    span,
    typical,
)
from tradewind.features.online.own_plan import ADJ_CLOSE, DAY, DAY_OF_WEEK, MONTH, MONTH_TURN, Plan

Form = Callable[[Plan], int]
"""Adds what a feature needs to a plan and returns the register of its value."""


def family(template: str, windows: Iterable[int], form: Callable[[Plan, int], int]) -> dict[str, Form]:
    """Return one form an entry of ``windows``."""
    return {template.format(window): partial(_at, form, window) for window in windows}


def _at(form: Callable[[Plan, int], int], window: int, plan: Plan) -> int:
    return form(plan, window)


def _ema(p: Plan, x: int, window: int) -> int:
    return p.smooth(x, window, 2.0 / (window + 1.0))


def _macd(p: Plan) -> tuple[int, int]:
    line, signal = p.macd(ADJ_CLOSE, 12, 26, 9)
    return p.ratio(line, ADJ_CLOSE), p.ratio(signal, ADJ_CLOSE)


def _adx(p: Plan) -> tuple[int, int]:
    top, bottom = high(p), low(p)
    return p.adx(move_of(p, top), p.sub(p.lag(bottom, 1), bottom), span(p), 14)


def _cci(p: Plan) -> int:
    price = typical(p)
    return p.cci(price, p.mean(price, 20), 20)


def _aroon(p: Plan) -> int:
    since_low = p.window(op.SINCE_PEAK, p.unary(op.NEGATE, low(p)), 26)
    return p.scale(p.sub(since_low, p.window(op.SINCE_PEAK, high(p), 26)), 100.0 / 25)


def _slope(p: Plan, window: int) -> int:
    return p.window(op.SLOPE, p.log(p.unary(op.ABOVE_ZERO, ADJ_CLOSE)), window)


TREND: dict[str, Form] = {
    **family("sma_ratio_{}", (5, 10, 15, 20, 25, 30, 50), lambda p, w: p.excess(ADJ_CLOSE, p.mean(ADJ_CLOSE, w))),
    **family("ema_ratio_{}", (5, 10, 20, 50), lambda p, w: p.excess(ADJ_CLOSE, _ema(p, ADJ_CLOSE, w))),
    "sma_cross_5_20": lambda p: p.excess(p.mean(ADJ_CLOSE, 5), p.mean(ADJ_CLOSE, 20)),
    "macd_26": lambda p: _macd(p)[0],
    "macd_signal_34": lambda p: _macd(p)[1],
    "macd_histogram_34": lambda p: p.sub(*_macd(p)),
    "adx_14": lambda p: _adx(p)[0],
    "directional_index_14": lambda p: _adx(p)[1],
    "cci_20": _cci,
    "aroon_25": _aroon,
    **family("slope_{}", (20, 60), _slope),
}


def _fast_k(p: Plan) -> int:
    top, bottom = high_of(p, 14), low_of(p, 14)
    return p.ratio(p.scale(p.sub(ADJ_CLOSE, bottom), 100.0), p.sub(top, bottom))


def _slow_k(p: Plan) -> int:
    return p.mean(_fast_k(p), 3)


MOMENTUM: dict[str, Form] = {
    **family("return_{}", (1, 2, 3, 5, 10, 20, 60, 120, 250), growth),
    # the register of a lagged growth would be pushed each bar: lagging both prices is the same number
    "momentum_250_20": lambda p: p.excess(p.lag(ADJ_CLOSE, 20), p.lag(ADJ_CLOSE, 250)),
    **family("rsi_{}", (7, 14), lambda p, w: p.rsi(move_of(p, ADJ_CLOSE), w)),
    "stochastic_k_14": _slow_k,
    "stochastic_d_14": lambda p: p.mean(_slow_k(p), 3),
    "williams_r_14": lambda p: p.shift(_fast_k(p), -100.0),
    **family("up_share_{}", (10, 20), lambda p, w: p.mean(p.unary(op.ROSE, returns(p)), w)),
    "streak_2": lambda p: p.streak(returns(p)),
    "direction_1": lambda p: p.unary(op.SIGN, returns(p)),
    **family("return_to_risk_{}", (20, 60), lambda p, w: p.ratio(*p.mean_std(returns(p), w, 1))),
}


def _bollinger_b(p: Plan) -> int:
    mean, std = p.mean_std(ADJ_CLOSE, 20, 0)
    return p.shift(p.ratio(p.sub(ADJ_CLOSE, mean), p.scale(std, 4.0)), 0.5)


def realised(p: Plan, window: int) -> int:
    """Sample standard deviation of log returns."""
    return p.mean_std(log_returns(p), window, 1)[1]


def _intraday(p: Plan) -> int:
    return p.mean(p.excess(ADJ_CLOSE, open_(p)), 20)


REVERSAL: dict[str, Form] = {
    "bollinger_b_20": _bollinger_b,
    "max_return_20": lambda p: p.window(op.MAX, returns(p), 20),
    "min_return_20": lambda p: p.window(op.MIN, returns(p), 20),
    **family("autocorrelation_{}", (20, 60), lambda p, w: p.correlation(returns(p), p.lag(returns(p), 1), w)),
    "return_shock_1": lambda p: p.ratio(returns(p), p.lag(realised(p, 20), 1)),
    "return_rank_own_60": lambda p: p.window(op.RANK, returns(p), 60),
    "overnight_mean_20": lambda p: p.mean(p.excess(open_(p), previous_close(p)), 20),
    "intraday_mean_20": _intraday,
}


def _bar_span(p: Plan) -> int:
    return p.sub(high(p), low(p))


def _channel(p: Plan) -> int:
    return p.ratio(p.sub(high_of(p, 20), low_of(p, 20)), p.unary(op.ABOVE_ZERO, ADJ_CLOSE))


PRICE: dict[str, Form] = {
    "open_to_close_1": lambda p: p.excess(open_(p), ADJ_CLOSE),
    "high_to_close_1": lambda p: p.excess(high(p), ADJ_CLOSE),
    "low_to_close_1": lambda p: p.excess(low(p), ADJ_CLOSE),
    "overnight_gap_1": lambda p: p.excess(open_(p), previous_close(p)),
    "range_1": lambda p: p.ratio(_bar_span(p), ADJ_CLOSE),
    "close_location_1": lambda p: p.ratio(p.sub(ADJ_CLOSE, low(p)), _bar_span(p)),
    "body_share_1": lambda p: p.ratio(p.sub(ADJ_CLOSE, open_(p)), _bar_span(p)),
    **family("high_ratio_{}", (20, 60, 250), lambda p, w: p.excess(ADJ_CLOSE, high_of(p, w))),
    **family("low_ratio_{}", (20, 60, 250), lambda p, w: p.excess(ADJ_CLOSE, low_of(p, w))),
    "channel_width_20": _channel,
}

CALENDAR: dict[str, Form] = {
    "day_of_week_1": lambda _: DAY_OF_WEEK,
    "month_turn_1": lambda _: MONTH_TURN,
    "days_since_bar_1": lambda p: move_of(p, DAY),
    "month_of_year_1": lambda _: MONTH,
}
