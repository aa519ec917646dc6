"""Findings to alert on, and settings with one receiver that hears everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tradewind.core import Severity
from tradewind.monitoring.alerts import AlertSettings, Receiver, Step
from tradewind.monitoring.finding import Area, Finding

AREAS = {
    "feature_drift": Area.DRIFT,
    "sector_drift": Area.DRIFT,
    "accuracy_drop": Area.PERFORMANCE,
    "feed_silent": Area.DATA_QUALITY,
    "stale_symbol": Area.DATA_QUALITY,
    "wrong_version": Area.VERSION,
    "latency": Area.SERVICE,
    "slow_dependency": Area.SERVICE,
    "drawdown": Area.BUSINESS,
    "regime_change": Area.REGIME,
}
START = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
FindingMaker = Callable[..., Finding]


@pytest.fixture(scope="session")
def start() -> datetime:
    """Return a Monday's close."""
    return START


@pytest.fixture(scope="session")
def finding() -> FindingMaker:
    """Return a maker of findings: kind, severity, time, and the subject as further words."""

    def make(kind: str, severity: str = "warning", at: datetime = START, **subject: str) -> Finding:
        return Finding(
            kind=kind,
            area=AREAS[kind],
            severity=Severity(severity),
            message=f"{kind} is seen",
            time=at,
            known_at=at,
            subject=subject,
            statistic=0.3,
            threshold=0.2,
        )

    return make


@pytest.fixture(scope="session")
def desk() -> AlertSettings:
    """Return settings with one receiver, ``desk``, who hears everything at once."""
    return AlertSettings(
        receivers=(Receiver(name="desk", least=Severity.INFO),),
        chain=(Step(receivers=("desk",)),),
    )
