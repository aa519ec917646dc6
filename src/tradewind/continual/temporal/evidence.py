"""Trust in experts, learned day by day from forecasts made before the outcomes were known.

An expert is judged where it is responsible: its loss on a row counts in the degree in which the row is routed to it;
for the rest it is given the loss of the mixture, as one who abstains (Freund et al., "Using and combining predictors
that specialize", 1997; Chernov and Vovk 2009). So a period that is away costs its expert no trust.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tradewind.continual.temporal.shares import fixed_share, log_loss, mix
from tradewind.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """Forecasts of n experts for m rows with known outcome, in the order of time.

    Attributes
    ----------
    each : (n, m) probabilities. ``routed`` : (n, m) shares of each row by likeness, of sum 1 at most: the rest is
        for somebody who is not yet there.
    rose : (m,) outcomes, 0 or 1. ``day`` : (m,) not falling.
    """

    each: FloatArray
    routed: FloatArray
    rose: FloatArray
    day: IntArray


def follow_days(shares: FloatArray, judged: Judged, *, rate: float, switch: float) -> FloatArray:
    """(n,) shares after the days of ``judged``; see :func:`fixed_share` for ``rate`` and ``switch``."""
    losses = log_loss(judged.each, judged.rose)
    for day in np.unique(judged.day):
        rows = judged.day == day
        routed = judged.routed[:, rows]
        together = log_loss(mix(shares[:, None] * routed + 1e-12, judged.each[:, rows]), judged.rose[rows])
        told = routed * losses[:, rows] + (1.0 - routed) * together
        shares = fixed_share(shares, told.mean(axis=1), rate=rate, switch=switch)
    return shares


@dataclass(frozen=True, kw_only=True)
class Earnings:
    """What an expert gained over a coin on the days routed to it, in nats.

    Attributes
    ----------
    days : sum of its daily responsibility.
    gain, square : sums of daily gain, and of its square, times responsibility.
    """

    days: float = 0.0
    gain: float = 0.0
    square: float = 0.0

    @property
    def mean(self) -> float:
        """Gain on a day; 0 where none was its own."""
        return self.gain / self.days if self.days > 0.0 else 0.0

    def upper(self, deviations: float) -> float:
        """Return the mean plus ``deviations`` standard errors: infinite before two days."""
        if self.days < 2.0:
            return float("inf")
        variance = max(self.square / self.days - self.mean**2, 0.0)
        return self.mean + deviations * float(np.sqrt(variance / self.days))

    def after(self, judged: Judged, expert: int, *, memory: float) -> Earnings:
        """Return the earnings after the days of ``judged``; what was earlier fades by ``memory`` a day of its own."""
        losses, routed, out = log_loss(judged.each[expert], judged.rose), judged.routed[expert], self
        for day in np.unique(judged.day):
            rows = judged.day == day
            share = float(routed[rows].mean())
            gain = float((routed[rows] * (np.log(2.0) - losses[rows])).sum() / max(routed[rows].sum(), 1e-12))
            fade = memory**share
            out = replace(
                out,
                days=fade * out.days + share,
                gain=fade * out.gain + share * gain,
                square=fade * out.square + share * gain**2,
            )
        return out
