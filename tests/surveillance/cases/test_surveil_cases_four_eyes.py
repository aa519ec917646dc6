"""Whatever people try, in whatever order, no case is closed but by two of them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tradewind.core.errors import InputError, UsageError
from tradewind.registry.people import Person
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.cases import CaseState, Outcome

NAMES = ("ann", "bob", "sue", "sam", "grace", "eve")
SUPERVISORS, ANALYSTS = {"sue", "sam"}, {"ann", "bob", "sue", "sam"}
people = st.sampled_from(NAMES)
cases = st.sampled_from(["C000001", "C000002"])


class Trying(RuleBasedStateMachine):
    """Tries everything, beside a plain model of what must be true."""

    desk_in: Callable[[Path], Any]
    alert: Callable[..., Alert]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.desk = type(self).desk_in(Path(self.folder.name))
        self.store = self.desk.store()
        self.store.ingest([type(self).alert(1), type(self).alert(2, accounts=("b1",))])
        self.number = 2
        self.state = dict.fromkeys(("C000001", "C000002"), CaseState.NEW)
        self.holder = dict.fromkeys(self.state, "")
        self.proposers: dict[str, list[str]] = {name: [] for name in self.state}
        self.outcome: dict[str, str] = {}

    def tries(self, may: bool, what: Callable[..., Any], *given: Any) -> None:
        """Do something that must be refused unless it ``may`` be done."""
        if may:
            what(*given)
        else:
            with pytest.raises(UsageError):
                what(*given)

    def person(self, name: str) -> Person:
        return self.desk.people[name]

    @rule(case=cases, by=people, to=people)
    def assign(self, case: str, by: str, to: str) -> None:
        fits = self.state[case] in (CaseState.NEW, CaseState.ASSIGNED, CaseState.IN_REVIEW)
        may = by in SUPERVISORS and to in ANALYSTS and fits
        self.tries(may, self.store.assign, case, to, self.person(by))
        if may:
            self.state[case], self.holder[case] = CaseState.ASSIGNED, to

    @rule(case=cases, by=people)
    def take(self, case: str, by: str) -> None:
        fits = self.state[case] in (CaseState.NEW, CaseState.ASSIGNED) and self.holder[case] in ("", by)
        may = by in ANALYSTS and fits
        self.tries(may, self.store.take, case, self.person(by))
        if may:
            self.state[case], self.holder[case] = CaseState.IN_REVIEW, by

    @rule(case=cases, by=people, outcome=st.sampled_from(list(Outcome)))
    def propose(self, case: str, by: str, outcome: Outcome) -> None:
        may = self.state[case] is CaseState.IN_REVIEW and self.holder[case] == by
        self.tries(may, self.store.propose, case, outcome, self.person(by), "seen")
        if may:
            self.state[case] = CaseState.PROPOSED
            self.proposers[case].append(by)
            self.outcome[case] = outcome.value

    @rule(case=cases, by=people, yes=st.booleans())
    def decide(self, case: str, by: str, yes: bool) -> None:
        apart = by not in self.proposers[case] and by != self.holder[case]
        may = self.state[case] is CaseState.PROPOSED and by in SUPERVISORS and apart
        act = self.store.confirm if yes else self.store.reject
        self.tries(may, act, case, self.person(by), "looked at")
        if may:
            self.state[case] = CaseState.CLOSED if yes else CaseState.IN_REVIEW

    @rule(case=cases, by=people)
    def note(self, case: str, by: str) -> None:
        self.tries(by in ANALYSTS, self.store.note, case, "a note", self.person(by))

    @rule(case=cases)
    def more_evidence(self, case: str) -> None:
        self.number += 1
        account = "a1" if case == "C000001" else "b1"
        made = self.store.ingest([type(self).alert(self.number, accounts=(account,), at=self.number)])
        if self.state[case] is CaseState.CLOSED:
            assert case not in made.joined
        else:
            assert made.joined == (case,)
            if self.state[case] is CaseState.PROPOSED:
                self.state[case] = CaseState.IN_REVIEW

    @invariant()
    def is_as_expected(self) -> None:
        for name, state in self.state.items():
            case = self.store.get(name)
            assert (case.state, case.assignee) == (state, self.holder[name])
            assert (case.state is CaseState.CLOSED) == (case.outcome is not None)
            if case.outcome is not None:
                assert case.outcome.value == self.outcome[name]
                assert case.confirmed_by in SUPERVISORS - set(self.proposers[name])

    def teardown(self) -> None:
        assert self.store.verify() == ()
        self.store.close()
        self.folder.cleanup()


@pytest.mark.slow
def test_no_way_round_the_second_person(desk_in: Callable[[Path], Any], alert: Callable[..., Alert]) -> None:
    limits = settings(max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    kinds = {"desk_in": staticmethod(desk_in), "alert": staticmethod(alert)}
    run_state_machine_as_test(type("Trial", (Trying,), kinds), settings=limits)


def test_a_supervisor_does_not_confirm_what_he_proposed_before(desk: Any, alert: Callable[..., Alert]) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        store.take("1", desk.sue)
        store.propose("1", "false_alarm", desk.sue, "a hedge")
        store.reject("1", desk.sam, "of what?")
        store.assign("1", "ann", desk.sam)
        store.take("1", desk.ann)
        store.propose("1", "false_alarm", desk.ann, "of an index")
        with pytest.raises(UsageError, match="second pair of eyes"):
            store.confirm("1", desk.sue)
        assert store.confirm("1", desk.sam).confirmed_by == "sam"


def test_another_key_under_the_same_name_signs_nothing(desk: Any, alert: Callable[..., Alert]) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        store.take("1", desk.ann)
        store.propose("1", "false_alarm", desk.ann, "a hedge")
        with pytest.raises(UsageError, match="another key"):
            store.confirm("1", Person("sam", desk.ann.key))
        assert store.get("1").state is CaseState.PROPOSED


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_decision_needs_a_reason(desk: Any, alert: Callable[..., Alert], reason: str) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        store.take("1", desk.ann)
        with pytest.raises(UsageError, match="reason is empty"):
            store.propose("1", "escalated", desk.ann, reason)
        with pytest.raises(UsageError, match="is no outcome"):
            store.propose("1", "guilty", desk.ann, "seen")
        with pytest.raises(UsageError, match="has no alert"):
            store.propose("1", "escalated", desk.ann, "seen", exceptions=("feed",))
        with pytest.raises(UsageError, match="text is empty"):
            store.note("1", reason, desk.ann)


def test_an_attachment_is_kept_by_its_hash(desk: Any, alert: Callable[..., Alert], tmp_path: Path) -> None:
    file = tmp_path / "chat.txt"
    file.write_bytes(b"sell it all")
    with desk.store() as store:
        store.ingest([alert(1)])
        kept = store.attach("1", file, desk.bob).attachments[0]
        assert (kept.sha256, kept.size, kept.by) == (hashlib.sha256(b"sell it all").hexdigest(), 11, "bob")
        with pytest.raises(InputError, match=r"nothing\.txt"):
            store.attach("1", tmp_path / "nothing.txt", desk.bob)


def test_taking_up_late_counts_from_the_tier(desk: Any, alert: Callable[..., Alert]) -> None:
    with desk.store() as store:
        store.ingest([alert(1, tier=Tier.CRITICAL)])
        desk.clock.move(15)
        assert not store.get("1").overdue(desk.clock.now())
        desk.clock.move(0.01)
        assert store.get("1").overdue(desk.clock.now())
