"""A small world that several tests share."""

from __future__ import annotations

import pytest

from tradewind.monitoring.replay.world import World, WorldSettings, build_world


@pytest.fixture(scope="session")
def world() -> World:
    """Return a world of 12 symbols: half a year of replay after a trained champion."""
    return build_world(WorldSettings(symbols=12, train_days=240, judged_days=60, replay_days=130, seed=3))
