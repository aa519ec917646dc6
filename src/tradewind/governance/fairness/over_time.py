"""Fairness of forecasts among groups: over the whole span, and period by period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from tradewind.core import InputError, Outcomes
from tradewind.core.arrays import AnyArray
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval
from tradewind.evaluation.parity import FOUR_FIFTHS, Parity, group_parity
from tradewind.governance.fairness.location import locations

Every = Literal["month", "quarter", "year"]
KINDS = ("sector", "size_bucket", "location")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True)
class Period:
    """One period: lowest share forecast to rise over the highest, and the gaps of that share and of hits among rises.

    ``ratio`` is disparate impact; ``gap`` statistical parity difference; ``opportunity`` equal-opportunity difference.
    ``broken`` : the four-fifths rule is broken beyond chance. ``low``, ``high`` : groups at the two ends,
    "" where all are alike.
    """

    period: str
    rows: int
    ratio: Interval
    gap: Interval
    opportunity: Interval
    low: str
    high: str
    broken: bool


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """One kind of group: over the whole span and by period.

    Attributes
    ----------
    by : ``sector``, ``size_bucket`` or ``location``.
    whole : rates, gaps and ratios with intervals, and words.
    broken : over the whole span the four-fifths rule is broken beyond chance. ``suspected`` : the ratio is under it.
    periods : in order of time. ``persistent`` : the group that stood lowest in at least two thirds of three or more
        periods (a tie counts for none), or "".
    """

    by: str
    whole: Parity
    broken: bool
    suspected: bool
    periods: tuple[Period, ...]
    persistent: str

    @property
    def words(self) -> str:
        """One sentence of verdict."""
        share = self.whole.ratio.get("rise")
        if share is None or not np.isfinite(share.value):
            return f"{self.by}: {self.whole.words}"
        state = "breaks" if self.broken else "may break" if self.suspected else "keeps"
        lowest = f"; {self.persistent} is forecast to rise least in most periods" if self.persistent else ""
        return (
            f"{self.by}: {state} the four-fifths rule, ratio {share.value:.2f} "
            f"[{share.lower:.2f}, {share.upper:.2f}]{lowest}"
        )


@dataclass(frozen=True, kw_only=True)
class FairnessReport:
    """Fairness of one model's out-of-sample forecasts."""

    model: str
    rows: int
    first: str
    last: str
    every: Every
    kinds: tuple[Fairness, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return {**asdict(self), "words": [kind.words for kind in self.kinds]}


def fairness_report(
    outcomes: Outcomes,
    *,
    kinds: Sequence[str] = KINDS,
    every: Every = "quarter",
    least: int = 100,
    bootstrap: BootstrapSettings | None = None,
) -> FairnessReport:
    """Measure disparate impact, statistical parity and equal opportunity of ``outcomes``, whole and by period.

    ``least`` : rows a group needs, in the whole span and in each period, to be compared. Intervals redraw blocks of
    days. Between small groups the interval of a gap lies above the truth and that of a ratio below it; whether the
    four-fifths rule is broken is judged without that bias (:class:`~tradewind.evaluation.parity.Parity`).

    Raises
    ------
    InputError : there is no forecast.
    """
    if not len(outcomes):
        raise InputError("there are no forecasts to measure", fix="give predictions of at least one day")
    day = outcomes.time.astype("datetime64[D]")
    return FairnessReport(
        model=outcomes.model,
        rows=len(outcomes),
        first=str(day.min()),
        last=str(day.max()),
        every=every,
        kinds=tuple(_kind(outcomes, by, every, least, bootstrap or BootstrapSettings()) for by in kinds),
    )


def _kind(outcomes: Outcomes, by: str, every: Every, least: int, settings: BootstrapSettings) -> Fairness:
    rows, attribute = outcomes, by
    if by == "location":  # measured through the sector's place in the table
        rows, attribute = replace(outcomes, sector=locations([str(s) for s in outcomes.symbol])), "sector"
    found = group_parity(rows, attribute, least=least, bootstrap=settings)
    whole = replace(found, by=by, words=found.words.replace("by sector", f"by {by}"))
    label = periods_of(rows.time, every)
    periods = []
    for name in np.unique(label):
        inside = rows.select(label == name)
        one = _period(str(name), inside, group_parity(inside, attribute, least=least, bootstrap=settings))
        if one is not None:
            periods.append(one)
    share = whole.ratio.get("rise")
    lows = [period.low for period in periods]
    most = max(set(lows), key=lows.count, default="")
    return Fairness(
        by=by,
        whole=whole,
        broken=whole.broken,
        suspected=share is not None and share.value < FOUR_FIFTHS,
        periods=tuple(periods),
        persistent=most if len(lows) >= 3 and 3 * lows.count(most) >= 2 * len(lows) else "",
    )


def _period(name: str, inside: Outcomes, parity: Parity) -> Period | None:
    """Return the period's figures, None where fewer than two groups can be compared."""
    compared = [group for group in parity.groups if not group.small]
    if len(compared) < 2:
        return None
    alike = not parity.gap["rise"].value > 0.0
    return Period(
        period=name,
        rows=len(inside),
        ratio=parity.ratio["rise"],
        gap=parity.gap["rise"],
        opportunity=parity.gap["true_positive"],
        low="" if alike else min(compared, key=lambda group: group.rise.value).group,
        high="" if alike else max(compared, key=lambda group: group.rise.value).group,
        broken=parity.broken,
    )


def periods_of(time: AnyArray, every: Every) -> AnyArray:
    """(m,) str first month of the period each time lies in: ``2015-04`` for any day of the second quarter."""
    month = time.astype("datetime64[M]").astype(np.int64)
    size = _MONTHS[every]
    return (month // size * size).astype("datetime64[M]").astype(str)
