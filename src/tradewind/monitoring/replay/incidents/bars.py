"""Incidents of the data: a feed stops, changes its unit, forgets a split, repeats itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.core.panel import PRICE_FIELDS
from tradewind.monitoring.replay.incidents.incident import IncidentKind, Stage, Truth

PRICES = ("open", "high", "low", "close", "adj_close")

LINGERS = 10
"""Sessions for which a split that was not adjusted counts as open: returns over it stay in the features."""


class FeedStops:
    """No bar of one feed arrives for 3 to 10 sessions."""

    kind = IncidentKind.FEED_STOPS

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Take the bars away."""
        feed, symbols = _some_feed(stage, rng)
        last = first + min(int(rng.integers(3, 11)), room) - 1
        panel = stage.panel.select(~stage.rows(first, last, symbols))
        words = f"feed {feed} is silent"
        return replace(stage, panel=panel), Truth(
            kind=self.kind, first=first, last=last, subject={"feed": feed}, words=words
        )


class UnitChange:
    """One feed gives prices in cents or in hundreds, or volumes in thousands or lots, for 10 to 30 sessions."""

    kind = IncidentKind.UNIT_CHANGE

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Multiply prices or volumes."""
        feed, symbols = _some_feed(stage, rng)
        last = first + min(int(rng.integers(10, 31)), room) - 1
        fields, factors = ((PRICES, (100.0, 0.01)), (("volume",), (1000.0, 0.01)))[int(rng.integers(2))]
        factor = factors[int(rng.integers(2))]
        rows = stage.rows(first, last, symbols)
        columns = {
            name: np.where(rows, getattr(stage.panel, name) * factor, getattr(stage.panel, name)) for name in fields
        }
        words = f"feed {feed} gives {'prices' if len(fields) > 1 else 'volumes'} times {factor:g}"
        return stage.with_columns(**columns), Truth(
            kind=self.kind, first=first, last=last, subject={"feed": feed}, words=words
        )


class UnadjustedSplit:
    """One symbol is split 2, 3, 4, 5 or 10 for 1 and its prices are not adjusted."""

    kind = IncidentKind.UNADJUSTED_SPLIT

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Divide prices from the session on."""
        symbol = int(rng.integers(stage.panel.n_symbols))
        ratio = float(rng.choice([2, 3, 4, 5, 10]))
        rows = stage.rows(first, len(stage.days) - 1, [symbol])
        columns = {
            name: np.where(rows, getattr(stage.panel, name) / ratio, getattr(stage.panel, name)) for name in PRICES
        }
        columns["volume"] = np.where(rows, stage.panel.volume * ratio, stage.panel.volume)
        name, last = stage.panel.symbols[symbol], first + min(LINGERS, room) - 1
        return stage.with_columns(**columns), Truth(
            kind=self.kind, first=first, last=last, subject={"symbol": name}, words=f"{name} splits {ratio:g} for 1"
        )


class StaleSymbol:
    """One or two symbols repeat their last bar for 6 to 20 sessions."""

    kind = IncidentKind.STALE_SYMBOL

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Repeat the bar before."""
        codes = rng.choice(stage.panel.n_symbols, size=int(rng.integers(1, 3)), replace=False).tolist()
        last = first + min(int(rng.integers(6, 21)), room) - 1
        columns = {name: getattr(stage.panel, name).copy() for name in PRICE_FIELDS}
        for code in codes:
            rows = np.flatnonzero(stage.rows(first, last, [code]))
            for values in columns.values():
                values[rows] = values[rows[0] - 1]
        names = sorted(stage.panel.symbols[code] for code in codes)
        return stage.with_columns(**columns), Truth(
            kind=self.kind,
            first=first,
            last=last,
            subject={"symbol": "|".join(names)},
            words=f"{' and '.join(names)} repeat a bar",
        )


def _some_feed(stage: Stage, rng: np.random.Generator) -> tuple[str, list[int]]:
    feed = str(rng.choice(sorted(set(stage.feed))))
    return feed, [code for code, name in enumerate(stage.feed) if name == feed]
