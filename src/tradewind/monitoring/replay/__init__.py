"""Years of monitoring in minutes: worlds with known incidents, and how well they were noticed and explained."""

from tradewind.monitoring.replay.incidents import INCIDENTS, Incident, IncidentKind, Stage, Truth
from tradewind.monitoring.replay.page import render
from tradewind.monitoring.replay.run import Alarm, Blame, Replayed, replay
from tradewind.monitoring.replay.score import KindScore, Rate, Scores, score
from tradewind.monitoring.replay.settings import TELLING, ReplaySettings
from tradewind.monitoring.replay.suite import SuiteSettings, run_suite
from tradewind.monitoring.replay.world import World, WorldSettings, build_world

__all__ = [
    "INCIDENTS",
    "TELLING",
    "Alarm",
    "Blame",
    "Incident",
    "IncidentKind",
    "KindScore",
    "Rate",
    "ReplaySettings",
    "Replayed",
    "Scores",
    "Stage",
    "SuiteSettings",
    "Truth",
    "World",
    "WorldSettings",
    "build_world",
    "render",
    "replay",
    "run_suite",
    "score",
]
