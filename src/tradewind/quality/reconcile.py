"""Two sources of the same prices, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Event, Panel, Settings, Severity
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.quality.bars import safe_log
from tradewind.quality.checks.ratios import nearest_split

LOG_TEN = float(np.log(10.0))


class ReconcileSettings(Settings):
    """When two sources count as different.

    Attributes
    ----------
    price_field : the price compared: ``close``, or ``adj_close`` where both are adjusted in the same way.
    price_bp : difference of prices that is let pass, in basis points.
    volume_part : difference of volumes that is let pass, as part of the larger.
    constant_part : part of a symbol's rows that must show one and the same ratio for it to be a constant one.
    shift_part : part of the rows that must agree one bar off, and must not on the same bar, for a date shift.
    """

    price_field: str = Field("close", pattern="^(open|high|low|close|adj_close)$")
    price_bp: float = Field(10.0, ge=0)
    volume_part: float = Field(0.05, ge=0)
    constant_part: float = Field(0.95, gt=0, le=1)
    shift_part: float = Field(0.9, gt=0, le=1)


@dataclass(frozen=True, kw_only=True)
class SymbolMatch:
    """One symbol in both sources.

    Attributes
    ----------
    only_a, only_b, common : bars in one source alone and in both.
    price_differences, volume_differences : common bars that differ by more than the tolerance, once a constant ratio
        is taken out; 0 for prices where the dates are shifted.
    ratio : median price of b over a; NaN without common bars.
    explanation : ``equal``, ``differs``, ``absent``, or what explains it: ``adjustment`` (constant ratio or ratios that
        step by a split), ``unit`` (a power of ten), ``date_shift``.
    """

    symbol: str
    only_a: int
    only_b: int
    common: int
    price_differences: int
    volume_differences: int
    ratio: float
    explanation: str


@dataclass(frozen=True, kw_only=True)
class ReconciliationReport:
    """Result of :func:`reconcile`: a line per symbol of either source, sorted, and the events."""

    symbols: tuple[SymbolMatch, ...]
    events: tuple[Event, ...]

    @property
    def agrees(self) -> bool:
        """True when the sources hold the same bars within the tolerances."""
        return not self.events

    @property
    def kinds(self) -> Mapping[str, int]:
        """Events per kind."""
        return dict(Counter(event.kind for event in self.events).most_common())

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping; a ratio that is not known is None."""
        lines = [asdict(line) for line in self.symbols]
        for line in lines:
            line["ratio"] = None if np.isnan(line["ratio"]) else line["ratio"]
        return {
            "agrees": self.agrees,
            "kinds": dict(self.kinds),
            "symbols": lines,
            "events": [event.to_dict() for event in self.events],
        }


def reconcile(a: Panel, b: Panel, settings: ReconcileSettings | None = None) -> ReconciliationReport:
    """Compare two panels bar by bar.

    Bars that one source lacks, prices and volumes that differ by more than the tolerance become events, per bar; a
    difference that is one thing (a constant ratio, a unit, a split in one source, dates off by a bar) is said once.
    A NaN on one side alone counts as a difference. Of a bar that a source holds twice, the first counts.
    """
    rules = settings or ReconcileSettings()
    lines, events = [], []
    for symbol in sorted(set(a.symbols) | set(b.symbols)):
        line, found = _Pair(symbol, a, b, rules).compare()
        lines.append(line)
        events += found
    return ReconciliationReport(symbols=tuple(lines), events=tuple(events))


