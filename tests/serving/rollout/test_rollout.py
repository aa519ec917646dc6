"""A rollout as a whole: up, back in a second, forward by decision, and the same after a restart."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core import Event, TradewindError, UsageError
from tradewind.serving.rollout import (
    Arm,
    Counts,
    Experiment,
    Guardrails,
    Hooks,
    PairedDay,
    Ramp,
    Rollout,
    paired_day,
)
from tradewind.streaming.records import Prediction

CONTROL = Arm(name="control", model="m/1", share=0.99)
CANARY = Arm(name="canary", model="m/2", share=0.01)
DAY = 86_400_000_000


class Now:
    """A clock and a monotonic clock that are set by hand; the wall clock may jump alone."""

    def __init__(self) -> None:
        self.passed, self.jump = 0.0, timedelta()

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed) + self.jump

    def __call__(self) -> float:
        return self.passed


class Scene:
    """A rollout with clocks, and what it told whom."""

    def __init__(self, folder: Path, **given: Any) -> None:
        values: dict[str, Any] = {
            "name": "test",
            "kind": "canary",
            "arms": (CONTROL, CANARY),
            "ramp": Ramp(seconds=10, requests=100),
            "minimum_days": 5,
            "margin": 0.02,
        }
        self.experiment = Experiment.model_validate(values | given)
        self.folder, self.time = folder, Now()
        self.events: list[Event] = []
        self.records: list[tuple[str, Mapping[str, Any]]] = []
        self.asked: list[tuple[str, str]] = []
        self.answer: bool | TradewindError = True
        self.rollout = self.opened()

    def opened(self) -> Rollout:
        hooks = Hooks(
            decide=self.decide, emit=self.events.append, record=lambda kind, facts: self.records.append((kind, facts))
        )
        return Rollout(self.experiment, self.folder, hooks, clock=self.time, monotonic=self.time)

    def decide(self, action: str, model: str, evidence: Mapping[str, Any]) -> bool:
        self.asked.append((action, model))
        assert evidence["goal_p_value"] <= evidence["goal_alpha"]
        if isinstance(self.answer, TradewindError):
            raise self.answer
        return self.answer

    def second(self, requests: int = 1000, failed: float = 0.0, slow: float = 0.0, control_failed: float = 0.0) -> None:
        """Let a second of traffic pass, at the shares of now."""
        counts = {}
        for name, share in self.rollout.router.shares.items():
            count, mine = round(requests * share), name != "control"
            bad = math.ceil((failed if mine else control_failed) * count)
            counts[name] = Counts(requests=count, failed=bad, slow=math.ceil(slow * count) if mine else 0)
        self.time.passed += 1.0
        self.rollout.look(counts)

    def to_the_top(self) -> None:
        for _ in range(200):
            self.second(10_000)
            if self.rollout.router.shares["canary"] == 1.0:
                return
        raise AssertionError("it did not climb")

    def days(self, difference: float, count: int, first: int = 0, spread: float = 0.01) -> None:
        random = np.random.default_rng(1)
        for day in range(first, first + count):
            value = difference + float(random.normal(0, spread))
            self.rollout.day(PairedDay(time=day * DAY, model="m/2", pairs=50, difference=value))

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


def test_a_good_canary_climbs_step_by_step_and_is_promoted_by_a_decision(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    seen = {scene.rollout.router.shares["canary"]}
    scene.days(0.0, 120)
    assert scene.asked == [], "a canary at 1 % is not promoted, however good its days"
    for _ in range(60):
        scene.second(20_000)
        seen.add(scene.rollout.router.shares["canary"])
    assert seen == {0.01, 0.05, 0.25, 0.5, 1.0}
    assert scene.asked == [("promote", "m/2")]
    assert scene.rollout.status == "promoted"
    assert scene.rollout.choose("anybody", "AAA").model == "m/2"
    assert [kind for kind, _ in scene.records] == ["rollout_begun", *["canary_share"] * 4, "goal_reached", "promotion"]


@pytest.mark.parametrize("fault", [{"failed": 0.3}, {"slow": 0.5}])
def test_a_breach_takes_the_canary_back_within_two_windows(tmp_path: Path, fault: dict[str, float]) -> None:
    scene = Scene(tmp_path)
    for _ in range(300):
        scene.second()
    scene.second(1000, **fault)
    scene.second(1000, **fault)
    assert scene.rollout.status == "rolled_back"
    assert {scene.rollout.choose(f"c{i}", "AAA").model for i in range(2000)} == {"m/1"}
    (event,) = [event for event in scene.events if event.kind == "rollback"]
    assert event.evidence["breached"]
    assert scene.records[-1][0] == "rollback"
    assert scene.asked == [], "nobody is asked before a canary is taken back"


def test_requests_that_are_observed_count_as_failed_and_as_slow(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for place in range(40):
        scene.rollout.observe("canary", 0.001, place < 10)
        scene.rollout.observe("control", 0.001, False)
        scene.rollout.observe("champion", 9.0, True)  # answered outside the experiment
    scene.second(0)
    assert scene.rollout.status == "rolled_back"
    slow = Scene(tmp_path / "slow")
    for _ in range(20):
        slow.rollout.observe("canary", 0.06, False)
    slow.second(0)
    assert slow.rollout.reason == "canary: latency"


def test_a_fault_of_both_sides_is_no_reason_by_comparison(tmp_path: Path) -> None:
    scene = Scene(tmp_path, guardrails=Guardrails(error_rate=None))
    for _ in range(25):
        scene.second(1000, failed=0.3, control_failed=0.3)
    assert scene.rollout.status == "running"
    for _ in range(5):
        scene.second(1000, failed=0.3)
    assert scene.rollout.status == "rolled_back"


def test_worse_days_take_it_back(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.days(-0.1, 60)
    assert scene.rollout.status == "rolled_back"
    assert "score_drop" in scene.rollout.reason


def test_it_waits_where_there_is_too_little_traffic_or_suspicion(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for _ in range(9):
        scene.second(100)
    assert scene.rollout.router.shares["canary"] == 0.01
    scene.time.jump = timedelta(days=2)
    scene.second(100)
    assert scene.rollout.router.shares["canary"] == 0.01, "ten requests are too few, whatever the wall clock says"
    suspicious = Scene(tmp_path / "other", guardrails=Guardrails(compare_errors=False, alpha=1e-12))
    for _ in range(12):
        suspicious.second(10_000, failed=0.04)
    assert suspicious.rollout.status == "running"
    assert suspicious.rollout.router.shares["canary"] == 0.01


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.days(0.0, 10)
    for _ in range(25):
        scene.second(20_000)
    before = scene.rollout
    again = scene.opened()
    assert again.router.shares == before.router.shares != {"control": 0.99, "canary": 0.01}
    assert again.evidence("canary")["days"] == 10
    assert again.evidence("canary")["goal_p_value"] == before.evidence("canary")["goal_p_value"]
    assert [again.choose(f"c{i}", "") for i in range(300)] == [before.choose(f"c{i}", "") for i in range(300)]
    scene.rollout = again
    scene.second(5000, failed=0.5)
    scene.second(5000, failed=0.5)
    assert again.status == "rolled_back"
    assert scene.opened().status == "rolled_back"
    assert scene.opened().choose("c1", "").model == "m/1"


def test_outcomes_of_a_day_count_once_and_in_order_also_after_a_restart(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.days(0.0, 3)
    scene.days(0.0, 3)
    scene.rollout = scene.opened()
    scene.days(0.0, 3)
    scene.rollout.day(PairedDay(time=9 * DAY, model="m/2", pairs=2, difference=-1.0))
    assert scene.rollout.evidence("canary")["days"] == 3
    with pytest.raises(UsageError, match="no challenger"):
        scene.rollout.day(PairedDay(time=9 * DAY, model="m/9", pairs=20, difference=0.0))


def test_a_damaged_state_serves_the_control_and_says_so(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.to_the_top()
    path = tmp_path / "test.rollout"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    again = scene.opened()
    assert again.status == "stopped"
    assert {again.choose(f"c{i}", "").model for i in range(500)} == {"m/1"}
    assert scene.kinds()[-1] == "rollout_state_unreadable"
    assert scene.opened().status == "stopped"


def test_other_settings_under_the_same_name_are_refused(tmp_path: Path) -> None:
    Scene(tmp_path)
    with pytest.raises(UsageError, match="other settings"):
        Scene(tmp_path, margin=0.03)


def test_a_state_that_cannot_be_written_does_not_keep_a_bad_canary_in_service(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    kept = tmp_path / "kept"
    scene.folder.rename(kept)
    scene.folder.write_text("a file where the folder was")
    scene.second(10_000, failed=0.5)
    assert scene.rollout.status == "rolled_back"
    assert scene.rollout.choose("anybody", "").model == "m/1"
    assert "rollout_state_not_written" in scene.kinds()
    scene.folder.unlink()
    kept.rename(scene.folder)
    scene.second(10)
    assert scene.opened().status == "rolled_back"


def test_a_refused_or_failed_promotion_is_asked_for_again_later(tmp_path: Path) -> None:
    scene = Scene(tmp_path, ask_again=100.0)
    scene.answer = False
    scene.to_the_top()
    scene.days(0.0, 120)
    assert scene.asked == [("promote", "m/2")]
    assert scene.rollout.status == "running"
    scene.answer = UsageError("nobody has approved it")
    for _ in range(101):
        scene.second(100)
    assert len(scene.asked) == 2
    assert "promotion_failed" in scene.kinds()
    scene.answer = True
    for _ in range(101):
        scene.second(100)
    assert scene.rollout.status == "promoted"
    assert [kind for kind, _ in scene.records].count("goal_reached") == 1


def test_hold_tells_and_does_not_ask_and_stop_ends_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path, promote="hold")
    scene.to_the_top()
    scene.days(0.0, 120)
    assert scene.asked == []
    assert scene.kinds().count("goal_reached") == 1
    scene.rollout.stop("the quarter ends")
    assert (scene.rollout.status, scene.rollout.reason) == ("stopped", "the quarter ends")
    assert scene.rollout.choose("anybody", "").model == "m/1"


def test_of_several_arms_one_is_taken_back_and_another_promoted(tmp_path: Path) -> None:
    arms = (
        Arm(name="control", model="m/1", share=0.4),
        Arm(name="bad", model="m/3", share=0.3),
        Arm(name="good", model="m/2", share=0.3),
    )
    scene = Scene(tmp_path, kind="ab", arms=arms, goal="better")
    before = [scene.rollout.choose(f"c{i}", "") for i in range(500)]
    counts = {"bad": Counts(requests=500, failed=100), "good": Counts(requests=500), "control": Counts(requests=900)}
    scene.time.passed += 1
    scene.rollout.look(counts)
    assert scene.rollout.status == "running"
    assert scene.rollout.router.shares == {"control": 0.7, "bad": 0.0, "good": 0.3}
    after = [scene.rollout.choose(f"c{i}", "") for i in range(500)]
    assert all(a == b for a, b in zip(before, after, strict=True) if a.arm != "bad")
    scene.days(0.08, 60)
    assert scene.asked == [("promote", "m/2")]
    assert scene.rollout.status == "promoted"


def test_a_shadow_answers_nobody_and_is_never_promoted(tmp_path: Path) -> None:
    scene = Scene(tmp_path, kind="shadow")
    scene.days(0.05, 100)
    assert {scene.rollout.choose(f"c{i}", "").model for i in range(500)} == {"m/1"}
    assert scene.asked == []
    assert scene.kinds() == ["goal_reached"]


def test_outcomes_are_joined_with_what_was_said_before_they_were_known(
    tmp_path: Path, make_prediction: Callable[..., Prediction]
) -> None:
    scene = Scene(tmp_path)
    names = [f"S{i:02d}" for i in range(20)]

    def said(time: int, model: str) -> list[Prediction]:
        right = model == "m/2"
        made = [make_prediction(name, time=time, model=model, probability=0.6 if right else 0.4) for name in names]
        late = make_prediction("LATE", time=time, model=model, probability=0.4 if right else 0.6, made_at=time + 10**9)
        return [*made, late]

    moves = dict.fromkeys([*names, "LATE"], 0.01)
    scene.rollout.know(DAY, moves, said, known_at=DAY + 10**8)
    scene.rollout.know(DAY, moves, said, known_at=DAY + 10**8)
    assert scene.rollout.evidence("canary")["days"] == 1
    assert scene.rollout.evidence("canary")["mean_difference"] == 1.0
    scene.rollout.know(2 * DAY, moves, said)
    assert scene.rollout.evidence("canary")["mean_difference"] == pytest.approx((1.0 + 19 / 21) / 2)
    scene.rollout.know(3 * DAY, {}, said)
    assert scene.rollout.evidence("canary")["days"] == 2


CHILD = """
import sys, time
from tradewind.serving.cache import PredictionStore, entry_of
from tradewind.serving.rollout import Arm, Counts, Experiment, Rollout
from tradewind.streaming.records import Prediction

