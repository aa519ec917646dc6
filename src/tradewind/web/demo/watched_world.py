"""The simulated market that the demo's monitor watches: it ends with the last session before today."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from tradewind.core import Progress
from tradewind.data import MarketSettings, MarketShock, simulate
from tradewind.data.calendar import sessions
from tradewind.monitoring.replay import World, WorldSettings
from tradewind.monitoring.replay.incidents import INCIDENTS, IncidentKind, Stage, Truth
from tradewind.monitoring.replay.world import build_world

SIZE: dict[str, Any] = {"symbols": 15, "train_days": 260, "judged_days": 70, "replay_days": 120}


class RecentWorld(WorldSettings):
    """A world whose market begins on ``start`` (ISO)."""

    start: str

    def market(self, shocks: tuple[MarketShock, ...] = ()) -> MarketSettings:
        """Return the settings of the market, with ``shocks``."""
        values = super().market(shocks).model_dump() | {"start": self.start}
        return MarketSettings.model_validate(values)


def recent_start(now: datetime, days: int) -> str:
    """Return the session from which on ``days`` sessions end with the last one before today."""
    found = sessions(now - timedelta(days=2 * days + 30), now - timedelta(days=1))
    return str(found[-days].astype("datetime64[D]"))


@lru_cache(maxsize=1)
def _world(start: str) -> World:
    return build_world(RecentWorld(**SIZE, start=start))


def recent_world(progress: Progress) -> World:
    """Return the world that ends now, with its models trained; made once."""
    progress.update("market that is watched", 0, 1)
    days = WorldSettings(**SIZE).n_days
    found = _world(recent_start(datetime.now(UTC).replace(tzinfo=None), days))
    progress.update("market that is watched", 1, 1)
    return found


def with_incidents(world: World) -> tuple[Stage, tuple[Truth, ...]]:
    """Return the world with four troubles: a shock of the market, a wrong version, and two that last until now."""
    days, starts = len(world.stage.days), world.settings.replay_starts
    rng = np.random.default_rng(world.settings.seed + 5)
    shocked, first = INCIDENTS[IncidentKind.VOLATILITY_SHOCK].plant(world.stage, starts + 40, 25, rng)
    panel = simulate(world.settings.market(shocked.shocks)).panel
    stage, truths = replace(world.stage, panel=panel), [first]
    for kind, begins in (
        (IncidentKind.WRONG_MODEL_VERSION, days - 40),
        (IncidentKind.SLOW_DEPENDENCY, days - 4),
        (IncidentKind.FEED_STOPS, days - 3),
    ):
        room = 8 if kind is IncidentKind.WRONG_MODEL_VERSION else days - begins
        stage, truth = INCIDENTS[kind].plant(stage, begins, room, rng)
        truths.append(truth)
    return stage, tuple(truths)
