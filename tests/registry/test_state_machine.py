"""Any order of any acts by anybody: nothing unapproved is ever served, and no author ever approves."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tradewind.core import UsageError
from tradewind.registry import Act, People, Person, Stage
from tradewind.registry.ledger import Ledger, NewDecision
from tradewind.registry.serving import choose

EVERY = ("author", "validator", "approver", "operator")
ROLES = {"grace": ("admin",), "max": EVERY, "mia": EVERY, "moe": EVERY, "ada": ("author",), "otto": ("operator",)}
STAFF = {name: Person.generate(name) for name in (*ROLES, "eve")}
WHO = st.sampled_from([*["max", "mia", "moe"] * 4, *sorted(STAFF)])
"""Mostly people with many roles: what they may not do is the question."""
ONWARD = {"draft": "validated", "validated": "approved", "approved": "champion", "champion": "approved"}
BEGAN = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass
class _Clock:
    at: datetime = BEGAN

    def now(self) -> datetime:
        return self.at


def _people() -> People:
    people = People(path=Path("people.toml"), entries=())
    for name, roles in ROLES.items():
        people = people.enrolled(name, roles, STAFF[name].public, by=STAFF["grace"], clock=_Clock())
    return people


PEOPLE = _people()


@dataclass
class Told:
    """What the test itself knows of a version; written down again, apart from the rules' table."""

    author: str
    stage: str = "draft"
    validator: str = ""
    approver: str = ""


