"""Are groups of symbols forecast alike? Rates by group, the largest gap and ratio, and what closing it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval, day_weights, interval
from tradewind.evaluation.days import day_codes, day_sums, judged, ratio
from tradewind.evaluation.forecast_metrics import MetricsSettings, forecast_metrics

UNKNOWN = "unknown"
MEASURES = ("rise", "true_positive", "false_positive", "accuracy")
FOUR_FIFTHS = 0.8
ALPHA = 0.025
"""Of the four-fifths rule: one side of a 95 % interval."""
LEAST_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class GroupRates:
    """Rates of one group, each with a day-clustered interval.

    Attributes
    ----------
    n : rows with a forecast. ``small`` : too few to be compared; gaps leave the group out.
    rise : share forecast to rise (statistical parity asks for equal ones).
    true_positive, false_positive : share forecast to rise of the rows that rose, that fell (equal opportunity and
        equalised odds; Hardt, Price and Srebro 2016).
    accuracy : share right of the labelled rows.
    """

    group: str
    n: int
    small: bool
    rise: Interval
    true_positive: Interval
    false_positive: Interval
    accuracy: Interval


@dataclass(frozen=True, kw_only=True)
class Parity:
    """Groups, and by measure the largest gap (highest less lowest) and ratio (lowest over highest) between them.

    A gap is never negative nor a ratio above 1, so with small groups the interval of a gap lies above the truth and
    that of a ratio below it: compare them with another model's. ``four_fifths`` is free of that: the p value of "no
    group is forecast to rise less than four fifths as often as another"; NaN with fewer than two groups.
    """

    by: str
    groups: tuple[GroupRates, ...]
    gap: dict[str, Interval]
    ratio: dict[str, Interval]
    four_fifths: float
    words: str

    @property
    def broken(self) -> bool:
        """Whether the four-fifths rule is broken beyond chance."""
        return bool(self.four_fifths <= ALPHA)

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


class ParityPoint(Protocol):
    """Out-of-sample forecasts of a model that was fitted with a ``strength`` of parity and with or without weights."""

    @property
    def strength(self) -> float:
        """Strength of the penalty."""
        ...

    @property
    def reweight(self) -> bool:
        """True where the groups were re-weighted."""
        ...

    @property
    def outcomes(self) -> Outcomes:
        """Forecasts and what happened."""
        ...


@dataclass(frozen=True, kw_only=True)
class TradeOff:
    """One point of the curve: what is paid (accuracy, IC) and what is got (gaps, ratio of shares forecast to rise)."""

    strength: float
    reweight: bool
    accuracy: float
    ic: float
    gap: Interval
    ratio: float
    opportunity_gap: float


@dataclass(frozen=True, kw_only=True)
class ParityCurve:
    """Points in order of re-weighting, then strength, of one ``model``; ``words`` say what parity cost."""

    model: str
    by: str
    points: tuple[TradeOff, ...]
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def groups_of(outcomes: Outcomes, by: str) -> AnyArray:
    """(m,) str group of each row by ``sector``, ``size_bucket`` or ``both``."""
    if by != "both":
        return np.asarray(getattr(outcomes, by)).astype(str)
    sector, size = outcomes.sector.astype(str), outcomes.size_bucket.astype(str)
    both = np.char.add(np.char.add(sector, ", "), size)
    return np.where((sector == UNKNOWN) | (size == UNKNOWN), UNKNOWN, both)


def group_parity(
    outcomes: Outcomes, by: str, *, least: int = LEAST_ROWS, bootstrap: BootstrapSettings | None = None
) -> Parity:
    """Measure parity among the groups of ``outcomes``; rows of an unknown group, and groups under ``least`` rows,
    are listed but not compared. Rates without a row are NaN, as are gaps between fewer than two groups."""
    settings = bootstrap or BootstrapSettings()
    known = np.isfinite(outcomes.probability)
    rows = outcomes.select(known)
    names, code = np.unique(groups_of(rows, by), return_inverse=True)
    day, days = day_codes(rows.time)
    if not len(rows):
        none = "there is no forecast to compare groups by"
        return Parity(by=by, groups=(), gap={}, ratio={}, four_fifths=float("nan"), words=none)
    said, right, labelled = rows.predicted_direction, rows.direction, judged(rows)
    up, down = labelled & (right == 1), labelled & (right == 0)
    parts = (said, np.ones(len(rows)), said * up, up, said * down, down, labelled & (said == right), labelled)
    columns = np.stack(parts, axis=1).astype(np.float64)
    sums = np.stack([day_sums(columns * (code == g)[:, None], day, len(days)) for g in range(len(names))], axis=1)
    totals = sums.sum(axis=0)
    drawn = (day_weights(len(days), settings) @ sums.reshape(len(days), -1)).reshape(settings.draws, *totals.shape)
    value = ratio(totals[:, 0::2], totals[:, 1::2])
    draws = ratio(drawn[..., 0::2], drawn[..., 1::2])
    small = (totals[:, 1] < least) | (names == UNKNOWN)

    def rate(g: int, k: int) -> Interval:
        return interval(float(value[g, k]), draws[:, g, k], settings.level)

    groups = tuple(
        GroupRates(
            group=str(name),
            n=int(totals[g, 1]),
            small=bool(small[g]),
            **{measure: rate(g, k) for k, measure in enumerate(MEASURES)},
        )
        for g, name in enumerate(names)
    )
    gap, share = {}, {}
    for k, measure in enumerate(MEASURES):
        own, many = _spread(value[None, ~small, k]), _spread(draws[:, ~small, k])
        gap[measure] = interval(float(own[0][0]), many[0], settings.level)
        share[measure] = interval(float(own[1][0]), many[1], settings.level)
    chance = _chance_of_four_fifths(value[~small, 0], draws[:, ~small, 0], totals[~small, 1])
    return Parity(
        by=by, groups=groups, gap=gap, ratio=share, four_fifths=chance, words=_words(by, groups, gap, share, chance)
    )


def _chance_of_four_fifths(rates: FloatArray, draws: FloatArray, n: FloatArray) -> float:
    """Return the p value of "no rate lies under four fifths of another" of (G,) rates of ``n`` rows, (d, G) draws.

    Every pair of groups is fixed before the data are seen, and the largest of their studentised shortfalls is compared
    with that of the draws about their own values (single-step max T; Westfall and Young 1993). The interval of lowest
    over highest would not do: it picks both ends anew in each draw and calls nine small equal groups unequal. A spread
    is at least that of as many independent rows: a few days draw some too small, and the largest shortfall finds them.
    """
    if len(rates) < 2:
        return float("nan")
    short = FOUR_FIFTHS * rates[None, :] - rates[:, None]
    drawn = FOUR_FIFTHS * draws[:, None, :] - draws[:, :, None]
    alone = rates * (1.0 - rates) / n
    spread = np.maximum(np.nanstd(drawn, axis=0), np.sqrt(FOUR_FIFTHS**2 * alone[None, :] + alone[:, None]))
    still = spread <= 1e-12  # both groups are forecast the same on every day: no draw could tell otherwise
    if np.any(still & (short > 1e-12)):
        return 1.0 / (len(draws) + 1)
    scale = np.where(still, np.inf, spread)
    most = np.nanmax((drawn - short) / scale, axis=(1, 2))
    return float((1 + np.sum(most >= np.max(short / scale))) / (len(draws) + 1))


def _spread(rates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(d,) highest less lowest, and lowest over highest, of (d, G) rates; NaN where a rate is or G < 2."""
    if rates.shape[1] < 2:
        nan = np.full(len(rates), np.nan)
        return nan, nan
    high, low = rates.max(axis=1), rates.min(axis=1)
    return high - low, ratio(low, high)


