"""False alerts in markets where nobody did anything, with the exact interval of their rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from scipy.stats import chi2

from surveillance_detect import Watched

LEVEL = 0.95


def garwood(count: int, events: int) -> tuple[float, float]:
    """Return the exact interval of a rate per million events (Garwood, Biometrika 28, 1936)."""
    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(1 - tail, 2 * count + 2)) / 2
    return 1e6 * low / events, 1e6 * high / events


def summary(watched: Sequence[Watched]) -> dict[str, Any]:
    """Return the rate of false alerts of a suite as plain values."""
    alerts = [alert for one in watched for alert in one.judged.alerts]
    events = sum(one.judged.events for one in watched)
    return {
        "markets": len(watched),
        "events": events,
        "false_alerts": len(alerts),
        "per_million": 1e6 * len(alerts) / events,
        "interval": list(garwood(len(alerts), events)),
        "by_scheme": dict(Counter(alert.scheme.value for alert in alerts)),
        "markets_with_one": sum(bool(one.judged.alerts) for one in watched),
    }
