"""The mean of a short series with a standard error that allows for serial correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray


@dataclass(frozen=True, kw_only=True)
class HacMean:
    """Mean, Newey-West standard error, observations and lags used; NaN where fewer than two observations."""

    mean: float
    error: float
    n: int
    lags: int

    @property
    def statistic(self) -> float:
        """Mean over standard error; 0 where the series is all zeros, NaN where it cannot be formed."""
        if self.error > 0:
            return self.mean / self.error
        return 0.0 if self.mean == 0 and self.n > 1 else float("nan")


def default_lags(n: int) -> int:
    """Return the rule of thumb ``floor(4 (n / 100)^(2/9))`` (Newey and West 1994)."""
    return int(4 * (n / 100) ** (2 / 9)) if n > 1 else 0


def hac_mean(series: FloatArray, *, lags: int | None = None, floor: bool = False) -> HacMean:
    """Mean of ``series`` (n,) with a Bartlett-weighted variance (Newey and West 1987), scaled by n / (n - 1).

    Parameters
    ----------
    series : finite values in time order.
    lags : autocovariances used; None for the rule of thumb.
    floor : never let the variance fall below that of an uncorrelated series. Of 60 days, estimated negative
        autocovariances are mostly noise, and without the floor a 5 % test rejects clearly more often than 5 %.
    """
    n = len(series)
    if n < 2:
        return HacMean(mean=float(series.mean()) if n else float("nan"), error=float("nan"), n=n, lags=0)
    used = min(default_lags(n) if lags is None else lags, n - 1)
    mean = float(series.mean())
    rest = series - mean
    plain = float(rest @ rest)
    total = plain
    for lag in range(1, used + 1):
        total += 2.0 * (1.0 - lag / (used + 1)) * float(rest[lag:] @ rest[:-lag])
    if floor:
        total = max(total, plain)
    return HacMean(mean=mean, error=float(np.sqrt(max(total, 0.0) / n / (n - 1))), n=n, lags=used)
