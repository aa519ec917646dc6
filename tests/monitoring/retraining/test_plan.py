"""How a retraining is done follows from why, and an update keeps what it says it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tradewind.core import Severity, UsageError
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.retraining import (
    Materials,
    Occasion,
    PastRun,
    Plan,
    PlanSettings,
    TrialSettings,
    TrialWindow,
    TriggerFired,
    make_challenger,
    make_plan,
)
from tradewind.monitoring.retraining.trial import probability
from tradewind.training import FairnessSettings

pytestmark = pytest.mark.slow

NOW = datetime(2025, 6, 2, tzinfo=UTC)


def fired(name: str, **evidence: object) -> TriggerFired:
    return TriggerFired(trigger=name, reason="because", at=NOW, evidence=evidence)


def found(kind: str) -> Finding:
    at = NOW - timedelta(days=2)
    return Finding(
        kind=kind, area=Area.PERFORMANCE, severity=Severity.WARNING, message="seen", time=at, known_at=at
    )  # fmt: skip


def plan_of(world, *names: str, findings=(), runs=(), settings=None) -> Plan:
    occasion = Occasion(fired=[fired(name) for name in names], at=NOW, findings=findings, runs=runs)
    return make_plan(world.champion, occasion, settings)


def test_a_changed_world_asks_for_everything_anew_and_the_calendar_for_an_update(world) -> None:
    assert plan_of(world, "drift").kind == "full"
    assert plan_of(world, "performance", "calendar").kind == "full"
    due = plan_of(world, "calendar")
    assert due.kind == "incremental"
    assert due.refit == ("logistic", "random_forest")
    assert "logistic, random_forest fitted anew" in due.reason
    assert plan_of(world, "by_hand").kind == "full"
    assert Plan.from_dict(due.to_dict()) == due


def test_lost_calibration_alone_asks_for_an_update(world) -> None:
    assert plan_of(world, "by_hand", findings=[found("calibration_drift")]).kind == "incremental"
    lost = [found("calibration_drift"), found("accuracy_drop")]
    assert plan_of(world, "by_hand", findings=lost).kind == "full"


def test_after_some_updates_everything_is_fitted_anew(world) -> None:
    runs = [
        PastRun(run=str(i), started=NOW, finished=True, won=True, trigger="calendar", kind="incremental")
        for i in range(3)
    ]
    assert plan_of(world, "calendar", runs=runs[:2]).kind == "incremental"
    assert plan_of(world, "calendar", runs=runs).kind == "full"


def test_what_is_asked_for_is_done_and_what_cannot_be_is_refused(world) -> None:
    asked = Occasion(fired=[fired("by_hand", kind="incremental")], at=NOW)
    assert make_plan(world.champion, asked).kind == "incremental"
    assert plan_of(world, "calendar", settings=PlanSettings(kind="full")).kind == "full"
    settings = world.champion.settings.model_copy(update={"fairness": FairnessSettings(equalise="parity")})
    fair = replace(world.champion, settings=settings)
    with pytest.raises(UsageError, match="cannot be updated"):
        make_plan(fair, asked)
    assert make_plan(fair, Occasion(fired=[fired("calendar")], at=NOW)).kind == "full"


def test_an_update_without_days_that_the_members_have_not_seen_is_refused(world) -> None:
    times = world.data.panel.times
    window = TrialWindow.of(world.data.labels, times[230], TrialSettings(), times[300])
    assert window.start > times[231]
    plan = Plan(kind="incremental", window="moving", months=8, refit=(), reason="test")
    early = replace(window, train_end=times[240])
    with pytest.raises(UsageError, match="can be learned from"):
        make_challenger(world.champion, plan, Materials(data=world.data), early)


def test_a_kept_member_is_joined_anew_by_days_it_has_not_seen(world) -> None:
    times, data = world.data.panel.times, world.data
    window = TrialWindow.of(data.labels, times[230], TrialSettings(), times[-1])
    on = Materials(data=data)
    plan = Plan(kind="incremental", window="expanding", months=8, refit=(), reason="test")
    made = make_challenger(world.champion, plan, on, window, PlanSettings(refit=(), recent_months=3))
    assert data.labels.start[made.rows].min() >= np.datetime64(world.champion.record["trained_until"], "us")
    assert data.labels.end[made.rows].max() <= window.train_end
    rows = window.rows(data.labels)
    old, new = probability(world.champion, on, rows), probability(made.model, on, rows)
    right = data.labels.direction[rows]
    known = np.isfinite(right)
    # the rule has turned round: a calibration that saw that believes the members less than the old one did
    assert np.mean((new[known] - right[known]) ** 2) < np.mean((old[known] - right[known]) ** 2)
    assert made.model.record["updated"]["refit"] == []


def test_a_refit_member_is_another_and_the_others_stay(world) -> None:
    times, data = world.data.panel.times, world.data
    window = TrialWindow.of(data.labels, times[230], TrialSettings(), times[-1])
    plan = Plan(kind="incremental", window="moving", months=8, refit=("logistic",), reason="test")
    made = make_challenger(world.champion, plan, Materials(data=data), window).model
    prepared, rows = world.champion.prepare(data, None), np.arange(100, 160)
    pairs = {
        name: (world.champion.ensemble.members[name].predict(prepared, rows).probability,
               made.ensemble.members[name].predict(prepared, rows).probability)
        for name in ("logistic", "random_forest")
    }  # fmt: skip
    np.testing.assert_array_equal(*pairs["random_forest"])
    assert not np.allclose(*pairs["logistic"])
