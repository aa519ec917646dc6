"""Did money move from one sector to another? A sector leads or lags day after day, or its forecasts alone fail."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import day_mean
from tradewind.monitoring.diagnosis.odds import Change, mixture, shift_odds, usual_of

KIND = CauseKind.SECTOR_ROTATION
FAILS = np.array([0.15, 0.3, 0.5])
"""Rises of a sector's share of wrong directions over the other sectors' that a rotation makes."""


def weigh(case: Case) -> Weighed:
    """Odds, averaged over sectors, that one drifts against the rest or that its forecasts alone go wrong."""
    frame = case.frame
    sectors = [str(name) for name in sorted(set(frame.sectors.tolist())) if (frame.sectors == name).sum() >= 2]
    if len(sectors) < 2:
        return Weighed(kind=KIND, known=False, looked="fewer than two sectors of two symbols")
    leads = np.stack([_against(case, case.returns, name) for name in sectors], axis=1)
    wrong = np.where(case.tainted, np.nan, frame.wrong)
    fails = np.stack([_against(case, wrong, name) for name in sectors], axis=1)
    least = max(case.settings.least_segment, 5)
    drift = [_drift(case, leads[:, k], least) for k in range(len(sectors))]
    fail = [
        shift_odds(usual_of(fails[frame.usual, k]), fails[frame.period, k], FAILS, least=least)
        for k in range(len(sectors))
    ]
    own = np.array([max(d.log_odds, 0.0) + max(f.log_odds, 0.0) for d, f in zip(drift, fail, strict=True)])
    own = np.where(own > 0.0, own, np.array([d.log_odds for d in drift]))
    total, top = _of_one_or_two(own, drift), int(own.argmax())
    if total <= 0.0:
        return Weighed(kind=KIND, log_odds=total, looked=f"none of {len(sectors)} sectors parts from the others")
    lead, failed = drift[top], fail[top]
    by_lead = lead.log_odds >= failed.log_odds
    main = lead if by_lead else failed
    begin, end = frame.first + main.first, frame.first + main.last
    items = []
    if lead.log_odds > 0.0:
        word = "leads" if lead.effect > 0 else "lags"
        items.append(
            Item(
                text=f"{sectors[top]} {word} the other sectors by {abs(lead.effect):.2%} a slice",
                numbers={"lead": lead.effect, "z": lead.z},
            )
        )
    if failed.log_odds > 0.0:
        items.append(
            Item(
                text=f"forecasts for {sectors[top]} are wrong {100 * failed.effect:+.0f} points more often than others",
                numbers={"more_wrong": failed.effect, "z": failed.z},
            )
        )
    values = np.nancumsum(leads[:, top]) if by_lead else fails[:, top]
    return Weighed(
        kind=KIND,
        log_odds=total,
        subject={"sector": sectors[top]},
        first=begin,
        last=end,
        items=tuple(items),
        looked=f"{sectors[top]} parts from the other sectors",
        trace=Trace(
            name=f"{sectors[top]} against the other sectors",
            unit="summed log return" if by_lead else "more wrong, share",
            values=np.asarray(values, dtype=np.float64),
        ),
    )


def _of_one_or_two(own: FloatArray, drift: list[Change]) -> float:
    """Odds that one sector parts from the rest or, as money that leaves one goes to another, that two do, opposed."""
    sides = np.sign([one.effect for one in drift])
    pairs = np.array([own[i] + own[j] for i in range(len(own)) for j in range(i) if sides[i] * sides[j] < 0.0])
    one = mixture(own)
    if not len(pairs):
        return one
    every = len(own) * (len(own) - 1) / 2.0
    two = float(logsumexp(pairs) - np.log(every))
    return float(np.logaddexp(one, two) - np.log(2.0))


def _against(case: Case, values: FloatArray, sector: str) -> FloatArray:
    mine = case.frame.sectors == sector
    return day_mean(values[:, mine]) - day_mean(values[:, ~mine])


def _drift(case: Case, lead: FloatArray, least: int) -> Change:
    """Odds that ``lead`` has a mean: measured in its own deviation, which grows where the market's does."""
    frame = case.frame
    usual = usual_of(lead[frame.usual])
    if usual is None:
        return shift_odds(None, lead[frame.period], np.zeros(1))
    steps = np.array(case.settings.sector_steps) * usual.deviation
    shock = case.said.get(CauseKind.VOLATILITY_SHOCK)
    period = lead[frame.period]
    if shock is not None and shock.log_odds > 0.0 and shock.first is not None:
        ratio = next((item.numbers.get("ratio", 1.0) for item in shock.items), 1.0)
        period = period.copy()
        period[shock.first - frame.first :] /= max(ratio, 1.0)
    return shift_odds(usual, period, np.concatenate([steps, -steps]), least=least)
