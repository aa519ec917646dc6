"""A bad promotion is taken back by itself, once, and noise takes none back."""

from __future__ import annotations

import importlib.util
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradewind.core import InputError, Severity, UsageError
from tradewind.core.clock import SystemClock
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.retraining.rollback import (
    Detector,
    Guarded,
    GuardReference,
    GuardSettings,
    RollbackGuard,
)
from tradewind.registry import Stage, make_record

REFERENCE = GuardReference(accuracy=0.62, deviation=0.10)


def server_runner():
    """Return what starts a real server, from the tests of the registry."""
    path = Path(__file__).parents[2] / "registry" / "test_served_champion.py"
    spec = importlib.util.spec_from_file_location("served_champion", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.running


def promoted(bench, world) -> None:
    """Make a second version champion of the bench's registry."""
    record = make_record(
        world.folder, name="demo", author="ada", metrics=world.metrics, use_case="trial", purpose="x",
        limitations=["Simulated data only."],
    )  # fmt: skip
    version = bench.registry.register(world.folder, record, bench.people["ada"])
    for stage, by in ((Stage.validated, "vera"), (Stage.approved, "paul"), (Stage.champion, "otto")):
        bench.registry.move("demo", version, stage, bench.people[by], "as agreed")


def guard_of(bench, **more) -> RollbackGuard:
    guarded = Guarded(name="demo", operator=bench.people["otto"], state=bench.store.root / "guard.json")
    told = bench.told
    return RollbackGuard(
        bench.registry, guarded, more.pop("settings", None), reference=more.pop("reference", REFERENCE),
        clock=bench.clock, tell=lambda kind, body: told.append((kind, dict(body))),
    )  # fmt: skip


def finding(one, kind: str = "wrong_version", version: str = "demo/2") -> Finding:
    return Finding(
        kind=kind, area=Area.VERSION, severity=Severity.CRITICAL, message="callers are answered by demo/7",
        time=one.known_at, known_at=one.known_at, subject={"version": version},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wrong_version", "answers_differ"])
def test_a_wrong_version_is_taken_back_within_one_slice_and_once(bench, world, make_slices, kind: str) -> None:
    promoted(bench, world)
    slices = make_slices(6, champion="demo/2")
    guard = guard_of(bench)
    assert guard.observe(slices[0]) is None
    began = time.monotonic()
    made = guard.observe(slices[1], [finding(slices[1], kind)])
    assert time.monotonic() - began < 60
    assert made is not None
    assert (made.version, made.target, made.cause) == (2, "1", kind)
    assert made.seconds < 60
    assert bench.registry.serving("demo").record.version == 1
    order = bench.registry.orders("demo")["fallback"]
    assert order.by == "otto"
    assert "taken back by itself" in order.reason
    assert ("rollback", made.to_dict()) in bench.told
    for one in slices[2:]:
        assert guard.observe(one, [finding(one, kind)]) is None
    assert "was ordered" in guard.remark
    assert [d.act for d in bench.registry.history("demo")].count("fallback") == 1


@pytest.mark.slow
def test_only_a_person_resumes_and_the_cooldown_holds_over_a_restart(bench, world, make_slices) -> None:
    promoted(bench, world)
    slices = make_slices(4, champion="demo/2")
    assert guard_of(bench).observe(slices[0], [finding(slices[0])]) is not None
    bench.registry.resume("demo", bench.people["otto"], "looked into it")
    again = guard_of(bench)
    assert again.observe(slices[1], [finding(slices[1])]) is None
    assert "was ordered" in again.remark
    bench.clock.wait(days=8)
    assert again.observe(slices[2], [finding(slices[2])]) is not None
    assert not hasattr(RollbackGuard, "resume")


@pytest.mark.slow
def test_a_finding_about_another_model_or_an_order_of_a_person_moves_nothing(bench, world, make_slices) -> None:
    promoted(bench, world)
    slices = make_slices(3, champion="demo/2")
    guard = guard_of(bench)
    assert guard.observe(slices[0], [finding(slices[0], version="other/3")]) is None
    bench.registry.fallback("demo", "momentum", bench.people["otto"], "feed is wrong")
    assert guard.observe(slices[1], [finding(slices[1])]) is None
    assert "a fallback is in force" in guard.remark


@pytest.mark.slow
def test_many_failed_answers_take_it_back_and_few_do_not(bench, world, make_slices, replace_service) -> None:
    promoted(bench, world)
    slices = make_slices(3, champion="demo/2")
    guard = guard_of(bench)
    assert guard.observe(replace_service(slices[0], requests=1000, errors=40)) is None
    assert guard.observe(replace_service(slices[1], requests=20, errors=20)) is None
    made = guard.observe(replace_service(slices[2], requests=1000, errors=120))
    assert made is not None
    assert made.cause == "error_rate"
    assert "120 of 1000 answers failed" in made.reason


@pytest.mark.slow
def test_a_lost_skill_is_taken_back_and_later_slices_change_nothing(bench, world, make_slices) -> None:
    promoted(bench, world)
    slices = make_slices(
        160, 20, 3, champion="demo/2", skill=0.3, true_skill=lambda day: 0.3 if day < 60 else -0.3, rho=0.1
    )
    guard = guard_of(bench, reference=GuardReference(accuracy=0.61, deviation=0.12))
    told = []
    for number, one in enumerate(slices):
        made = guard.observe(one)
        told.append((number, dict(guard.state())))
        if made is not None:
            break
    assert made is not None
    assert made.cause == "accuracy_drop"
    assert 60 < number < 110
    other = make_slices(160, 20, 3, champion="demo/2", skill=0.3, true_skill=lambda d: 0.3 if d < 40 else 0.9, rho=0.1)
    (bench.store.root / "guard.json").unlink()
    again = guard_of(bench, reference=GuardReference(accuracy=0.61, deviation=0.12))
    for (_, before), one in zip(told[:40], other[:40], strict=True):
        again.observe(one)
        assert again.state() == before


def test_a_first_champion_cannot_be_taken_back_and_that_is_said(bench, make_slices) -> None:
    one = make_slices(1, champion="demo/1")[0]
    guard = guard_of(bench)
    assert guard.observe(one, [finding(one, version="demo/1")]) is None
    assert "no champion to go back to" in guard.remark


@pytest.mark.slow
def test_without_a_trial_accuracy_is_not_watched_and_that_is_said(bench, world, make_slices) -> None:
    promoted(bench, world)
    guard = guard_of(bench, reference=None)
    assert guard.observe(make_slices(1, champion="demo/2")[0]) is None
    assert "accuracy is not watched" in guard.remark
    with pytest.raises(UsageError, match="was not tried"):
        GuardReference.of_record(bench.registry.record("demo", 2))


@pytest.mark.slow
def test_the_author_of_the_version_gone_back_to_cannot_be_the_guards_operator(bench, world, make_slices) -> None:
    promoted(bench, world)
    one = make_slices(1, champion="demo/2")[0]
    guarded = Guarded(name="demo", operator=bench.people["ada"], state=bench.store.root / "g.json")
    guard = RollbackGuard(bench.registry, guarded, reference=REFERENCE, clock=bench.clock)
    with pytest.raises(UsageError, match="operator"):
        guard.observe(one, [finding(one)])


@pytest.mark.slow
def test_the_test_goes_on_after_a_restart_as_if_there_had_been_none(bench, world, make_slices) -> None:
    promoted(bench, world)
    slices = make_slices(30, champion="demo/2")
    whole = guard_of(bench)
    for one in slices[:20]:
        whole.observe(one)
    told = whole.state()
    kept = (bench.store.root / "guard.json").read_bytes()
    back = guard_of(bench)
    back.observe(replace(slices[20], labels=None))
    assert back.state()["log_evidence"] == pytest.approx(told["log_evidence"], abs=1e-12)
    whole.observe(slices[20])
    (bench.store.root / "guard.json").write_bytes(kept)
    anew = guard_of(bench)  # what waits for its label is not forgotten
    anew.observe(slices[20])
    assert anew.state() == whole.state() != told
    path = bench.store.root / "guard.json"
    path.write_text(json.dumps({"version": 2}))
    with pytest.raises(InputError, match="is no guard's state"):
        guard_of(bench)


def days_of(rng: np.random.Generator, worlds: int, accuracy: float, days: int) -> np.ndarray:
    """(days, worlds) daily accuracies of 40 symbols that share a fifth of their luck, with some memory."""
    shared = np.zeros(worlds)
    out = np.empty((days, worlds))
    for day in range(days):
        shared = 0.1 * shared + np.sqrt(1 - 0.01) * rng.normal(size=worlds)
        p = np.clip(accuracy + 0.06 * shared, 0, 1)
        out[day] = rng.binomial(40, p) / 40
    return out


def test_noise_takes_back_less_than_once_in_ten_years_and_a_fall_is_found() -> None:
    rng = np.random.default_rng(11)
    quiet = days_of(rng, 400, 0.56, 252)
    reference = GuardReference(accuracy=0.56, deviation=float(quiet.std()))
    detector = Detector(reference, GuardSettings())

    def first(days: np.ndarray) -> np.ndarray:
        level, when = detector.start((days.shape[1],)), np.full(days.shape[1], np.inf)
        for number, day in enumerate(days):
            level = detector.update(level, day)
            when = np.where((detector.fallen(level) > 0) & np.isinf(when), number + 1, when)
        return when

    assert np.isfinite(first(quiet)).mean() < 0.1
    bad = first(days_of(rng, 200, 0.56 * 0.8, 252))
    assert np.isfinite(bad).mean() > 0.99
    assert np.median(bad) < 60


def test_days_of_fewer_forecasts_than_in_the_trial_take_nothing_back_by_chance() -> None:
    rng = np.random.default_rng(12)
    measured = float(days_of(rng, 400, 0.56, 63).std())
    detector = Detector(GuardReference(accuracy=0.56, deviation=measured, rows=40), GuardSettings())
    assert detector.reference.of_day(100) == detector.reference.of_day(40) == pytest.approx(measured)
    for symbols in (20, 5):
        luck = 0.06 * rng.normal(size=(252, 500))
        few = rng.binomial(symbols, 0.56 + luck) / symbols
        assert detector.reference.of_day(symbols) == pytest.approx(few.std(), rel=0.03)
        level, ever = detector.start((500,)), np.zeros(500, dtype=bool)
        for day in few:
            level = detector.update(level, day, symbols)
            ever |= detector.fallen(level) > 0
        assert ever.mean() < 0.1


def test_labels_that_overlap_take_nothing_back_by_chance() -> None:
    moves = np.random.default_rng(13).normal(size=(256, 400))
    days = 0.56 + 0.1 * np.stack([moves[day : day + 5].sum(axis=0) / np.sqrt(5) for day in range(252)])
    for horizon, most, least in ((5, 0.02, 0.0), (1, 1.0, 0.3)):
        detector = Detector(GuardReference(accuracy=0.56, deviation=0.1, horizon=horizon), GuardSettings())
        level, ever = detector.start((400,)), np.zeros(400, dtype=bool)
        for day in days:
            level = detector.update(level, day)
            ever |= detector.fallen(level) > 0
        assert least <= ever.mean() <= most


def test_the_expected_run_length_holds_for_normal_days_by_the_theory() -> None:
    settings = GuardSettings(years=0.2, tolerated=0.0, inflate=1.0, drop=1e-9)
    detector = Detector(GuardReference(accuracy=0.5, deviation=0.1), settings)
    rng = np.random.default_rng(5)
    level, alive, lengths = detector.start((300,)), np.ones(300, dtype=bool), np.zeros(300)
    for _ in range(1500):
        level = detector.update(level, 0.5 + 0.1 * rng.normal(size=300))
        lengths += alive
        alive &= detector.fallen(level) == 0
    assert lengths.mean() > 0.2 * 252


@pytest.mark.slow
def test_a_running_server_follows_the_rollback_within_a_minute(bench, world, make_slices, tmp_path: Path) -> None:
    running = server_runner()
    promoted(bench, world)
    bench.registry._clock = SystemClock()
    flags = (
        "--model", "demo@champion", "--registry", bench.registry.folder, "--prices", world.prices,
        "--state", tmp_path / "state", "--audit", tmp_path / "audit.db",
    )  # fmt: skip
    symbol = world.data.panel.symbols[0]
    one = make_slices(1, champion="demo/2")[0]
    with running(*flags) as server:
        server.ready()
        server.until(f"/v1/forecasts/{symbol}", model="demo/2")
        began = time.monotonic()
        assert guard_of(bench).observe(one, [finding(one)]) is not None
        answer = server.until(f"/v1/forecasts/{symbol}", model="demo/1")
        took = time.monotonic() - began
    assert answer["how"] == "fallback"
    print(f"from fault to rollback answered: {took:.1f} s")
    assert took < 60
