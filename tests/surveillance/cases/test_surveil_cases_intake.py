"""Which alerts become one case, and what is done twice only once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tradewind.core.errors import UsageError
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.cases import CaseState, IntakeSettings
from tradewind.surveillance.schemes import Scheme

Make = Callable[..., Alert]
HOUR = 3600.0


def test_the_same_alerts_again_change_nothing(desk: Any, alert: Make) -> None:
    given = [alert(1), alert(2, accounts=("b",)), alert(3, accounts=("b", "c"), at=60)]
    with desk.store() as store:
        first = store.ingest(given, "monday")
        acts, before = store.history(), [case.to_dict() for case in store.queue()]
        second = store.ingest(reversed(given), "monday")
        assert (first.new, len(first.opened)) == (3, 2)
        assert (second.new, second.revised, second.unchanged) == (0, 0, 3)
        assert store.history() == acts
        assert [case.to_dict() for case in store.queue()] == before


def test_an_alert_comes_back_as_it_was_given(desk: Any, alert: Make) -> None:
    given = alert(1, evidence=(4, 9), contributions={"rule": 1.5}, variant="ring")
    with desk.store() as store:
        store.ingest([given])
        found = store.alerts("1")[0]
    assert math.isnan(found.features["gap"])
    assert replace(found, features={}) == replace(given, features={})
    assert found.features["size"] == 2.0


@pytest.mark.parametrize(
    ("change", "together"),
    [
        ({"at": 600}, True),
        ({"at": 23 * HOUR}, True),
        ({"at": 25 * HOUR}, False),
        ({"at": -25 * HOUR}, False),
        ({"scheme": Scheme.LAYERING}, True),
        ({"scheme": Scheme.PUMP_AND_DUMP}, False),
        ({"accounts": ("z",)}, False),
        ({"accounts": ("a2", "z", "y", "x")}, True),
        ({"symbol": "XYZ", "accounts": ("a2", "a1")}, True),
        ({"symbol": "XYZ", "accounts": ("a2", "x", "y", "z", "w")}, False),
        ({"accounts": ()}, False),
    ],
)
def test_what_belongs_together(desk: Any, alert: Make, change: dict[str, Any], together: bool) -> None:
    with desk.store() as store:
        store.ingest([alert(1, accounts=("a1", "a2", "a3"))])
        made = store.ingest([alert(2, **{"accounts": ("a1", "a2", "a3"), **change})])
        assert (len(made.joined), len(made.opened)) == ((1, 0) if together else (0, 1))


def test_alerts_without_accounts_go_by_their_symbol(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1, accounts=()), alert(2, accounts=(), at=30), alert(3, accounts=(), symbol="XYZ")])
        assert sorted(len(case.alerts) for case in store.queue()) == [1, 2]


def test_linked_accounts_are_one_hand(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1, accounts=("a",))])
        made = store.ingest([alert(2, accounts=("c",), symbol="XYZ")], linked=[("a", "b"), ("b", "c")])
        assert made.joined == ("C000001",)
        assert store.get("1").accounts == ("a", "c")


def test_a_case_gathers_what_its_alerts_say(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1, tier=Tier.LOW, score=0.7)], "monday")
        first = store.get("1")
        desk.clock.move(30)
        more = alert(2, tier=Tier.CRITICAL, score=0.95, scheme=Scheme.LAYERING, accounts=("a1", "a2"), at=60)
        store.ingest([more], "tuesday")
        case = store.get("1")
    assert (case.tier, case.score, case.schemes) == (Tier.CRITICAL, 0.95, (Scheme.SPOOFING, Scheme.LAYERING))
    assert case.accounts == ("a1", "a2")
    assert case.runs == ("monday", "tuesday")
    assert case.title == "Spoofing and layering in ABC by a1 and 1 more"
    assert (case.first, case.last) == (alert(1).start, more.end)
    assert case.respond_by[:16] == "2026-03-02T09:45" < first.respond_by  # 15 minutes from when it became critical


def test_no_account_draws_everything_into_one_case(desk: Any, alert: Make) -> None:
    with desk.store(settings=IntakeSettings(most_alerts=3)) as store:
        store.ingest([alert(i, at=i) for i in range(7)])
        found = sorted(store.queue(), key=lambda case: case.id)
        assert [len(case.alerts) for case in found] == [3, 3, 1]
        assert found[1].related == ("C000001",)


def test_a_later_revision_is_one_alert_still_and_an_earlier_one_is_stale(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1, revision=1)], "live")
        made = store.ingest([alert(1, revision=2, score=0.99, lasts=50)], "live")
        assert (made.new, made.revised) == (0, 1)
        assert store.ingest([alert(1, revision=1, score=0.2)], "live").unchanged == 1
        assert [one.revision for one in store.alerts("1")] == [2]
        assert store.get("1").score == 0.99
        assert store.ingest([alert(1, revision=0, score=0.6)], "again with another model").revised == 1
        assert store.alerts("1")[0].score == 0.6


def test_new_evidence_sends_a_proposal_back(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        store.take("1", desk.ann)
        store.propose("1", "no_issue", desk.ann, "a hedge")
        store.ingest([alert(1, revision=1, score=0.91)])  # says no more than was known
        assert store.get("1").state is CaseState.PROPOSED
        store.ingest([alert(2, at=100)])
        case = store.get("1")
        assert (case.state, case.proposal, case.assignee) == (CaseState.IN_REVIEW, None, "ann")
        with pytest.raises(UsageError, match="in review: confirm is not possible"):
            store.confirm("1", desk.sam)


def close(store: Any, desk: Any, name: str, outcome: str) -> None:
    """Let two people close a case."""
    store.take(name, desk.ann)
    store.propose(name, outcome, desk.ann, "seen")
    store.confirm(name, desk.sam)


def test_a_closed_case_stays_closed_and_the_next_one_follows_it(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        close(store, desk, "1", "no_issue")
        closed = store.get("1")
        made = store.ingest([alert(2, at=60)])
        assert made.opened == ("C000002",)
        assert store.get("2").follows == ("C000001",)
        assert store.get("1") == closed


def test_an_alert_of_a_closed_case_told_anew(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        close(store, desk, "1", "no_issue")
        assert store.ingest([alert(1, revision=1, score=0.92)]).opened == ()
        made = store.ingest([alert(1, revision=2, tier=Tier.CRITICAL)])
        assert made.opened == ("C000002",)
        assert store.get("2").follows == ("C000001",)
        assert [one.revision for one in store.alerts("1")] == [1]
        assert store.get("1").tier is Tier.HIGH
        assert store.get("1").state is CaseState.CLOSED


def test_alerts_of_others_have_no_id(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1, id=""), alert(1, id="", at=60)])
        assert store.ingest([alert(1, id="")]).unchanged == 1
        assert len(store.get("1").alerts) == 2


def test_the_queue_is_in_the_order_of_work(desk: Any, alert: Make) -> None:
    tiers = [(1, Tier.LOW, 0.99), (2, Tier.HIGH, 0.8), (3, Tier.CRITICAL, 0.7), (4, Tier.HIGH, 0.95)]
    with desk.store() as store:
        store.ingest([alert(n, tier=tier, score=score, accounts=(str(n),)) for n, tier, score in tiers[:2]])
        desk.clock.move(61)
        store.ingest([alert(n, tier=tier, score=score, accounts=(str(n),)) for n, tier, score in tiers[2:]])
        titles = [case.accounts[0] for case in store.queue()]
        assert titles == ["3", "2", "4", "1"]  # the high one that is overdue before the surer one that is not
        assert [case.accounts[0] for case in store.queue(overdue=True)] == ["2"]
        assert len(store.queue(overdue=False)) == 3
        assert [case.accounts[0] for case in store.queue(tier="high", limit=1)] == ["2"]
        store.take("2", desk.ann)
        assert [case.id for case in store.queue(assignee="ann")] == ["C000002"]
        assert store.queue(overdue=True) == []
        with pytest.raises(UsageError, match="is no tier"):
            store.queue(tier="urgent")