def _words(
    by: str, groups: Sequence[GroupRates], gap: dict[str, Interval], share: dict[str, Interval], chance: float
) -> str:
    compared = [g for g in groups if not g.small]
    if len(compared) < 2:
        return f"fewer than two groups by {by} are large enough to compare"
    high, low = max(compared, key=lambda g: g.rise.value), min(compared, key=lambda g: g.rise.value)
    if high.rise.value == 0.0:
        return f"no rise is forecast for any group by {by}: they are forecast alike"
    rule = share["rise"].value
    kept = "keeps the four-fifths rule"
    if rule < FOUR_FIFTHS:
        kept = "breaks the four-fifths rule" if chance <= ALPHA else "is under four fifths, which chance may explain"
    return (
        f"a rise is forecast for {high.rise.value:.1%} of {high.group} and {low.rise.value:.1%} of {low.group}: a gap "
        f"of {100 * gap['rise'].value:.1f} points; the ratio {rule:.2f} {kept}"
    )


def parity_curve_record(
    points: Sequence[ParityPoint],
    by: str,
    *,
    metrics: MetricsSettings | None = None,
    bootstrap: BootstrapSettings | None = None,
) -> ParityCurve:
    """Measure every point of the trade-off between accuracy and parity among groups ``by``."""
    ordered = sorted(points, key=lambda point: (point.reweight, point.strength))
    found = []
    for point in ordered:
        parity = group_parity(point.outcomes, by, bootstrap=bootstrap)
        skill = forecast_metrics(point.outcomes, metrics)
        nan = Interval(value=float("nan"), lower=float("nan"), upper=float("nan"))
        found.append(
            TradeOff(
                strength=point.strength,
                reweight=point.reweight,
                accuracy=skill.accuracy,
                ic=skill.ic,
                gap=parity.gap.get("rise", nan),
                ratio=parity.ratio.get("rise", nan).value,
                opportunity_gap=parity.gap.get("true_positive", nan).value,
            )
        )
    words = "too few points for a trade-off curve"
    if len(found) >= 2:
        first = next((p for p in found if p.strength == 0 and not p.reweight), found[0])
        best = min(found, key=lambda p: (np.isnan(p.gap.value), p.gap.value))
        how = f"strength {best.strength:g}{' and re-weighting' if best.reweight else ''}"
        words = (
            f"without fairness the gap is {100 * first.gap.value:.1f} points at {first.accuracy:.1%} accuracy; it is "
            f"smallest, {100 * best.gap.value:.1f} points, with {how}, at {best.accuracy:.1%} accuracy"
        )
    return ParityCurve(model=ordered[0].outcomes.model if ordered else "", by=by, points=tuple(found), words=words)
