"""Two forecasts of the same bars: how much better is the second, and may chance have done it?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field

from tradewind.core import Settings, UsageError
from tradewind.core.arrays import BoolArray, FloatArray, IntArray, TimeArray
from tradewind.core.plain import finite
from tradewind.evaluation.bootstrap import BootstrapSettings, day_weights
from tradewind.evaluation.days import correlation_within, day_codes, day_sums, ranks_within, ratio
from tradewind.evaluation.hac import hac_mean

Metric = Literal["accuracy", "log_loss", "ic"]
EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1 where their log loss is taken."""
IC_FLOOR = 0.01
"""Least information coefficient that a relative gain is measured against."""


class TrialSettings(Settings):
    """What a challenger must show.

    ``months`` : length of the trial; ``embargo`` : sessions left free before it; ``days`` : fewest days with labels.
    ``metric`` : what is judged; ``margin`` : least relative gain over the champion. ``alpha`` : share of quarters in
    which a challenger no better than the champion may win, over all that are tried in one; see :func:`level`.
    ``test`` : Diebold and Mariano's t with a Newey-West error (``hac``), or whole blocks of days redrawn
    (``bootstrap``). ``test_margin`` : test against ``margin`` instead of no gain: stricter, for costly changes.
    """

    months: int = Field(default=3, ge=1)
    embargo: int = Field(default=1, ge=0)
    days: int = Field(default=40, ge=20)
    metric: Metric = "accuracy"
    margin: float = Field(default=0.02, ge=0.0)
    alpha: float = Field(default=0.05, gt=0.0, lt=0.5)
    test: Literal["hac", "bootstrap"] = "hac"
    test_margin: bool = False
    bootstrap: BootstrapSettings = BootstrapSettings()


@dataclass(frozen=True, kw_only=True, eq=False)
class Paired:
    """Two forecasts of the same m bars: (m,) each.

    ``time`` : when the forecast was made; ``champion``, ``challenger`` : probability of a rise; ``direction`` : 1, 0 or
    NaN; ``forward_return`` : NaN where not known. ``horizon`` : bars that a label takes; labels of neighbouring days
    share all but one of them.
    """

    time: TimeArray
    champion: FloatArray
    challenger: FloatArray
    direction: FloatArray
    forward_return: FloatArray
    horizon: int = 1


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How the challenger did against the champion.

    Attributes
    ----------
    metric : what was judged. ``champion``, ``challenger`` : its values.
    gain : relative gain, positive where the challenger is better; ``gain_low``, ``gain_high`` : bounds of its interval,
        by redrawing blocks of days.
    p_value : one-sided, of a gain as large where there is none (or one of the margin, where that is tested).
    alpha : level it was held against. ``tried`` : challengers in the quarter, this one counted.
    margin : least gain. ``n``, ``n_days`` : bars and days. ``champion_deviation`` : standard deviation of the
        champion's daily accuracy, which its successor is watched by.
    """

    metric: Metric
    champion: float
    challenger: float
    gain: float
    gain_low: float
    gain_high: float
    p_value: float
    alpha: float
    tried: int
    margin: float
    n: int
    n_days: int
    champion_accuracy: float
    champion_deviation: float

    @property
    def passed(self) -> bool:
        """Whether the challenger is better by more than the margin, and by more than chance."""
        return bool(self.gain > self.margin and self.p_value < self.alpha)

    @property
    def words(self) -> str:
        """The judgement in a sentence."""
        told = (
            f"{self.metric} {self.challenger:.4f} against {self.champion:.4f} of the champion, a gain of "
            f"{100 * self.gain:+.2f} % ({100 * self.gain_low:+.2f} to {100 * self.gain_high:+.2f}) over {self.n_days} "
            f"days and {self.n} bars, p = {self.p_value:.4f}"
        )
        if self.passed:
            return f"{told}: better by more than {100 * self.margin:g} % and chance (level {self.alpha:.4f})"
        short = f"not above {100 * self.margin:g} %" if not self.gain > self.margin else f"not below {self.alpha:.4f}"
        return f"{told}: {'the gain is' if not self.gain > self.margin else 'p is'} {short}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping; NaN becomes None."""
        plain: dict[str, Any] = finite({**asdict(self), "passed": self.passed, "words": self.words})
        return plain


def level(alpha: float, tried: int) -> float:
    """Return the level of the ``tried``-th challenger of a quarter: ``alpha / (k (k + 1))``.

    The levels of any number of challengers sum to less than ``alpha``, so one that is no better wins in at most that
    share of quarters, however many are tried and without knowing that number beforehand (Bonferroni with alpha
    spending; Foster and Stine 2008, *JRSS B* 70).
    """
    if tried < 1:
        raise UsageError(f"{tried} challengers cannot have been tried", field="tried", fix="count this one: 1 or more")
    return alpha / (tried * (tried + 1))


