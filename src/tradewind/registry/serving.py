"""Which version is to be served, by the signed decisions alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from tradewind.core import UsageError
from tradewind.registry.decision import Decision
from tradewind.registry.ledger import Ledger
from tradewind.registry.record import ModelRecord
from tradewind.registry.rules import SERVED

How = Literal["champion", "version", "override", "fallback"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the decisions say is to be served.

    Attributes
    ----------
    version : the version; of a fallback to a baseline, the one whose folder holds that baseline.
    how : as the champion, as the version that was asked for, or by an order.
    baseline : name of the baseline that is to be served in the model's place, None for the model itself.
    order : the override or fallback in force.
    """

    version: int
    how: How
    baseline: str | None = None
    order: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class Served:
    """A choice with the verified files behind it; ``until`` (UTC, ISO) an order ends."""

    record: ModelRecord
    folder: Path
    how: How
    baseline: str | None = None
    reason: str = ""
    until: str | None = None

    @property
    def words(self) -> str:
        """What is served, in a few words."""
        what = f"{self.record.reference}" + (f", its baseline {self.baseline}" if self.baseline else "")
        end = f" until {self.until[:16]} UTC" if self.until else ""
        return f"{what} ({self.how}{end})"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping, the record by its reference."""
        values = {**asdict(self), "folder": str(self.folder), "record": self.record.reference}
        return {**values, "model_sha256": self.record.model_sha256, "words": self.words}


def choose(ledger: Ledger, now: datetime, version: int | None = None) -> Choice:
    """Return what is to be served of ``ledger``'s name: ``version`` where it is asked for, else the champion.

    A fallback in force comes first, whatever is asked for; then the version asked for; then an override; then the
    champion.

    Raises
    ------
    UsageError : serving is stopped, there is no champion, or the version is not approved.
    """
    order = ledger.fallback(now)
    if order is not None:
        return _fallen_back(ledger, order, version)
    if version is not None:
        return Choice(version=_approved(ledger, version), how="version")
    order = ledger.override(now)
    if order is not None:
        return Choice(version=_approved(ledger, order.version), how="override", order=order)
    if ledger.champion is None:
        stages = ", ".join(f"version {v.version} {v.stage}" for v in ledger.versions.values()) or "no version"
        raise UsageError(
            f"{ledger.name} has no champion ({stages}), so nothing of it is served",
            fix="promote an approved version with `tradewind models promote`",
        )
    return Choice(version=ledger.champion, how="champion")


def _fallen_back(ledger: Ledger, order: Decision, version: int | None) -> Choice:
    target = order.details.get("target")
    if not target:
        raise UsageError(
            f"serving of {ledger.name} was stopped by {order.by} ({order.at[:16]} UTC): {order.reason}",
            fix="`tradewind models resume` ends that",
        )
    if version is not None and str(version) != target:
        raise UsageError(
            f"{ledger.name} is fallen back to {target} by {order.by}: {order.reason}; version {version} is not served",
            fix="`tradewind models resume` ends that",
        )
    if target.isdecimal():
        return Choice(version=_approved(ledger, int(target)), how="fallback", order=order)
    return Choice(version=order.version, how="fallback", baseline=target, order=order)


def _approved(ledger: Ledger, version: int) -> int:
    state = ledger.state(version)
    if state.stage not in SERVED:
        raise UsageError(
            f"{ledger.name}/{version} is {state.stage}, not approved, and is not served",
            fix="let it be validated and approved first (`tradewind models rules`)",
        )
    return version
