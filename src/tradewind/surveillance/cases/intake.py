"""From alerts to cases: which alert belongs to which case, and what a case becomes by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from tradewind.core.ids import content_id
from tradewind.core.settings import Settings
from tradewind.surveillance.alert import RESPONSE_MINUTES, Alert, Tier
from tradewind.surveillance.alerting.claim import in_common
from tradewind.surveillance.alerting.settings import FAMILY_OF
from tradewind.surveillance.cases.records import Case, CaseState, iso
from tradewind.surveillance.hands import Hands

TIERS = tuple(Tier)
"""From the highest to the lowest."""

MOST_NAMED = 20
"""Cases that one says it is related to."""


class IntakeSettings(Settings):
    """What belongs together.

    ``gap_hours`` : an alert joins a case when no more time lies between them. ``shared`` : share of the smaller set of
    accounts that alerts in different symbols must have in common; in one symbol a single account is enough.
    ``most_alerts`` : alerts of a case, after which another is opened, so that no account that trades with everybody
    draws everything into one.
    """

    gap_hours: float = Field(default=24.0, ge=0.0)
    shared: float = Field(default=0.5, gt=0.0, le=1.0)
    most_alerts: int = Field(default=200, ge=1)

    @property
    def gap(self) -> int:
        """The time between, nanoseconds."""
        return int(self.gap_hours * 3_600_000_000_000)


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What became of alerts: ids of cases that were opened or joined, and counts.

    ``alerts`` : how many were given, the last revision of each. ``new``, ``revised``, ``unchanged`` : of these, those
    unknown so far, those told anew, and those that say what was known.
    """

    alerts: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    opened: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()

    def words(self) -> str:
        """Return it as a sentence."""
        return (
            f"{self.alerts} alerts: {self.new} new, {self.revised} revised, {self.unchanged} known; "
            f"{len(self.opened)} cases opened, {len(self.joined)} extended"
        )


def parties(accounts: Iterable[str], symbols: Iterable[str]) -> set[str]:
    """Return the keys a case is found by: its accounts; where none is named, its symbols."""
    found = {f"a:{account}" for account in accounts}
    return found or {f"s:{symbol}" for symbol in symbols}


def identified(alert: Alert) -> Alert:
    """Return an alert of another source, which has no id, with the id of what it says."""
    if alert.id:
        return alert
    name = content_id(alert.scheme.value, alert.symbol, sorted(alert.accounts), alert.start, alert.end)
    return Alert(**{**vars(alert), "id": name})


def belongs(alert: Alert, case: Case, hands: Hands, settings: IntakeSettings) -> float:
    """Return the share of accounts that ``alert`` and ``case`` have in common where it belongs to it; 0 elsewhere.

    It does where the scheme is one of the case's or is mistaken for it
    (:data:`~tradewind.surveillance.alerting.settings.FAMILIES`).
    """
    family = {FAMILY_OF[scheme] for scheme in case.schemes}
    if FAMILY_OF[alert.scheme] not in family or len(case.alerts) >= settings.most_alerts:
        return 0.0
    return meets(alert, case, hands, settings)


def meets(alert: Alert, case: Case, hands: Hands, settings: IntakeSettings) -> float:
    """Return the share of accounts in common where the times are near enough; 0 elsewhere."""
    if max(alert.start - case.last, case.first - alert.end) > settings.gap:
        return 0.0
    same_symbol = alert.symbol in case.symbols
    if not alert.accounts or not case.accounts:
        return float(same_symbol and not alert.accounts and not case.accounts)
    share = in_common_names(hands.hands(alert.accounts), hands.hands(case.accounts))
    return share if share >= settings.shared or same_symbol else 0.0


def in_common_names(first: set[str], second: set[str]) -> float:
    """Return the share of the smaller set that both hold."""
    numbers = {name: number for number, name in enumerate(first | second)}
    return in_common({numbers[n] for n in first}, {numbers[n] for n in second})


def best(alert: Alert, cases: Sequence[Case], hands: Hands, settings: IntakeSettings) -> Case | None:
    """Return the case that ``alert`` belongs to most; of equals the one whose evidence is latest, then the oldest."""
    ranked = sorted(
        ((belongs(alert, case, hands, settings), case) for case in cases),
        key=lambda pair: (-pair[0], -pair[1].last, pair[1].id),
    )
    return ranked[0][1] if ranked and ranked[0][0] > 0 else None


def opened(case_id: str, alert: Alert, digest: str, run: str, now: datetime) -> Case:
    """Return the new case of one alert."""
    return Case(
        id=case_id,
        title=title((alert.scheme.label,), (alert.symbol,), alert.accounts),
        schemes=(alert.scheme,),
        symbols=(alert.symbol,),
        accounts=alert.accounts,
        tier=alert.tier,
        score=alert.score,
        first=alert.start,
        last=alert.end,
        opened_at=iso(now),
        respond_by=_respond_by(alert.tier, now),
        alerts={alert.id: digest},
        runs=(run,) if run else (),
    )


def grown(case: Case, alert: Alert, digest: str, run: str, now: datetime) -> dict[str, Any]:
    """Return the fields of an open ``case`` that an alert changes, new or told anew, as plain values.

    A proposal made without an alert, or before its tier rose, does not stand: the case goes back to review.
    """
    schemes = tuple(dict.fromkeys((*case.schemes, alert.scheme)))
    symbols = tuple(dict.fromkeys((*case.symbols, alert.symbol)))
    accounts = tuple(dict.fromkeys((*case.accounts, *alert.accounts)))
    raised = TIERS.index(alert.tier) < TIERS.index(case.tier)
    whole: dict[str, Any] = {
        "title": title([s.label for s in schemes], symbols, accounts),
        "schemes": [s.value for s in schemes],
        "symbols": list(symbols),
        "accounts": list(accounts),
        "tier": alert.tier.value if raised else case.tier.value,
        "score": max(case.score, alert.score),
        "first": min(case.first, alert.start),
        "last": max(case.last, alert.end),
        "runs": list(dict.fromkeys((*case.runs, run))) if run else list(case.runs),
    }
    if raised and not case.taken_at:
        whole["respond_by"] = min(case.respond_by, _respond_by(alert.tier, now))
    if case.state is CaseState.PROPOSED and (raised or alert.id not in case.alerts):
        whole |= {"state": CaseState.IN_REVIEW.value, "proposal": None}
    before = case.to_dict()
    return {name: value for name, value in whole.items() if value != before[name]} | {"alerts": {alert.id: digest}}


def surpasses(alert: Alert, case: Case) -> bool:
    """Return whether an alert told anew says more than what a closed case was decided on: a higher tier, or others."""
    return TIERS.index(alert.tier) < TIERS.index(case.tier) or not set(alert.accounts) <= set(case.accounts)


def title(schemes: Sequence[str], symbols: Sequence[str], accounts: Sequence[str]) -> str:
    """Return a case in a line: ``Spoofing in ABC by a1 and 2 more``."""
    what = " and ".join([schemes[0], *(name.lower() for name in schemes[1:])])
    where = symbols[0] if len(symbols) == 1 else f"{len(symbols)} symbols"
    if not accounts:
        return f"{what} in {where}"
    more = f" and {len(accounts) - 1} more" if len(accounts) > 1 else ""
    return f"{what} in {where} by {accounts[0]}{more}"


def named(ids: Mapping[str, Any] | Iterable[str]) -> list[str]:
    """Return ids of cases in order, not too many."""
    return sorted(ids)[:MOST_NAMED]


def _respond_by(tier: Tier, now: datetime) -> str:
    return iso(now + timedelta(minutes=RESPONSE_MINUTES[tier]))