class Workflow(RuleBasedStateMachine):
    """People who try everything, and a second opinion on what they may do."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger("demo", PEOPLE, Path("demo.jsonl"))
        self.now = BEGAN
        self.told: dict[int, Told] = {}
        self.pinned: tuple[int, datetime] | None = None
        self.fallen: str | None = None
        self.stopped = False

    def attempt(self, new: NewDecision, who: str, *, permitted: bool) -> bool:
        """Let ``who`` decide; it must succeed exactly where the second opinion permits it."""
        self.now += timedelta(seconds=1)
        count = len(self.ledger.decisions)
        try:
            self.ledger.decide(new, STAFF[who], self.now)
        except UsageError:
            assert not permitted, (new, who)
            assert len(self.ledger.decisions) == count
            return False
        assert permitted, (new, who)
        return True

    @precondition(lambda self: len(self.told) < 3)
    @rule(who=WHO)
    def register(self, who: str) -> None:
        version = len(self.told) + 1
        new = NewDecision(version=version, end=Stage.draft, reason="new", model_sha256="m", record_sha256="r")
        if self.attempt(new, who, permitted="author" in ROLES.get(who, ())):
            self.told[version] = Told(author=who)

    @precondition(lambda self: self.told)
    @rule(data=st.data(), people=st.lists(WHO, min_size=1, max_size=4), reason=st.sampled_from(["because"] * 9 + [""]))
    def steps(self, data: st.DataObject, people: list[str], reason: str) -> None:
        version = data.draw(st.sampled_from(sorted(self.told)))
        for who in people:
            self.move_to(version, who, Stage(ONWARD.get(self.told[version].stage, "draft")), reason)

    @precondition(lambda self: self.told)
    @rule(data=st.data(), who=WHO, to=st.sampled_from(list(Stage)))
    def leap(self, data: st.DataObject, who: str, to: Stage) -> None:
        self.move_to(data.draw(st.sampled_from(sorted(self.told))), who, to, "because")

    def move_to(self, version: int, who: str, to: Stage, reason: str) -> None:
        """Let ``who`` try to move a version."""
        one, roles = self.told[version], ROLES.get(who, ())
        way = (one.stage, str(to))
        champions = [t for t in self.told.values() if t.stage == "champion"]
        permitted = bool(reason) and (
            (way == ("draft", "validated") and "validator" in roles and who != one.author)
            or (way == ("validated", "approved") and "approver" in roles and who not in {one.author, one.validator})
            or (way == ("approved", "champion") and "operator" in roles and who != one.author and not champions)
            or (way == ("champion", "approved") and "operator" in roles)
            or (way[0] in {"validated", "approved"} and to == "draft" and {"validator", "approver"} & set(roles))
            or (one.stage != "retired" and to == "retired" and {"approver", "operator", "admin"} & set(roles))
        )
        if self.attempt(NewDecision(version=version, end=to, reason=reason), who, permitted=bool(permitted)):
            if way == ("draft", "validated"):
                one.validator = who
            if way == ("validated", "approved"):
                one.approver = who
            if to == "draft":
                one.validator = one.approver = ""
            one.stage = str(to)
            if self.pinned and self.pinned[0] == version and one.stage not in {"approved", "champion"}:
                self.pinned = None

    @precondition(lambda self: self.told)
    @rule(data=st.data(), who=WHO, hours=st.integers(1, 5))
    def override(self, data: st.DataObject, who: str, hours: int) -> None:
        version = data.draw(st.sampled_from(sorted(self.told)))
        one, until = self.told[version], self.now + timedelta(hours=hours)
        permitted = one.stage in {"approved", "champion"} and "operator" in ROLES.get(who, ()) and who != one.author
        new = NewDecision(act=Act.override, version=version, reason="pin", details={"until": until.isoformat()})
        if self.attempt(new, who, permitted=permitted):
            self.pinned = (version, until)

    @rule(who=WHO, goal=st.sampled_from([None, "1", "2", "momentum"]))
    def fallback(self, who: str, goal: str | None) -> None:
        version = {None: 0, "momentum": 1}.get(goal) if goal in {None, "momentum"} else int(str(goal))
        known = version == 0 or (version in self.told and self.told[version].stage in {"approved", "champion"})
        if version not in {0, *self.told}:
            return
        own = goal in {"1", "2"} and self.told[int(goal)].author == who
        new = NewDecision(act=Act.fallback, version=int(version or 0), reason="drift", details={"target": goal})
        if self.attempt(new, who, permitted=known and "operator" in ROLES.get(who, ()) and not own):
            self.fallen, self.stopped = goal, goal is None

    @rule(who=WHO)
    def resume(self, who: str) -> None:
        new = NewDecision(act=Act.resume, version=0, reason="over")
        if self.attempt(new, who, permitted="operator" in ROLES.get(who, ())):
            self.pinned, self.fallen, self.stopped = None, None, False

    @rule(hours=st.integers(1, 6))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def only_what_three_people_stood_for_is_served(self) -> None:
        for asked in (None, *self.told):
            try:
                choice = choose(self.ledger, self.now, asked)
            except UsageError:
                continue
            assert not self.stopped
            if choice.baseline is not None:
                assert (choice.baseline, self.fallen) == ("momentum", "momentum")
                continue
            one = self.told[choice.version]
            assert one.stage in {"approved", "champion"}
            assert len({one.author, one.validator, one.approver}) == 3
            assert "" not in {one.author, one.validator, one.approver}
            if asked is not None:
                assert choice.version == asked
            elif self.fallen:
                assert choice.version == int(self.fallen)
            elif self.pinned and self.now < self.pinned[1]:
                assert choice.version == self.pinned[0]
            else:
                assert one.stage == "champion"

    @invariant()
    def there_is_one_champion_at_most(self) -> None:
        assert sum(one.stage == "champion" for one in self.told.values()) <= 1
        assert {v: str(s.stage) for v, s in self.ledger.versions.items()} == {v: t.stage for v, t in self.told.items()}

    def teardown(self) -> None:
        """What is written reads back as the same, verified decision by decision."""
        with tempfile.TemporaryDirectory() as folder:
            self.ledger.path = Path(folder) / "demo.jsonl"
            self.ledger.write()
            again = Ledger.read("demo", PEOPLE, self.ledger.path, now=self.now)
        assert again.decisions == self.ledger.decisions
        assert again.versions == self.ledger.versions
        assert again.head == self.ledger.head


TestWorkflow = Workflow.TestCase
TestWorkflow.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
