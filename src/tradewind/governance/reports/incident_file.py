"""The incident file: a TOML skeleton that people fill in, and what it must hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from tradewind.core import InputError, OutputError
from tradewind.core.files import write_text
from tradewind.core.toml import to_toml
from tradewind.governance.files import read_toml
from tradewind.governance.filled import FILL, Filled
from tradewind.governance.pages.numbers import counted, instant

BULK = ("prediction", "explanation")
"""Kinds of audit rows that come by the thousand: a timeline counts them and names the first and the last."""


class TimelineEntry(Filled):
    """What happened at one moment; ``audit`` is the number of the audit log's row that shows it."""

    at: datetime
    what: str
    by: str | None = None
    audit: int | None = Field(default=None, ge=0)

    @field_validator("at", mode="after")
    @classmethod
    def _utc(cls, value: datetime) -> datetime:
        return instant(value)


class Action(Filled):
    """What must be done, by whom and until when; ``done`` is the day it was done."""

    what: str
    owner: str
    due: date
    done: date | None = None


class Impact(Filled):
    """What it cost: in words, and in forecasts and money where that is known."""

    words: str
    forecasts: int | None = Field(default=None, ge=0)
    loss: float | None = None
    currency: str = "USD"


class Incident(Filled):
    """One incident.

    ``started``, ``detected`` and ``resolved`` are UTC moments; a closed incident is resolved and its actions are done.
    """

    reference: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    title: str
    severity: Literal["low", "medium", "high", "critical"]
    status: Literal["open", "contained", "closed"]
    models: tuple[str, ...] = Field(min_length=1)
    owner: str
    started: datetime
    detected: datetime
    resolved: datetime | None = None
    summary: str
    cause: str
    impact: Impact
    lessons: tuple[str, ...] = ()
    timeline: tuple[TimelineEntry, ...] = Field(min_length=1)
    actions: tuple[Action, ...] = Field(min_length=1)

    @field_validator("started", "detected", "resolved", mode="after")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        return None if value is None else instant(value)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.detected < self.started:
            raise ValueError("detected lies before started")
        if self.resolved is not None and self.resolved < self.detected:
            raise ValueError("resolved lies before detected")
        for number, (one, after) in enumerate(zip(self.timeline, self.timeline[1:], strict=False), 2):
            if after.at < one.at:
                raise ValueError(f"timeline entry {number} ({after.at:%Y-%m-%d %H:%M}) lies before the one above it")
        if self.status == "closed":
            if self.resolved is None:
                raise ValueError("a closed incident needs resolved")
            waiting = [action.what for action in self.actions if action.done is None]
            if waiting:
                raise ValueError(f"it is closed and an action is not done: {waiting[0]}")
        return self

    @property
    def open(self) -> bool:
        """Whether it is not closed."""
        return self.status != "closed"

    def concerns(self, name: str, version: str) -> bool:
        """Return whether it is about the model ``name``, in this version or in all."""
        return name in self.models or f"{name}/{version}" in self.models

    def overdue(self, today: date) -> tuple[Action, ...]:
        """Return the actions whose day has passed undone."""
        return tuple(action for action in self.actions if action.done is None and action.due < today)


def read_incident(path: Path) -> Incident:
    """Read an incident; InputError names every field that is missing, unfilled or out of order."""
    return read_toml(path, Incident, what="an incident")


def read_incidents(folder: Path) -> tuple[Incident, ...]:
    """Read every ``*.toml`` of ``folder``, by file name; InputError where the folder or a file cannot be used."""
    if not folder.is_dir():
        raise InputError("is no folder", file=folder, fix="give the folder of the incident files")
    return tuple(read_incident(path) for path in sorted(folder.glob("*.toml")))


def save_incident(path: Path, incident: Incident, *, new: bool = False) -> Path:
    """Write ``incident``, whole or not at all, so that :func:`read_incident` gives it back; comments do not stay.

    Parameters
    ----------
    new : refuse where the file is there already.

    Raises
    ------
    OutputError : the file is there already and must not be, or cannot be written.
    """
    if new and path.exists():
        raise OutputError("is there already", file=path, fix="give another reference")
    plain = incident.model_dump(exclude={"impact", "timeline", "actions"}, exclude_none=True)
    parts = [_HEAD_FILLED, to_toml(plain), "\n", to_toml({"impact": incident.impact.model_dump(exclude_none=True)})]
    for name in ("timeline", "actions"):
        parts += [f"\n[[{name}]]\n{to_toml(one.model_dump(exclude_none=True))}" for one in getattr(incident, name)]
    return write_text(path, "".join(parts))


