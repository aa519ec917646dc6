"""Which alerts are told of together, and which are held back because another explains them."""

from __future__ import annotations

from pydantic import Field, field_validator

from tradewind.core import Settings
from tradewind.monitoring.alerts.matching import LABELS, unknown

DRIFT = "feature_drift,missingness,correlation_break,multivariate_drift,sector_drift,drift_summary"
BAD_DATA = "feed_silent,unit_change,unadjusted_split,stale_symbol,bars_missing,bad_bar"


def _known(value: dict[str, str]) -> dict[str, str]:
    strange = unknown(value)
    if strange:
        raise ValueError(f"{strange[0]!r} is no label of an alert; there are {', '.join(sorted(LABELS))}")
    return value


class GroupingRule(Settings):
    """Alerts that match and agree in ``by`` are one incident.

    Attributes
    ----------
    match : label to patterns, as in :func:`~tradewind.monitoring.alerts.matching.matches`; empty: every alert.
    by : labels whose values must agree; an absent label is a value of its own.
    within_hours : an alert joins an incident that is open and whose newest member joined no longer ago.
    """

    match: dict[str, str] = Field(default_factory=dict)
    by: tuple[str, ...] = ("kind",)
    within_hours: float = Field(default=72.0, gt=0)

    @field_validator("match", mode="after")
    @classmethod
    def _match_known(cls, value: dict[str, str]) -> dict[str, str]:
        return _known(value)

    @field_validator("by", mode="after")
    @classmethod
    def _by_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _known(dict.fromkeys(value, ""))
        return value


class InhibitionRule(Settings):
    """While an alert that matches ``source`` is open, those that match ``target`` are kept but not told.

    A source never holds back what is graver than itself, and no alert that is itself held back holds back others.
    After Prometheus Alertmanager's inhibition rules.

    Attributes
    ----------
    source, target : label to patterns.
    agree : labels that, where both have them, must be equal.
    narrow : labels that, where the source has them, the target must have too: one stale symbol explains nothing that is
        said of the whole market.
    hold_hours : how long the source's effect outlasts it; windows of drift and performance still hold its rows.
    """

    source: dict[str, str]
    target: dict[str, str]
    agree: tuple[str, ...] = ("feed", "sector", "version")
    narrow: tuple[str, ...] = ("symbol",)
    hold_hours: float = Field(default=0.0, ge=0)

    @field_validator("source", "target", mode="after")
    @classmethod
    def _match_known(cls, value: dict[str, str]) -> dict[str, str]:
        if not value:
            raise ValueError("would match every alert: name at least one label")
        return _known(value)


GROUPING = (
    GroupingRule(match={"kind": DRIFT}, by=("area", "feed")),
    GroupingRule(match={"area": "data_quality"}, by=("kind", "feed")),
    GroupingRule(match={"area": "performance,business"}, by=("area", "version")),
    GroupingRule(match={"area": "service"}, by=("area",)),
    GroupingRule(match={"area": "version"}, by=("kind", "version")),
    GroupingRule(match={"area": "regime"}, by=("area",)),
    GroupingRule(),
)
INHIBITION = (
    InhibitionRule(source={"kind": BAD_DATA}, target={"area": "drift,regime,performance,business"}),
    InhibitionRule(source={"kind": "suspicious_news"}, target={"area": "drift,performance,business"}),
    InhibitionRule(source={"kind": "labels_overdue"}, target={"kind": "accuracy_drop,calibration_drift,ic_drop"}),
    InhibitionRule(
        source={"kind": "wrong_version,forecasts_missing"}, target={"area": "performance,business"}, agree=("sector",)
    ),
    InhibitionRule(source={"kind": "slow_dependency"}, target={"kind": "latency,overload,lag,throughput_drop"}),
)
