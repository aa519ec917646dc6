"""A case and what is done to it: the records, and how they are written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from tradewind.core.plain import finite
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.schemes import Scheme

SYSTEM = "surveillance"
"""Who acts where no person does: alerts that arrive open and extend cases."""

_DOMAIN = b"tradewind case 1\n"


class CaseState(StrEnum):
    """Where a case is on its way."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_REVIEW = "in_review"
    PROPOSED = "proposed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What a case came to.

    - ``no_issue``: it happened as the alerts say, and there is a lawful reason for it.
    - ``false_alarm``: the alerts are wrong.
    - ``inconclusive``: it cannot be told.
    - ``escalated``: it is suspicious; a report (STOR) is filed or the authority told.
    """

    NO_ISSUE = "no_issue"
    FALSE_ALARM = "false_alarm"
    INCONCLUSIVE = "inconclusive"
    ESCALATED = "escalated"


class Doing(StrEnum):
    """What can be done to a case; the first three by arriving alerts, the others by people."""

    OPEN = "open"
    EXTEND = "extend"
    REVISE = "revise"
    ASSIGN = "assign"
    TAKE = "take"
    NOTE = "note"
    ATTACH = "attach"
    PROPOSE = "propose"
    CONFIRM = "confirm"
    REJECT = "reject"


@dataclass(frozen=True, kw_only=True)
class Note:
    """What somebody wrote down, and when (UTC, ISO)."""

    by: str
    at: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that belongs to a case: where it lies, its SHA-256 and bytes when it was attached."""

    path: str
    sha256: str
    size: int
    by: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A decision that waits for a second person; ``exceptions`` : alerts of the case that it does not speak of."""

    outcome: Outcome
    by: str
    at: str
    reason: str
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """Alerts that one person looks at together.

    Attributes
    ----------
    id : ``C`` and a number, in the order of opening.
    schemes, symbols, accounts : of all its alerts, the first named first.
    tier, score : the highest of its alerts.
    first, last : span of the evidence, nanoseconds since 1970-01-01 UTC.
    opened_at, respond_by : UTC, ISO; somebody must have taken it up by then.
    assignee, taken_at : who looks at it, and when it was first taken up; empty before.
    proposal : the decision that waits, or that was confirmed; ``proposers`` : everybody who ever proposed one.
    outcome, confirmed_by, closed_at : of a closed case.
    follows : closed cases of the same people that it goes on from; ``related`` : cases that share accounts.
    alerts : SHA-256 of the record of each alert, by id.
    runs : runs that raised them.
    """

    id: str
    title: str
    schemes: tuple[Scheme, ...]
    symbols: tuple[str, ...]
    accounts: tuple[str, ...]
    tier: Tier
    score: float
    first: int
    last: int
    opened_at: str
    respond_by: str
    state: CaseState = CaseState.NEW
    assignee: str = ""
    taken_at: str = ""
    proposal: Proposal | None = None
    proposers: tuple[str, ...] = ()
    outcome: Outcome | None = None
    confirmed_by: str = ""
    closed_at: str = ""
    follows: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    alerts: dict[str, str] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it is not closed."""
        return self.state is not CaseState.CLOSED

    def overdue(self, now: datetime) -> bool:
        """Return whether nobody took it up by the time it asks for."""
        return not self.taken_at and self.open and iso(now) > self.respond_by

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as they are written: lists, numbers and text."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing done to a case; signed by the person who did it, and chained to the act before it.

    Attributes
    ----------
    n : from 1, over all acts of the store; ``store`` : the store's id.
    by, role : who, and in which role; :data:`SYSTEM` for what arriving alerts do.
    order : what was asked for, by name; ``after`` : fields of the case that it changed, as they were ``before``.
    people : hash of the last entry of the people file that was known.
    previous : hash of the act before it, empty for the first.
    signature : Ed25519 over all of this, base64; empty for what no person did.
    """

    n: int
    store: str
    case: str
    doing: Doing
    by: str
    role: str
    at: str
    order: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    people: str = ""
    previous: str = ""
    signature: str = ""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        body = {name: value for name, value in vars(self).items() if name != "signature"}
        return _DOMAIN + json.dumps(body, sort_keys=True, ensure_ascii=False).encode()

    @property
    def hash(self) -> str:
        """SHA-256 over the act and its signature."""
        return hashlib.sha256(self.message + self.signature.encode()).hexdigest()

    @property
    def reason(self) -> str:
        """Why, or what was noted, in words; empty where nothing was said."""
        return str(self.order.get("reason") or self.order.get("text") or "")


ADDED = ("notes", "attachments")
"""Fields of a case of which an act tells what it adds; ``alerts`` too, by id."""


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain case ``before`` with what an act changed."""
    whole = dict(before)
    for name, value in after.items():
        if name in ADDED:
            whole[name] = [*whole.get(name, ()), *value]
        elif name == "alerts":
            whole[name] = {**whole.get(name, {}), **value}
        else:
            whole[name] = value
    return whole


def case_of(plain: Mapping[str, Any]) -> Case:
    """Return the case that plain values describe; msgspec.ValidationError where they describe none."""
    return msgspec.convert(dict(plain), type=Case)


def act_of(body: bytes) -> Act:
    """Return the act that was written as ``body``; msgspec.MsgspecError where it is none."""
    return msgspec.json.decode(body, type=Act)


def alert_body(alert: Alert) -> bytes:
    """Return an alert as canonical JSON, the record that its digest is of."""
    return json.dumps(finite(vars(alert)), sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def alert_of(body: bytes) -> Alert:
    """Return the alert that :func:`alert_body` wrote; a number that was none is NaN again."""
    plain = json.loads(body)
    for name in ("features", "contributions"):
        plain[name] = {key: float("nan") if value is None else value for key, value in plain[name].items()}
    return Alert(
        **{
            **plain,
            "scheme": Scheme(plain["scheme"]),
            "tier": Tier(plain["tier"]),
            "accounts": tuple(plain["accounts"]),
            "evidence": tuple(plain["evidence"]),
        }
    )


def digest(body: bytes) -> str:
    """Return the SHA-256 of a record."""
    return hashlib.sha256(body).hexdigest()


def iso(moment: datetime) -> str:
    """Return a moment as text that sorts as time does: UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
