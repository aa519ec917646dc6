"""What a watcher has noticed: one typed, JSON-ready record for alerts, triggers and diagnosis alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewind.core import Severity
from tradewind.core.ids import content_id
from tradewind.core.plain import finite


class Area(StrEnum):
    """The pages of the on-call play-book, in the order in which they are followed."""

    DATA_QUALITY = "data_quality"
    REGIME = "regime"
    DRIFT = "drift"
    PERFORMANCE = "performance"
    SERVICE = "service"
    VERSION = "version"
    BUSINESS = "business"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing a watcher noticed.

    Attributes
    ----------
    kind : stable snake_case name (``feature_drift``, ``feed_silent``); alerts are grouped and runs compared by it.
    area : page of the play-book it belongs to.
    severity : how soon somebody must look.
    message : one sentence with the figures a person needs.
    time : when it happened in the market (UTC, aware); the bar's time.
    known_at : when it could be known (UTC, aware); never before ``time``.
    subject : what it is about, most telling first; keys from ``feed``, ``feature``, ``sector``, ``symbol``,
        ``regime``, ``version``, ``dependency``, ``source``, ``metric``. Empty: the whole market or service.
    statistic, threshold : the number seen and the one it passed, in the unit the kind states; NaN where it has none.
    p_value : of the test behind it, after correction for how many were made; None where there is no test.
    evidence : more numbers, JSON-ready.
    """

    kind: str
    area: Area
    severity: Severity
    message: str
    time: datetime
    known_at: datetime
    subject: Mapping[str, str] = dataclass_field(default_factory=dict)
    statistic: float = float("nan")
    threshold: float = float("nan")
    p_value: float | None = None
    evidence: Mapping[str, Any] = dataclass_field(default_factory=dict)

    @property
    def about(self) -> str:
        """The subject in a few words: ``feature=rsi_14``; ``everything`` where it is empty."""
        return ", ".join(f"{key}={value}" for key, value in self.subject.items()) or "everything"

    @property
    def fingerprint(self) -> str:
        """16 hex digits that two findings share when they tell of the same thing at different times."""
        return content_id(self.kind, dict(self.subject))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        row = asdict(self)
        row.update(time=self.time.isoformat(), known_at=self.known_at.isoformat())
        plain: dict[str, Any] = finite(row)
        return plain

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Finding:
        """Read what :meth:`to_dict` wrote; KeyError or ValueError where it is not such a row."""
        values = dict(row)
        values.update(
            area=Area(row["area"]),
            severity=Severity(row["severity"]),
            time=datetime.fromisoformat(row["time"]),
            known_at=datetime.fromisoformat(row["known_at"]),
        )
        for name in ("statistic", "threshold"):
            values[name] = float("nan") if row[name] is None else float(row[name])
        return cls(**values)
