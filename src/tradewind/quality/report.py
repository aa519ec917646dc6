"""What the checks say of a panel: events, counts and a score per symbol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tradewind.core import Event, Severity
from tradewind.core.files import write_text

WEIGHTS: Mapping[Severity, float] = {
    Severity.INFO: 0.0,
    Severity.WARNING: 1.0,
    Severity.ERROR: 3.0,
    Severity.CRITICAL: 10.0,
}
POINTS_PER_WEIGHT = 1000.0


@dataclass(frozen=True, kw_only=True)
class SymbolQuality:
    """One symbol's line of the report.

    Attributes
    ----------
    bars : number of bars.
    score : 0 to 100; see :func:`score`.
    kinds : findings per kind.
    outliers_iqr, outliers_deviation : returns that the two outlier rules mark; they do not touch the score.
    """

    symbol: str
    bars: int
    score: float
    kinds: Mapping[str, int]
    outliers_iqr: int
    outliers_deviation: int

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "symbol": self.symbol,
            "bars": self.bars,
            "score": self.score,
            "kinds": dict(self.kinds),
            "outliers_iqr": self.outliers_iqr,
            "outliers_deviation": self.outliers_deviation,
        }


def score(events: list[Event], bars: int) -> float:
    """Return ``max(0, 100 - 1000 * weight / bars)``, rounded to a tenth.

    ``weight`` sums 0 per info, 1 per warning, 3 per error and 10 per critical finding: one warning in a hundred bars
    costs ten points, one critical finding in four years of daily bars one point.
    """
    if bars == 0:
        return 0.0
    weight = sum(WEIGHTS[event.severity] for event in events)
    return round(max(0.0, 100.0 - POINTS_PER_WEIGHT * weight / bars), 1)


@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """Result of :func:`tradewind.quality.check_panel`.

    Attributes
    ----------
    events : findings, by symbol (those of the whole panel first), then by the time they could be known.
    symbols : one line per symbol, in the panel's order.
    settings_id : id of the settings used.
    panel_id : id of the panel checked.
    """

    events: tuple[Event, ...]
    symbols: tuple[SymbolQuality, ...]
    settings_id: str
    panel_id: str

    @cached_property
    def scores(self) -> dict[str, float]:
        """Score per symbol, 0 to 100."""
        return {line.symbol: line.score for line in self.symbols}

    @cached_property
    def kinds(self) -> dict[str, int]:
        """Findings per kind, most frequent first."""
        return dict(Counter(event.kind for event in self.events).most_common())

    @property
    def bars(self) -> int:
        """Number of bars checked."""
        return sum(line.bars for line in self.symbols)

    @property
    def score(self) -> float:
        """Mean score of the symbols, weighted by their bars; 0 for an empty panel."""
        return round(sum(line.score * line.bars for line in self.symbols) / max(self.bars, 1), 1)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping of everything."""
        return {
            "score": self.score,
            "bars": self.bars,
            "kinds": self.kinds,
            "symbols": [line.to_dict() for line in self.symbols],
            "events": [event.to_dict() for event in self.events],
            "settings_id": self.settings_id,
            "panel_id": self.panel_id,
        }

    def write_html(self, path: str | Path) -> Path:
        """Write a self-contained page to ``path``.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        from tradewind.quality.page import render

        return write_text(path, render(self))