def new_incident(
    path: Path,
    *,
    at: datetime,
    models: Iterable[str] = (),
    rows: Iterable[Mapping[str, Any]] = (),
) -> Path:
    """Write a skeleton to fill in; ``rows`` of the audit log become its timeline.

    Parameters
    ----------
    at : now; the moments of the skeleton are this one until somebody knows better.
    rows : audit rows as mappings with ``seq``, ``at``, ``kind`` and ``body``, in any order.

    Raises
    ------
    OutputError : the file is there already, or cannot be written.
    """
    if path.exists():
        raise OutputError("is there already", file=path, fix="give another file, so that no answers are lost")
    found = list(_timeline(rows))
    moments = [entry["at"] for entry in found] or [instant(at)]
    chosen = tuple(models) or (f"{FILL}: NAME or NAME/VERSION",)
    head = to_toml(
        {
            "reference": _reference_of(path),
            "title": f"{FILL}: what happened, in one line",
            "severity": f"{FILL}: low, medium, high or critical",
            "status": "open",
            "models": list(chosen),
            "owner": f"{FILL}: who leads the response",
        }
    )
    rest = to_toml(
        {
            "summary": f"{FILL}: what happened and to whom, in three sentences",
            "cause": f"{FILL}: why it happened, down to what allowed it",
            "lessons": [f"{FILL}: what would have caught it sooner"],
        }
    )
    dates = "".join(
        f"{name} = {_toml_moment(moment)}\n" for name, moment in (("started", moments[0]), ("detected", moments[-1]))
    )
    impact = to_toml({"impact": {"words": f"{FILL}: forecasts, positions, money, clients", "currency": "USD"}})
    parts = [_HEAD, head, dates, "# resolved = 2026-01-31T12:00:00Z    # when it was over\n", rest, "\n", impact]
    parts.append("# forecasts = 0                       # forecasts that were wrong or missing\n# loss = 0.0\n")
    entries = found or [{"at": instant(at), "what": f"{FILL}: what was seen first", "audit": None}]
    parts += [_entry(entry) for entry in entries]
    parts.append(
        f'\n[[actions]]\nwhat = "{FILL}: one thing that keeps it from happening again"\nowner = "{FILL}: a person"\n'
        f"due = {instant(at):%Y-%m-%d}\n# done = 2026-01-31\n"
    )
    return write_text(path, "".join(parts))


_HEAD = f'''# An incident. Fill in every answer that begins with "{FILL}", then:
# tradewind report incident write THIS_FILE --out DIR
# Moments are UTC. Timeline entries stand in order; audit = N links one to a row of the audit log.
'''


_HEAD_FILLED = """# An incident. tradewind report incident write THIS_FILE --out DIR makes its report.
# Moments are UTC. Timeline entries stand in order; audit = N links one to a row of the audit log.
"""


def _reference_of(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip("-._") or "incident"


def _toml_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry(entry: Mapping[str, Any]) -> str:
    found = to_toml({"what": entry["what"], "by": entry.get("by") or None, "audit": entry.get("audit")})
    return f"\n[[timeline]]\nat = {_toml_moment(entry['at'])}\n{found}"


def _timeline(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a timeline in order: one entry a row, but for kinds that come in bulk their first and last row."""
    told = (row for row in rows if row["kind"] != "genesis")  # the log's own first row is no event
    ordered = sorted(told, key=lambda row: (instant(row["at"]), row["seq"]))
    bulk = {kind: [row for row in ordered if row["kind"] == kind] for kind in BULK}
    for row in ordered:
        many = bulk.get(row["kind"])
        if many is None:
            body = row.get("body") or {}
            yield {"at": instant(row["at"]), "what": _words(row["kind"], body), "by": _actor(body), "audit": row["seq"]}
        elif row is many[0] or row is many[-1]:
            which = "First" if row is many[0] else "Last"
            yield {
                "at": instant(row["at"]),
                "what": f"{which} of {counted(len(many), 'row')}: {row['kind']}",
                "audit": row["seq"],
            }


def _words(kind: str, body: Mapping[str, Any]) -> str:
    words = kind.replace("_", " ")
    about = [str(body[key]) for key in ("model", "reason", "title", "what") if body.get(key)]
    return f"{words[0].upper()}{words[1:]}{': ' if about else ''}{', '.join(about)}"


def _actor(body: Mapping[str, Any]) -> str:
    for key in ("by", "caller", "author"):
        found = body.get(key)
        if found:
            return str(found.get("name", found)) if isinstance(found, Mapping) else str(found)
    return ""