arms = (Arm(name="control", model="m/1", share=0.5), Arm(name="canary", model="m/2", share=0.5))
rollout = Rollout(Experiment(name="killed", kind="ab", arms=arms), sys.argv[1])
store = PredictionStore(sys.argv[1] + "/p.db")
begin = store.count()
for step in range(begin, begin + 10**6):
    rollout.look({"canary": Counts(requests=1000, failed=1), "control": Counts(requests=1000, failed=1)})
    made = Prediction(id=str(step), symbol="AAA", time=step, known_at=step, made_at=step, model="m/1", probability=0.5,
                      expected_return=0.0, lower=-0.1, upper=0.1, inputs_id=str(step))
    store.write([entry_of(made)])
    print(rollout.evidence("canary")["requests"], store.count(), flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_nothing_that_was_said_to_be_kept_is_lost(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    requests = rows = 0
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(float(random.uniform(0, 0.1)))
        child.kill()
        said = (first + child.stdout.read()).split("\n")[:-1]
        child.stdout.close()
        child.wait()
        begun = [int(number) for number in said[0].split()]
        assert begun[0] >= requests + 1000
        assert begun[1] >= rows + 1
        requests, rows = (int(number) for number in said[-1].split())


@pytest.mark.slow
def test_an_arm_that_is_no_better_is_seldom_promoted_or_taken_back_over_a_year(tmp_path: Path) -> None:
    promoted = back = 0
    arms = (Arm(name="control", model="m/1", share=0.5), Arm(name="canary", model="m/2", share=0.5))
    for run in range(6):
        scene = Scene(tmp_path / str(run), kind="ab", arms=arms, goal="better")
        random = np.random.default_rng(run)
        for day in range(250):
            found = PairedDay(time=day * DAY, model="m/2", pairs=50, difference=float(random.normal(0, 0.05)))
            if scene.rollout.day(found) != "running":
                break
        promoted += scene.rollout.status == "promoted"
        back += scene.rollout.status == "rolled_back"
    assert promoted <= 2
    assert back <= 1


def test_stats_are_json_ready_and_say_what_is_known(tmp_path: Path) -> None:
    import msgspec

    scene = Scene(tmp_path)
    scene.second(1000)
    found = msgspec.json.decode(msgspec.json.encode(scene.rollout.stats()))
    assert found["status"] == "running"
    assert found["requests"] == {"control": 990, "canary": 10}
    assert found["arms"]["canary"]["requests"] == 10
    assert found["out"] == []
    assert found["arms"]["canary"]["guard_p_values"]["latency"] == 1.0


def test_days_pair_what_both_forecast_and_leave_out_what_did_not_move(
    make_prediction: Callable[..., Prediction],
) -> None:
    def by(model: str, **probability: float) -> list[Prediction]:
        return [make_prediction(name, time=5, model=model, probability=p) for name, p in probability.items()]

    control = by("m/1", A=0.6, B=0.6, C=0.6, D=0.4)
    challenger = [*by("m/2", A=0.7, B=0.4, C=0.9, E=0.9), make_prediction("D", time=4, model="m/2")]
    moves = {"A": 0.01, "B": -0.02, "C": 0.0, "D": 0.1, "E": 0.1}
    found = paired_day(5, moves, control, challenger)
    assert found == PairedDay(time=5, model="m/2", pairs=2, difference=0.5)
    assert paired_day(5, {"A": float("nan")}, control, challenger) is None
    brier = paired_day(5, {"A": 0.01}, control, challenger, metric="brier")
    assert brier is not None
    assert brier.difference == pytest.approx(0.4**2 - 0.3**2)
    sure = paired_day(5, {"A": -1.0}, by("m/1", A=0.5), by("m/2", A=1.0), metric="log_loss")
    assert sure is not None
    assert -1.0 <= sure.difference < -0.5
