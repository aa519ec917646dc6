"""Online forms of volatility and volume; see :mod:`tradewind.features.online.own_forms`."""

from __future__ import annotations

import numpy as np

from tradewind.features.online import own_codes as op
from tradewind.features.online.own_bars import (
    high,
    log_ratio,
    low,
    money,
    move_of,
    open_,
    previous_close,
    returns,
    shares,
    span,
    typical,
)
from tradewind.features.online.own_forms import Form, family, realised
from tradewind.features.online.own_plan import ADJ_CLOSE, Plan

_LN2 = float(np.log(2.0))


def _logs(p: Plan) -> tuple[int, int, int]:
    """Logs of the adjusted high, low and close over the open."""
    first = open_(p)
    return log_ratio(p, high(p), first), log_ratio(p, low(p), first), log_ratio(p, ADJ_CLOSE, first)


def _root(p: Plan, variance: int) -> int:
    return p.unary(op.ROOT, variance)


def _parkinson(p: Plan) -> int:
    top, bottom, _ = _logs(p)
    return _root(p, p.mean(p.over(p.square(p.sub(top, bottom)), 4.0 * _LN2), 20))


def _garman_klass(p: Plan) -> int:
    top, bottom, close = _logs(p)
    daily = p.sub(p.scale(p.square(p.sub(top, bottom)), 0.5), p.scale(p.square(close), 2.0 * _LN2 - 1.0))
    return _root(p, p.mean(daily, 20))


def _rogers_satchell(p: Plan) -> int:
    top, bottom, close = _logs(p)
    return p.mean(p.add(p.mul(top, p.sub(top, close)), p.mul(bottom, p.sub(bottom, close))), 20)


def _yang_zhang(p: Plan) -> int:
    n = 20
    weight = 0.34 / (1.34 + (n + 1) / (n - 1))
    gap = log_ratio(p, open_(p), previous_close(p))
    overnight = p.square(p.mean_std(gap, n, 1)[1])
    intraday = p.square(p.mean_std(_logs(p)[2], n, 1)[1])
    parts = p.add(p.add(overnight, p.scale(intraday, weight)), p.scale(_rogers_satchell(p), 1.0 - weight))
    return _root(p, parts)


def _atr(p: Plan) -> int:
    return p.smooth(span(p), 14, 1.0 / 14)


def _bollinger_width(p: Plan) -> int:
    mean, std = p.mean_std(ADJ_CLOSE, 20, 0)
    return p.ratio(p.scale(std, 4.0), mean)


def _volatility_of_volatility(p: Plan) -> int:
    mean, std = p.mean_std(realised(p, 5), 20, 1)
    return p.ratio(std, mean)


def _downside_share(p: Plan) -> int:
    move = returns(p)
    return p.ratio(p.mean(p.square(p.unary(op.FALL, move)), 20), p.mean(p.square(move), 20))


VOLATILITY: dict[str, Form] = {
    **family("realised_volatility_{}", (5, 20, 60), realised),
    "parkinson_20": _parkinson,
    "garman_klass_20": _garman_klass,
    "rogers_satchell_20": lambda p: _root(p, _rogers_satchell(p)),
    "yang_zhang_20": _yang_zhang,
    "atr_14": lambda p: p.ratio(_atr(p), ADJ_CLOSE),
    "range_expansion_14": lambda p: p.excess(span(p), _atr(p)),
    "bollinger_width_20": _bollinger_width,
    "volatility_ratio_5_60": lambda p: p.excess(realised(p, 5), realised(p, 60)),
    "volatility_of_volatility_20": _volatility_of_volatility,
    "downside_share_20": _downside_share,
    "skewness_60": lambda p: p.skew_kurt(returns(p), 60)[0],
    "kurtosis_60": lambda p: p.skew_kurt(returns(p), 60)[1],
}


def _vwap_ratio(p: Plan, window: int) -> int:
    paid = p.sum(p.mul(typical(p), shares(p)), window)
    return p.excess(ADJ_CLOSE, p.ratio(paid, p.sum(shares(p), window)))


def _signed_shares(p: Plan) -> int:
    return p.binary(op.SIGNED, shares(p), move_of(p, ADJ_CLOSE))


def _obv_z(p: Plan) -> int:
    balance = p.total(_signed_shares(p))
    mean, std = p.mean_std(balance, 20, 1)
    return p.ratio(p.sub(balance, mean), std)


def _volume_z(p: Plan) -> int:
    log = p.log(p.unary(op.ABOVE_ZERO, money(p)))
    mean, std = p.mean_std(log, 20, 1)
    return p.ratio(p.sub(log, mean), std)


def _amihud(p: Plan) -> int:
    impact = p.ratio(p.unary(op.ABSOLUTE, returns(p)), p.over(money(p), 1e6))
    return p.unary(op.LOG_ABOVE_ZERO, p.mean(impact, 20))


def _money_flow_index(p: Plan) -> int:
    price = typical(p)
    weight, move = p.mul(price, shares(p)), move_of(p, price)
    rising, moving = p.binary(op.FLOW_UP, weight, move), p.binary(op.FLOW_ANY, weight, move)
    return p.ratio(p.scale(p.sum(rising, 14), 100.0), p.sum(moving, 14))


def _chaikin(p: Plan) -> int:
    top, bottom = high(p), low(p)
    numerator = p.sub(p.sub(p.scale(ADJ_CLOSE, 2.0), top), bottom)
    place = p.binary(op.RATIO_OR_ZERO, numerator, p.sub(top, bottom))
    return p.ratio(p.sum(p.mul(place, shares(p)), 20), p.sum(shares(p), 20))


VOLUME: dict[str, Form] = {
    **family("vwap_ratio_{}", (5, 20), _vwap_ratio),
    "obv_z_20": _obv_z,
    "obv_share_20": lambda p: p.ratio(p.sum(_signed_shares(p), 20), p.sum(shares(p), 20)),
    **family("volume_ratio_{}", (5, 20, 60), lambda p, w: p.excess(money(p), p.mean(money(p), w))),
    "volume_z_20": _volume_z,
    "turnover_trend_5_60": lambda p: p.excess(p.mean(money(p), 5), p.mean(money(p), 60)),
    "dollar_volume_20": lambda p: p.unary(op.LOG_ABOVE_ZERO, p.mean(money(p), 20)),
    "amihud_20": _amihud,
    "mfi_14": _money_flow_index,
    "chaikin_20": _chaikin,
    "price_volume_correlation_20": lambda p: p.correlation(returns(p), money(p), 20),
}