class _Pair:
    """One symbol of two panels."""

    def __init__(self, symbol: str, a: Panel, b: Panel, rules: ReconcileSettings) -> None:
        self.symbol, self.rules, self.a, self.b = symbol, rules, a, b
        self.rows_a, self.rows_b = _rows(a, symbol), _rows(b, symbol)
        time_a, time_b = a.time[self.rows_a], b.time[self.rows_b]
        _, at_a, at_b = np.intersect1d(time_a, time_b, return_indices=True)
        self.in_a, self.in_b = self.rows_a[at_a], self.rows_b[at_b]
        self.only_a = self.rows_a[~np.isin(time_a, time_b)]
        self.only_b = self.rows_b[~np.isin(time_b, time_a)]
        price_a, price_b = getattr(a, rules.price_field), getattr(b, rules.price_field)
        self.log_a, self.log_b = safe_log(price_a), safe_log(price_b)
        self.gap = self.log_b[self.in_b] - self.log_a[self.in_a]
        self.room = np.log1p(rules.price_bp / 1e4)

    def compare(self) -> tuple[SymbolMatch, list[Event]]:
        """Return the symbol's line and its events."""
        events = [*self._lonely("only_in_a", self.only_a, self.a), *self._lonely("only_in_b", self.only_b, self.b)]
        known = self.gap[np.isfinite(self.gap)]
        middle = float(np.median(known)) if len(known) else np.nan
        explanation, level, whole = self._explain(known, middle)
        one_sided = np.isnan(self.log_a[self.in_a]) != np.isnan(self.log_b[self.in_b])
        wrong = (np.abs(self.gap - level) > self.room) | one_sided
        if explanation == "date_shift":
            wrong &= False
        volume_wrong, volume_ratio = self._volumes()
        events += whole + self._differences(wrong, level) + self._volume_events(volume_wrong, volume_ratio)
        if not explanation:
            explanation = "differs" if wrong.any() or volume_wrong.any() else "equal"
        return SymbolMatch(
            symbol=self.symbol,
            only_a=len(self.only_a),
            only_b=len(self.only_b),
            common=len(self.in_a),
            price_differences=int(wrong.sum()),
            volume_differences=int(volume_wrong.sum()),
            ratio=float(np.exp(middle)),
            explanation=explanation if len(self.in_a) else "absent",
        ), events

    def _explain(self, known: FloatArray, middle: float) -> tuple[str, FloatArray, list[Event]]:
        """Name what explains most differences, the log ratio to take out of each common bar, and its event."""
        zero = np.zeros(len(self.gap))
        if not len(known) or np.mean(np.abs(known) <= self.room) >= self.rules.constant_part:
            return "", zero, []
        shift = self._shift()
        if shift:
            text = f"prices of b agree with those of a {abs(shift)} bar {'earlier' if shift > 0 else 'later'}"
            return "date_shift", zero, [self._event("date_shift", Severity.ERROR, text, {"bars": shift})]
        if np.mean(np.abs(known - middle) <= self.room) >= self.rules.constant_part:
            ratio = float(f"{np.exp(middle):.6g}")
            power = round(middle / LOG_TEN)
            if power and abs(middle - power * LOG_TEN) < 0.005:
                text = f"prices of b are {ratio} times those of a throughout: another unit"
                event = self._event("unit_difference", Severity.ERROR, text, {"ratio": ratio})
                return "unit", zero + middle, [event]
            text = f"prices of b are {ratio} times those of a throughout: another adjustment"
            event = self._event("constant_ratio", Severity.WARNING, text, {"ratio": ratio})
            return "adjustment", zero + middle, [event]
        return self._steps(zero)

    def _steps(self, zero: FloatArray) -> tuple[str, FloatArray, list[Event]]:
        """Recognise ratios that are split ratios over long stretches: one source is adjusted and the other is not."""
        gap = np.where(np.isfinite(self.gap), self.gap, 0.0)
        ratio, distance = nearest_split(gap)
        level = np.where(np.abs(gap) <= self.room, 0.0, np.where(distance <= self.room, np.log(ratio), np.nan))
        steps = int((np.abs(np.diff(level[np.isfinite(level)])) > self.room).sum())
        if np.isfinite(level).mean() < self.rules.constant_part or steps > max(1, len(level) // 100):
            return "", zero, []
        ratios = sorted({float(f"{np.exp(x):.4g}") for x in level[np.isfinite(level)]})
        text = f"prices of b over a step between {', '.join(map(str, ratios))}: a split adjusted in one source only"
        event = self._event("split_difference", Severity.ERROR, text, {"ratios": ratios, "steps": steps})
        return "adjustment", np.nan_to_num(level), [event]

    def _shift(self) -> int:
        """Return 1 or -1 when b's prices are a's one bar before or after on the dates both have, else 0."""
        if len(self.gap) < 10 or np.mean(np.abs(self.gap) <= self.room) > 0.5:
            return 0
        a, b = self.log_a[self.rows_a], self.log_b[self.rows_b]
        at_a, at_b = np.searchsorted(self.rows_a, self.in_a), np.searchsorted(self.rows_b, self.in_b)
        for lag in (1, -1):
            inside = (at_a - lag >= 0) & (at_a - lag < len(a))
            near = np.abs(b[at_b[inside]] - a[at_a[inside] - lag]) <= self.room
            if near.size and near.mean() >= self.rules.shift_part:
                return lag
        return 0

    def _volumes(self) -> tuple[BoolArray, FloatArray]:
        x, y = self.a.volume[self.in_a], self.b.volume[self.in_b]
        top = np.fmax(np.fmax(np.abs(x), np.abs(y)), 1.0)
        wrong: BoolArray = (np.abs(x - y) > self.rules.volume_part * top) | (np.isnan(x) != np.isnan(y))
        return wrong, safe_log(y) - safe_log(x)

    def _volume_events(self, wrong: BoolArray, ratio: FloatArray) -> list[Event]:
        """One event for volumes that differ by one ratio throughout, else one per bar."""
        known = ratio[np.isfinite(ratio)]
        room = np.log1p(self.rules.volume_part)
        if len(known) > 1 and wrong.mean() >= self.rules.constant_part:
            middle = float(np.median(known))
            if np.mean(np.abs(known - middle) <= room) >= self.rules.constant_part:
                value = float(f"{np.exp(middle):.6g}")
                text = f"volumes of b are {value} times those of a throughout: another unit"
                return [self._event("volume_ratio", Severity.WARNING, text, {"ratio": value}, "volume")]
        x, y = self.a.volume[self.in_a], self.b.volume[self.in_b]
        return [
            self._at(i, "volume_difference", f"volume {x[i]} in a, {y[i]} in b", {"a": float(x[i]), "b": float(y[i])})
            for i in np.flatnonzero(wrong).tolist()
        ]

    def _differences(self, wrong: BoolArray, level: FloatArray) -> list[Event]:
        field = self.rules.price_field
        x, y = getattr(self.a, field)[self.in_a], getattr(self.b, field)[self.in_b]
        bp = 1e4 * np.expm1(self.gap - level)
        return [
            self._at(
                i,
                "price_difference",
                f"{field} {x[i]:.6g} in a, {y[i]:.6g} in b",
                {"a": float(x[i]), "b": float(y[i]), "basis_points": round(float(bp[i]), 2)},
            )
            for i in np.flatnonzero(wrong).tolist()
        ]

    def _lonely(self, kind: str, rows: IntArray, panel: Panel) -> list[Event]:
        return [
            Event(
                kind=kind,
                severity=Severity.WARNING,
                message=f"a bar of {panel.time[row].astype('datetime64[D]')} that the other source lacks",
                symbol=self.symbol,
                event_time=panel.time[row].item(),
                known_at=panel.known_at[row].item(),
            )
            for row in rows
        ]

    def _at(self, i: int, kind: str, text: str, evidence: dict[str, Any]) -> Event:
        row_a, row_b = self.in_a[i], self.in_b[i]
        return Event(
            kind=kind,
            severity=Severity.WARNING,
            message=text,
            symbol=self.symbol,
            event_time=self.a.time[row_a].item(),
            known_at=max(self.a.known_at[row_a], self.b.known_at[row_b]).item(),
            field="volume" if kind == "volume_difference" else self.rules.price_field,
            evidence=evidence,
        )

    def _event(
        self, kind: str, severity: Severity, text: str, evidence: dict[str, Any], field: str | None = None
    ) -> Event:
        return Event(
            kind=kind,
            severity=severity,
            message=text,
            symbol=self.symbol,
            event_time=self.a.time[self.in_a[0]].item(),
            known_at=max(self.a.known_at[self.in_a[-1]], self.b.known_at[self.in_b[-1]]).item(),
            field=field or self.rules.price_field,
            evidence=evidence,
        )


def _rows(panel: Panel, symbol: str) -> IntArray:
    if symbol not in panel.symbols:
        return np.empty(0, dtype=np.int64)
    rows = panel.rows_of(symbol)
    return np.arange(rows.start, rows.stop, dtype=np.int64)
