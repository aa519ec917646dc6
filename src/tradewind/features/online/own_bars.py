"""Series that many online features start from, as :mod:`tradewind.features.bars` defines them."""

from __future__ import annotations

from tradewind.features.online import own_codes as op
from tradewind.features.online.own_plan import ADJ_CLOSE, CLOSE, HIGH, LOW, OPEN, VOLUME, Plan


def _factor(p: Plan) -> int:
    return p.ratio(ADJ_CLOSE, CLOSE)


def open_(p: Plan) -> int:
    """Adjusted open."""
    return p.mul(OPEN, _factor(p))


def high(p: Plan) -> int:
    """Adjusted high."""
    return p.mul(HIGH, _factor(p))


def low(p: Plan) -> int:
    """Adjusted low."""
    return p.mul(LOW, _factor(p))


def shares(p: Plan) -> int:
    """Volume in units of the adjusted price."""
    return p.ratio(VOLUME, _factor(p))


def money(p: Plan) -> int:
    """Currency traded."""
    return p.mul(CLOSE, VOLUME)


def typical(p: Plan) -> int:
    """Mean of the adjusted high, low and close."""
    return p.over(p.add(p.add(high(p), low(p)), ADJ_CLOSE), 3.0)


def previous_close(p: Plan) -> int:
    """Adjusted close of the bar before."""
    return p.lag(ADJ_CLOSE, 1)


def growth(p: Plan, bars: int) -> int:
    """Simple return of adjusted close over ``bars`` bars."""
    return p.excess(ADJ_CLOSE, p.lag(ADJ_CLOSE, bars))


def returns(p: Plan) -> int:
    """Simple return over one bar."""
    return growth(p, 1)


def log_returns(p: Plan) -> int:
    """Log return over one bar."""
    return p.log(returns(p), one_more=True)


def move_of(p: Plan, x: int) -> int:
    """Difference from the bar before."""
    return p.sub(x, p.lag(x, 1))


def span(p: Plan) -> int:
    """True range."""
    before, top, bottom = previous_close(p), high(p), low(p)
    missing = p.scale(p.add(p.add(before, top), bottom), 0.0)
    reach = p.sub(p.binary(op.GREATER, top, before), p.binary(op.LESSER, bottom, before))
    return p.add(reach, missing)


def high_of(p: Plan, window: int) -> int:
    """Highest adjusted high."""
    return p.window(op.MAX, high(p), window)


def low_of(p: Plan, window: int) -> int:
    """Lowest adjusted low."""
    return p.window(op.MIN, low(p), window)


def log_ratio(p: Plan, top: int, bottom: int) -> int:
    """Log of top over bottom; NaN where it is not finite."""
    return p.unary(op.FINITE, p.log(p.binary(op.DIVIDE, top, bottom)))
