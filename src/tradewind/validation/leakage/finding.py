"""What the audit says: findings and the report that holds them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tradewind.core import Event, Severity

_ORDER = {Severity.CRITICAL: 0, Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFO: 3}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One sign of a leak.

    Attributes
    ----------
    kind : stable snake_case name, such as ``look_ahead``.
    severity : error: information from the future is in the table or the split; warning: suspicious, look at it;
        info: worth knowing.
    feature : column at fault, None where the finding is about the whole table.
    message : what was seen, in one sentence.
    statistic, threshold : the number that was measured, and the one it had to stay below.
    rows : number of rows it was measured on or found in.
    advice : what to do, in one sentence.
    """

    kind: str
    severity: Severity
    feature: str | None = None
    message: str
    statistic: float
    threshold: float
    rows: int
    advice: str

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)

    def to_event(self) -> Event:
        """Return the finding as the event that other parts store and route."""
        evidence = {
            "statistic": self.statistic,
            "threshold": self.threshold,
            "rows": self.rows,
            "advice": self.advice,
        }
        return Event(
            kind=self.kind, severity=self.severity, message=self.message, field=self.feature, evidence=evidence
        )


@dataclass(frozen=True, kw_only=True)
class LeakageReport:
    """Findings of one audit, worst first.

    Attributes
    ----------
    findings : what was found.
    features : names of the audited features.
    rows : number of audited rows.
    checks : checks that ran.
    skipped : check -> what it would have needed.
    """

    findings: tuple[Finding, ...]
    features: tuple[str, ...]
    rows: int
    checks: tuple[str, ...]
    skipped: dict[str, str]

    @property
    def clean(self) -> bool:
        """True when there is no finding of severity error."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings of severity error or worse."""
        return tuple(f for f in self.findings if f.severity in {Severity.ERROR, Severity.CRITICAL})

    def of_kind(self, kind: str) -> tuple[Finding, ...]:
        """Return the findings of one kind."""
        return tuple(f for f in self.findings if f.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "clean": self.clean,
            "findings": [f.to_dict() for f in self.findings],
            "features": list(self.features),
            "rows": self.rows,
            "checks": list(self.checks),
            "skipped": self.skipped,
        }


def worst_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return ``findings`` sorted by severity, then kind, then feature."""
    return tuple(sorted(findings, key=lambda f: (_ORDER[f.severity], f.kind, f.feature or "")))
