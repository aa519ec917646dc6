"""A retraining from the plan to the champion, with a real registry and real keys."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from tradewind.core import InputError, UsageError
from tradewind.core.clock import SystemClock
from tradewind.monitoring.retraining import (
    PlanSettings,
    Request,
    RetrainingSettings,
    Staff,
    Stand,
    TrialSettings,
    TriggerState,
)
from tradewind.registry import Person, Stage, make_record
from tradewind.training import TrainedModel

PLAN = PlanSettings(months=8)
ROBOTS = RetrainingSettings(explainer=False, plan=PLAN, approve_alone=True, promote_alone=True, canary_days=2)
ALL = ("validator", "approver", "operator")


def asked(bench, *, kind: str | None = "full", person: str = "ada") -> TriggerState:
    now = bench.clock.now()
    return TriggerState(now=now, request=Request(person=person, reason="the rule has turned", at=now, kind=kind))


def begun(bench, retrainer, state: TriggerState | None = None):
    state = state or asked(bench)
    decision = retrainer.check("demo", state)
    return retrainer.begin("demo", decision, state, as_of=bench.on.data.panel.times[-1])


@pytest.mark.slow
def test_a_retraining_goes_from_the_plan_to_the_champion_with_four_eyes(bench) -> None:
    retrainer = bench.retrainer(ROBOTS, *ALL)
    run = begun(bench, retrainer)
    waiting = retrainer.advance(run, bench.on)
    assert waiting.run.stand is Stand.canary
    assert "beside the champion" in waiting.waits_for
    assert bench.registry.challenger("demo") == 2
    assert bench.registry.champion("demo") == 1
    bench.clock.wait(days=3)
    done = retrainer.advance(run, bench.on).run
    assert done.finished
    assert done.won is True
    assert bench.registry.champion("demo") == 2
    signed = {d.to_stage: d.by for d in bench.registry.history("demo", 2) if d.to_stage}
    assert signed == {"draft": "ada", "validated": "vera", "approved": "paul", "champion": "otto"}
    record = bench.registry.record("demo", 2)
    assert record.metrics["trial"]["passed"] is True
    assert record.metrics["trial"]["judgement"]["gain"] > 0.02
    assert record.missing() == []
    steps = [body["step"] for kind, body in bench.told if kind == "retraining"]
    assert steps == ["planned", "data_checked", "trained", "registered", "trialled", "validated", "approved",
                     "canary", "champion"]  # fmt: skip
    kinds = [kind for kind, _ in bench.told]
    assert kinds.count("decision") >= 6


@pytest.mark.slow
def test_by_default_each_approval_waits_for_a_person_and_is_seen_once_made(bench) -> None:
    retrainer = bench.retrainer(RetrainingSettings(explainer=False, plan=PLAN))
    run = begun(bench, retrainer)
    first = retrainer.advance(run, bench.on)
    assert first.run.stand is Stand.trialled
    assert "models validate demo/2" in first.waits_for
    bench.registry.move("demo", 2, Stage.validated, bench.people["vera"], "looked at it")
    second = retrainer.advance(run, bench.on)
    assert second.run.steps[-1].by == "vera"
    assert "models approve demo/2" in second.waits_for
    bench.registry.move("demo", 2, Stage.approved, bench.people["paul"], "fit for use")
    bench.registry.move("demo", 2, Stage.champion, bench.people["otto"], "now")
    done = retrainer.advance(run, bench.on).run
    assert done.won is True
    assert [(step.stand, step.by) for step in done.steps[-3:]] == [
        (Stand.validated, "vera"), (Stand.approved, "paul"), (Stand.champion, "otto")
    ]  # fmt: skip


@pytest.mark.slow
def test_an_approver_robot_does_not_sign_unless_the_house_lets_it(bench) -> None:
    settings = RetrainingSettings(explainer=False, plan=PLAN)
    retrainer = bench.retrainer(settings, *ALL)
    waiting = retrainer.advance(begun(bench, retrainer), bench.on)
    assert waiting.run.stand is Stand.validated
    assert bench.registry.stage("demo", 2) is Stage.validated


def test_who_trains_is_never_who_approves(staff: dict[str, Person]) -> None:
    with pytest.raises(UsageError, match="who trains never approves"):
        Staff(author=staff["ada"], approver=staff["ada"])
    with pytest.raises(UsageError, match="who trains never approves"):
        Staff(author=staff["ada"], validator=Person("other", staff["ada"].key))
    with pytest.raises(UsageError, match="who trains never approves"):
        Staff(author=staff["ada"], operator=staff["ada"])
    with pytest.raises(UsageError, match="validator and approver"):
        Staff(author=staff["ada"], validator=staff["vera"], approver=staff["vera"])


@pytest.mark.slow
def test_a_robot_that_no_admin_enrolled_approves_nothing(bench) -> None:
    retrainer = bench.retrainer(ROBOTS, "validator", "operator")
    run = begun(bench, retrainer)
    stranger = Staff(
        author=bench.people["ada"], validator=bench.people["vera"], approver=bench.people["mallory"],
        operator=bench.people["otto"],
    )  # fmt: skip
    from tradewind.monitoring.retraining import Retrainer

    other = Retrainer(bench.registry, bench.store, stranger, ROBOTS, clock=bench.clock)
    with pytest.raises(UsageError, match="mallory"):
        other.advance(run, bench.on)
    assert bench.registry.stage("demo", 2) is Stage.validated
    assert retrainer.advance(run, bench.on).run.stand is Stand.validated


@pytest.mark.slow
def test_a_challenger_that_does_not_beat_the_champion_is_rejected_and_retired(bench) -> None:
    hard = ROBOTS.model_copy(update={"trial": TrialSettings(margin=5.0)})
    retrainer = bench.retrainer(hard, *ALL)
    done = retrainer.advance(begun(bench, retrainer), bench.on).run
    assert done.won is False
    assert bench.registry.stage("demo", 2) is Stage.retired
    assert bench.registry.champion("demo") == 1
    assert bench.registry.record("demo", 2).metrics["trial"]["passed"] is False
    past = bench.store.past("demo", bench.clock.now())
    assert [run.won for run in past] == [False]
    assert bench.store.tried("demo", bench.clock.now()) == 1


@pytest.mark.slow
def test_a_challenger_does_not_replace_a_champion_it_was_not_tried_against(bench, world) -> None:
    retrainer = bench.retrainer(ROBOTS, *ALL)
    run = begun(bench, retrainer)
    assert retrainer.advance(run, bench.on).run.stand is Stand.canary
    record = make_record(
        world.folder, name="demo", author="ada", metrics=world.metrics, use_case="trial", purpose="x",
        limitations=["Simulated data only."],
    )  # fmt: skip
    other = bench.registry.register(world.folder, record, bench.people["ada"])
    for stage, by in ((Stage.validated, "vera"), (Stage.approved, "paul"), (Stage.champion, "otto")):
        bench.registry.move("demo", other, stage, bench.people[by], "a hotter fix")
    bench.clock.wait(days=3)
    done = retrainer.advance(run, bench.on).run
    assert done.stand is Stand.rejected
    assert "version 3 is champion now" in done.steps[-1].words
    assert bench.registry.champion("demo") == 3


def test_retraining_on_bad_bars_is_refused_and_said(bench) -> None:
    panel = bench.on.data.panel
    broken = panel.high.copy()
    rows = np.flatnonzero(panel.time >= panel.times[-60])[::8]
    broken[rows] = panel.low[rows] * 0.5  # a high below the low
    bad = replace(bench.on, data=replace(bench.on.data, panel=replace(panel, high=broken)))
    retrainer = bench.retrainer(ROBOTS, *ALL)
    done = retrainer.advance(begun(bench, retrainer), bad).run
    assert done.stand is Stand.refused
    assert "grave fault" in done.steps[-1].words
    assert done.won is None
    assert bench.registry.versions("demo") == [1]


@pytest.mark.slow
def test_a_run_that_was_cut_between_any_two_steps_goes_on_and_does_nothing_twice(bench, monkeypatch) -> None:
    retrainer = bench.retrainer(ROBOTS, *ALL)
    run = begun(bench, retrainer)
    save, cuts = bench.store.save, []

    def cut_once(one) -> None:
        if one.stand not in cuts:
            cuts.append(one.stand)
            raise KeyboardInterrupt
        save(one)

    monkeypatch.setattr(bench.store, "save", cut_once)
    for _ in range(20):
        try:
            reached = retrainer.advance(run, bench.on)
        except KeyboardInterrupt:
            continue
        if reached.run.finished:
            break
        bench.clock.wait(days=3)
    assert reached.run.won is True
    assert len(cuts) == 8
    assert bench.registry.versions("demo") == [1, 2]
    assert bench.registry.champion("demo") == 2
    moves = [d.to_stage for d in bench.registry.history("demo", 2) if d.to_stage]
    assert moves == ["draft", "validated", "approved", "champion"]


def test_one_run_at_a_time_and_none_without_a_decision(bench) -> None:
    retrainer = bench.retrainer(ROBOTS)
    run = begun(bench, retrainer)
    again = retrainer.check("demo", asked(bench))
    assert not again.go
    assert run.id in again.words
    quiet = TriggerState(now=datetime.fromisoformat(run.started))
    with pytest.raises(UsageError, match="is not retrained"):
        retrainer.begin("demo", again, quiet, as_of="2014-01-01")
    with bench.store.alone("demo"), pytest.raises(UsageError, match="another process"):
        retrainer.advance(run, bench.on)
    bench.clock.wait(days=40)
    assert retrainer.check("demo", asked(bench)).go


@pytest.mark.slow
def test_another_process_cannot_retrain_meanwhile(bench, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tradewind.monitoring.retraining.runs import RunStore\n"
        "with RunStore(Path(sys.argv[1])).alone('demo'):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(bench.store.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        with pytest.raises(UsageError, match="another process"), bench.store.alone("demo"):
            pass
        other.kill()
    with bench.store.alone("demo"):
        pass


def test_a_damaged_run_is_named(bench) -> None:
    run = begun(bench, bench.retrainer(ROBOTS))
    path = bench.store.folder(run) / "run.json"
    content = json.loads(path.read_text())
    assert bench.store.load("demo", run.id) == run
    path.write_text(json.dumps({**content, "format": 9}))
    with pytest.raises(InputError, match="is no retraining run"):
        bench.store.load("demo", run.id)


@pytest.mark.slow
def test_the_calendar_brings_up_to_date_and_keeps_the_members(bench) -> None:
    settings = ROBOTS.model_copy(update={"plan": PlanSettings(refit=())})
    retrainer = bench.retrainer(settings)
    run = begun(bench, retrainer, TriggerState(now=bench.clock.now()))
    assert run.fired[0].trigger == "calendar"
    reached = retrainer.advance(run, bench.on).run
    assert "incremental" in reached.facts(Stand.planned)["plan"]["kind"]
    old, new = (TrainedModel.load(bench.registry.model_folder("demo", v)) for v in (1, 2))
    rows = np.arange(50, 80)
    data = old.prepare(bench.on.data, None)
    for name in old.ensemble.members:
        left, right = (one.ensemble.members[name].predict(data, rows).probability for one in (old, new))
        np.testing.assert_array_equal(left, right)
    assert any(one.startswith("Updated from version 1") for one in bench.registry.record("demo", 2).limitations)


def test_the_system_clock_is_the_default(bench) -> None:
    from tradewind.monitoring.retraining import Retrainer

    retrainer = Retrainer(bench.registry, bench.store, Staff(author=bench.people["ada"]))
    assert isinstance(retrainer._office.clock, SystemClock)


def test_an_update_with_too_few_new_days_ends_the_run_so_that_another_may_be_asked_for(bench) -> None:
    data, times = bench.on.data, bench.on.data.panel.times
    young = replace(bench.on, data=data.select(data.panel.time <= times[300]))
    retrainer = bench.retrainer(ROBOTS)
    state = TriggerState(now=bench.clock.now())
    run = retrainer.begin("demo", retrainer.check("demo", state), state, as_of=times[300])
    assert run.facts(Stand.planned)["plan"]["kind"] == "incremental"
    done = retrainer.advance(run, young).run
    assert done.stand is Stand.refused
    assert "20 are needed; ask for a full retraining" in done.steps[-1].words
    assert retrainer.check("demo", asked(bench)).go


@pytest.mark.slow
def test_a_challenger_that_a_person_put_beside_the_champion_is_seen(bench) -> None:
    retrainer = bench.retrainer(RetrainingSettings(explainer=False, plan=PLAN))
    run = begun(bench, retrainer)
    retrainer.advance(run, bench.on)
    bench.registry.move("demo", 2, Stage.validated, bench.people["vera"], "looked at it")
    bench.registry.move("demo", 2, Stage.approved, bench.people["paul"], "fit for use")
    bench.registry.challenge("demo", 2, bench.people["otto"], "beside it first")
    reached = retrainer.advance(run, bench.on)
    assert (reached.run.stand, reached.run.steps[-1].by) == (Stand.canary, "otto")
    assert "models promote demo/2" in reached.waits_for
    assert "challenge" not in reached.waits_for


@pytest.mark.slow
def test_a_run_holds_others_back_from_its_last_step_on(bench) -> None:
    retrainer = bench.retrainer(RetrainingSettings(explainer=False, plan=PLAN))
    run = begun(bench, retrainer)
    bench.clock.wait(days=29)
    retrainer.advance(run, bench.on)
    bench.clock.wait(days=29)
    assert not retrainer.check("demo", asked(bench)).go
    bench.clock.wait(days=2)
    assert retrainer.check("demo", asked(bench)).go
