"""A desk of people, alerts made by hand, and a clock that is set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind.registry.people import People, Person
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.cases import CaseStore
from tradewind.surveillance.schemes import Scheme

S = 1_000_000_000
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROLES = {
    "grace": ("admin",),
    "ann": ("analyst",),
    "bob": ("analyst",),
    "sue": ("supervisor", "analyst"),
    "sam": ("supervisor",),
}


@dataclass
class SetClock:
    """A clock that moves when told."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.at

    def move(self, minutes: float) -> None:
        """Let time pass."""
        self.at += timedelta(minutes=minutes)


@dataclass
class Desk:
    """A folder with a people file and a store of cases; the keys of its people by name."""

    folder: Path
    people: dict[str, Person]
    clock: SetClock = field(default_factory=SetClock)

    def store(self, **given: Any) -> CaseStore:
        """Open the store."""
        return CaseStore(self.folder / "cases.db", **{"clock": self.clock, **given})

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


PERSONS = {name: Person.generate(name) for name in (*ROLES, "eve")}


def make_desk(folder: Path) -> Desk:
    """Return a desk in ``folder``; eve has a key and is not enrolled."""
    people = People(path=folder / "people.toml", entries=())
    for name, roles in ROLES.items():
        people = people.enrolled(name, roles, PERSONS[name].public, by=PERSONS["grace"])
    people.write()
    return Desk(folder, dict(PERSONS))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk in a folder of its own."""
    return make_desk(tmp_path)


@pytest.fixture(scope="session")
def desk_in() -> Callable[[Path], Desk]:
    """Return the maker of desks, for tests that need many."""
    return make_desk


def an_alert(number: int, **given: Any) -> Alert:
    """Return an alert with an id of ``number``; ``at`` seconds is when it begins, ``lasts`` how long."""
    at, lasts = given.pop("at", 0), given.pop("lasts", 5)
    start = 1_700_000_000 * S + int(at * S)
    plain: dict[str, Any] = {
        "id": f"{number:016x}",
        "scheme": Scheme.SPOOFING,
        "symbol": "ABC",
        "accounts": ("a1",),
        "start": start,
        "end": start + int(lasts * S),
        "known_at": start + int(lasts * S),
        "score": 0.9,
        "tier": Tier.HIGH,
        "features": {"size": 2.0, "gap": float("nan")},
    }
    return Alert(**{**plain, **given})


@pytest.fixture(scope="session")
def alert() -> Callable[..., Alert]:
    """Return the maker of alerts."""
    return an_alert