def judge(pair: Paired, settings: TrialSettings | None = None, *, tried: int = 1) -> Judgement:
    """Judge ``pair`` by daily sums: bars of one day share the market's move and count as one witness.

    NaN: a bar counts only where both probabilities and what the metric compares with are known. The values are NaN,
    and nothing is passed, where fewer than ``settings.days`` days are left.
    """
    s = settings or TrialSettings()
    target = pair.forward_return if s.metric == "ic" else pair.direction
    used = np.isfinite(pair.champion) & np.isfinite(pair.challenger) & np.isfinite(target)
    code, days = day_codes(pair.time[used])
    sums = _daily(s.metric, pair, used, code, len(days))
    if s.metric == "ic":
        sums = sums[sums[:, 2] > 0]
    totals = sums.sum(axis=0)
    champion, challenger = (float(one) for one in ratio(totals[:2], np.full(2, totals[2])))
    enough = len(sums) >= s.days
    gain = float(_gain(s.metric, totals)) if enough else float("nan")
    low, high, p_drawn = _drawn(s, sums, pair.horizon) if enough else (float("nan"),) * 3
    rows = used & np.isfinite(pair.direction)
    right = (pair.champion[rows] > 0.5) == (pair.direction[rows] > 0.5)
    day, all_days = day_codes(pair.time[rows])
    daily = ratio(day_sums(right.astype(np.float64), day, len(all_days)), np.bincount(day, minlength=len(all_days)))
    return Judgement(
        metric=s.metric,
        champion=champion,
        challenger=challenger,
        gain=gain,
        gain_low=low,
        gain_high=high,
        p_value=(p_drawn if s.test == "bootstrap" else _tested(s, sums, pair.horizon)) if enough else float("nan"),
        alpha=level(s.alpha, tried),
        tried=tried,
        margin=s.margin,
        n=int(used.sum()),
        n_days=len(sums),
        champion_accuracy=float(right.mean()) if len(right) else float("nan"),
        champion_deviation=float(np.std(daily, ddof=1)) if len(daily) > 1 else float("nan"),
    )


def _daily(metric: Metric, pair: Paired, used: BoolArray, code: IntArray, n_days: int) -> FloatArray:
    """(D, 3) sums over each day of the champion's metric, the challenger's, and what they are divided by."""
    both = (pair.champion[used], pair.challenger[used])
    if metric == "ic":
        ranks = ranks_within(pair.forward_return[used], code)
        found = [correlation_within(ranks_within(one, code), ranks, code, n_days)[0] for one in both]
        known = np.isfinite(found[0]) & np.isfinite(found[1])
        return np.stack([*(np.where(known, one, 0.0) for one in found), known.astype(np.float64)], axis=1)
    rise = pair.direction[used] > 0.5
    if metric == "accuracy":
        values = [((one > 0.5) == rise).astype(np.float64) for one in both]
    else:
        values = [-np.log(np.clip(np.where(rise, one, 1.0 - one), EDGE, 1.0)) for one in both]
    return day_sums(np.stack([*values, np.ones(len(rise))], axis=1), code, n_days)


def _gain(metric: Metric, totals: FloatArray) -> FloatArray:
    """(...) relative gain of (..., 3) sums; of a loss, what of it is saved."""
    first, second, count = totals[..., 0], totals[..., 1], totals[..., 2]
    if metric == "log_loss":
        return ratio(first - second, first)
    scale = np.maximum(np.abs(first), IC_FLOOR * count) if metric == "ic" else first
    return ratio(second - first, scale)


def _tested(s: TrialSettings, sums: FloatArray, horizon: int) -> float:
    """Return the p-value of the mean daily difference, against Student's t with as many degrees as days less one.

    The variance is never taken below that of an uncorrelated series: of 60 days, negative autocovariances are noise.
    Labels of several bars overlap, and few lags see too little of that: their long-run variance is the mean square of
    the series' lowest cosines, one degree each (Lazarus, Lewis, Stock and Watson 2018, *JBES* 36).
    """
    from scipy import stats  # takes a second to import

    gap = _excess(s, sums)
    if horizon > 1:
        n = len(gap)
        degrees = max(n // (2 * horizon), 2)
        waves = np.cos(np.pi * np.outer(np.arange(1, degrees + 1), np.arange(n) + 0.5) / n)
        long_run = max(2.0 * float(np.mean((waves @ gap) ** 2)) / n, float(gap.var(ddof=1)))
        return float(stats.t.sf(gap.mean() * np.sqrt(n / long_run), degrees)) if long_run > 0 else float("nan")
    found = hac_mean(gap, floor=True)
    return float(stats.t.sf(found.statistic, len(gap) - 1))


def _excess(s: TrialSettings, sums: FloatArray) -> FloatArray:
    """(D,) by how much each day's sum favours the challenger, less the margin where that is tested."""
    sign = -1.0 if s.metric == "log_loss" else 1.0
    gap = sign * (sums[:, 1] - sums[:, 0])
    return gap - s.margin * np.abs(sums[:, 0]) if s.test_margin else gap


def _drawn(s: TrialSettings, sums: FloatArray, horizon: int) -> tuple[float, float, float]:
    """Return (lower, upper, p-value) by a circular block bootstrap; the p-value of draws centred on no gain.

    Where labels overlap, a block is as long as two of them at least.
    """
    block = s.bootstrap.block if horizon == 1 else max(s.bootstrap.block, 2 * horizon)
    weights = day_weights(len(sums), s.bootstrap.model_copy(update={"block": block}))
    draws = _gain(s.metric, weights @ sums)
    edges = [(1 - s.bootstrap.level) / 2, (1 + s.bootstrap.level) / 2]
    low, high = np.quantile(draws[np.isfinite(draws)], edges) if np.isfinite(draws).any() else (np.nan, np.nan)
    gap = _excess(s, sums)
    total = gap.sum()
    centred = weights @ gap - total
    p_value = (1 + int((centred >= total).sum())) / (len(centred) + 1)
    return float(low), float(high), p_value
