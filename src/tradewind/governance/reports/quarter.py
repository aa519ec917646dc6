"""Calendar quarters, and forecasts of the audit log beside what happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tradewind.core import Outcomes, Panel, UsageError
from tradewind.core.arrays import as_time
from tradewind.governance.pages.numbers import instant

if TYPE_CHECKING:
    from tradewind.features import LabelSettings

_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a calendar year, 1 to 4."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the quarter that ``text`` such as 2026Q3 names; UsageError where it names none."""
        found = _QUARTER.fullmatch(text.strip())
        if not found:
            raise UsageError(f"{text!r} is no quarter", fix="write it as 2026Q3")
        return cls(int(found.group(1)), int(found.group(2)))

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the quarter that ``day`` lies in."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> Quarter:
        """The quarter after it."""
        return Quarter(self.year + (self.number == 4), self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        """The quarter before it."""
        return Quarter.of(self.first - timedelta(days=1))

    def holds(self, moment: Any) -> bool:
        """Return whether a moment (ISO text or datetime, UTC) lies in it."""
        return self.first <= instant(moment).date() <= self.last

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def within(outcomes: Outcomes, quarter: Quarter) -> Outcomes:
    """Return the forecasts made in ``quarter``."""
    time = outcomes.time
    return outcomes.select((time >= as_time(quarter.first)) & (time < as_time(quarter.following.first)))


@dataclass(frozen=True, kw_only=True)
class LoggedForecasts:
    """Forecasts of the audit log beside what happened.

    ``repeated`` : answers to a question that was answered before; the first answer counts. ``unmatched`` : answers
    about a bar that the prices do not hold, which cannot be judged. ``late`` : those among the outcomes that were
    written on a day after the one on which the outcome became known.
    """

    outcomes: Outcomes
    repeated: int
    unmatched: int
    late: int


def logged_forecasts(
    rows: Iterable[Mapping[str, Any]], panel: Panel, *, model: str, label: LabelSettings | None = None
) -> LoggedForecasts:
    """Join predictions of the audit log with realised labels by symbol and as-of date.

    Parameters
    ----------
    rows : prediction rows with ``at`` and a ``body`` that holds ``symbol``, ``as_of`` (the bar's close in UTC, or the
        day of a daily bar) and ``output`` (``probability``, and where given ``expected_return``, ``lower``,
        ``upper``), oldest first.
    panel : bars that reach past the forecasts, from which their labels are made.
    """
    from tradewind.features import LabelSettings, make_labels, row_slices

    days = panel.time.astype("datetime64[D]").tolist()
    closes = panel.known_at.astype("datetime64[s]").tolist()
    place: dict[tuple[str, datetime | date], int] = {}
    for bar, (code, day, close) in enumerate(zip(panel.symbol_code, days, closes, strict=True)):
        place[panel.symbols[code], close] = place[panel.symbols[code], day] = bar
    several = len({(code, day) for code, day in zip(panel.symbol_code.tolist(), days, strict=True)}) < len(panel)
    labels, slices = make_labels(panel, label or LabelSettings()), row_slices(panel)
    found: dict[int, Mapping[str, Any]] = {}
    repeated = unmatched = late = 0
    for row in rows:
        body = row["body"]
        symbol, as_of = str(body.get("symbol")), str(body.get("as_of"))
        at = place.get((symbol, instant(as_of).replace(tzinfo=None, microsecond=0)))
        if at is None and not several:  # a day names its bar where there is one bar a day
            at = place.get((symbol, date.fromisoformat(as_of[:10])))
        if at is None:
            unmatched += 1
        elif at in found:
            repeated += 1
        else:
            found[at] = body["output"]
            end = labels.end[at].astype("datetime64[D]")
            late += bool(np.datetime64(instant(row["at"]).date()) > end)
    bars = np.array(sorted(found), dtype=np.int64)
    bars = bars[np.lexsort((panel.symbol_code[bars], panel.time[bars]))]

    def said(name: str) -> Any:
        values = [found[bar].get(name) for bar in bars.tolist()]
        return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)

    outcomes = Outcomes(
        model=model,
        symbol=np.array(panel.symbols)[panel.symbol_code[bars]],
        time=panel.time[bars],
        probability=said("probability"),
        expected_return=said("expected_return"),
        lower=said("lower"),
        upper=said("upper"),
        direction=labels.direction[bars],
        forward_return=labels.forward_return[bars],
        close=panel.adj_close[bars],
        sector=slices.sector[bars],
        size_bucket=slices.size_bucket[bars],
        volatility_regime=slices.volatility_regime[bars],
    )
    return LoggedForecasts(outcomes=outcomes, repeated=repeated, unmatched=unmatched, late=late)
