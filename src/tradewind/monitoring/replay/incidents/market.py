"""Incidents of the market: every bar is right, and the world is another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.data import MarketShock
from tradewind.monitoring.replay.incidents.incident import IncidentKind, Stage, Truth


class SectorRotation:
    """For 30 to 60 sessions one sector rises and another falls, with probability 0.72 to 0.82, whatever is the rule."""

    kind = IncidentKind.SECTOR_ROTATION

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Let money move."""
        up, down = rng.choice(len(stage.sectors), size=2, replace=False).tolist()
        last = first + min(int(rng.integers(30, 61)), room) - 1
        shock = MarketShock(
            kind="rotation", first=first, last=last, size=float(rng.uniform(0.22, 0.32)), up=up, down=down
        )
        names = stage.sectors
        return replace(stage, shocks=(*stage.shocks, shock)), Truth(
            kind=self.kind,
            first=first,
            last=last,
            subject={"sector": f"{names[up]}|{names[down]}"},
            words=f"money moves from {names[down]} to {names[up]}",
        )


class VolatilityShock:
    """Moves are 2 to 3.5 times as large for 15 to 40 sessions."""

    kind = IncidentKind.VOLATILITY_SHOCK

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Make the moves larger."""
        last = first + min(int(rng.integers(15, 41)), room) - 1
        size = float(rng.uniform(2.0, 3.5))
        shock = MarketShock(kind="volatility", first=first, last=last, size=size)
        return replace(stage, shocks=(*stage.shocks, shock)), Truth(
            kind=self.kind, first=first, last=last, words=f"moves are {size:.1f} times as large"
        )


class CorrelationBreak:
    """Symbols stop moving together for 30 to 60 sessions; each is as volatile as before."""

    kind = IncidentKind.CORRELATION_BREAK

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Take the common moves away."""
        last = first + min(int(rng.integers(30, 61)), room) - 1
        size = float(rng.uniform(0.8, 1.0))
        shock = MarketShock(kind="correlation", first=first, last=last, size=size)
        return replace(stage, shocks=(*stage.shocks, shock)), Truth(
            kind=self.kind, first=first, last=last, words=f"{size:.0%} of what symbols share is gone"
        )


class GradualDrift:
    """What the model has learned fades over 60 to 100 sessions until it has half turned round, and volume thins out."""

    kind = IncidentKind.GRADUAL_DRIFT

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Let the rule fade."""
        span = min(int(rng.integers(60, 101)), room)
        size = float(rng.uniform(1.2, 1.7))
        shock = MarketShock(kind="fade", first=first, last=first + span - 1, size=size)
        return replace(stage, shocks=(*stage.shocks, shock)), Truth(
            kind=self.kind, first=first, last=first + room - 1, words=f"the rule loses {size:.0%} of its edge"
        )
