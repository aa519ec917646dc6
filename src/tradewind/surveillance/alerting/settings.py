"""How candidates become alerts: schemes mistaken for each other, and how far apart parts of one episode lie."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from tradewind.core.settings import Settings
from tradewind.surveillance.schemes import Scheme

SECOND = 1_000_000_000

FAMILIES: tuple[frozenset[Scheme], ...] = (
    frozenset({Scheme.SPOOFING, Scheme.LAYERING, Scheme.QUOTE_STUFFING}),
    frozenset({Scheme.PUMP_AND_DUMP, Scheme.MOMENTUM_IGNITION, Scheme.MARKING_THE_CLOSE, Scheme.FRONT_RUNNING}),
    frozenset({Scheme.WASH_TRADING, Scheme.COORDINATED_ACCOUNTS}),
)
"""Schemes that one deed may be taken for: orders not meant, prices moved for gain, accounts under one hand."""

FAMILY_OF: Mapping[Scheme, int] = {scheme: number for number, family in enumerate(FAMILIES) for scheme in family}

GAP_SECONDS: Mapping[Scheme, float] = {
    Scheme.PUMP_AND_DUMP: 600.0,
    Scheme.SPOOFING: 120.0,
    Scheme.LAYERING: 120.0,
    Scheme.QUOTE_STUFFING: 60.0,
    Scheme.WASH_TRADING: 300.0,
    Scheme.MARKING_THE_CLOSE: 300.0,
    Scheme.MOMENTUM_IGNITION: 180.0,
    Scheme.FRONT_RUNNING: 300.0,
    Scheme.COORDINATED_ACCOUNTS: 300.0,
}
"""Seconds within which two finds of a scheme by the same accounts are one episode."""


class AlertSettings(Settings):
    """Rules of the book of alerts.

    ``gap_share`` : the gap is at least this share of the alert's length, so that slow episodes hold together as quick
    ones do. ``shared`` : share of the smaller set of accounts that two finds must have in common to be of the same
    people. ``keep`` : a later revision of an episode extends its alert while its score is at least this share of the
    threshold. ``margin`` : log odds by which another scheme must argue better before an alert is named anew, against
    flapping. ``strong`` : log odds above its threshold from which a find stands beside a confusable alert, if its
    evidence is other (at most ``same_evidence`` of it in common). ``forget_seconds`` : an alert of which nothing is
    heard for so long is closed. ``most_open`` : open alerts kept; the longest silent goes. ``most_accounts`` : accounts
    an alert names.
    """

    gap_share: float = Field(default=0.5, ge=0.0)
    shared: float = Field(default=0.5, gt=0.0, le=1.0)
    keep: float = Field(default=0.5, ge=0.0, le=1.0)
    margin: float = Field(default=0.25, ge=0.0)
    strong: float = Field(default=1.5, ge=0.0)
    same_evidence: float = Field(default=0.3, ge=0.0, le=1.0)
    forget_seconds: float = Field(default=2 * 86_400.0, gt=0.0)
    most_open: int = Field(default=10_000, ge=1)
    most_accounts: int = Field(default=32, ge=1)

    def gap(self, scheme: Scheme, length: int) -> int:
        """Return the nanoseconds between two finds of one episode, for an alert of ``length`` nanoseconds."""
        return max(int(GAP_SECONDS[scheme] * SECOND), int(self.gap_share * length))
