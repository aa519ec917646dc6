"""Every cause on small planted slices: first, with its subject and its day; no fault on clean ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tradewind.monitoring.diagnosis import CauseKind, Diagnosis, Verdict

K = CauseKind
FAULT = 105
SUBJECTS: dict[CauseKind, tuple[dict[str, str], int | None]] = {
    K.FEED_STOPS: ({"feed": "alpha"}, FAULT),
    K.UNIT_CHANGE: ({"feed": "alpha", "metric": "close"}, FAULT),
    K.UNADJUSTED_SPLIT: ({"symbol": "S003"}, FAULT),
    K.STALE_SYMBOL: ({"symbol": "S005"}, FAULT),
    K.LABEL_DELAY: ({"feed": "labels"}, FAULT),
    K.VOLATILITY_SHOCK: ({}, FAULT),
    K.CORRELATION_BREAK: ({}, FAULT),
    K.SECTOR_ROTATION: ({}, FAULT),
    K.GRADUAL_DRIFT: ({}, None),
    K.ADVERSARIAL_NEWS: ({"source": "blog", "symbol": "S007"}, FAULT),
    K.SLOW_DEPENDENCY: ({"dependency": "audit_log"}, FAULT),
    K.WRONG_MODEL_VERSION: ({"version": "demo/0"}, FAULT),
}
STEP_OF = {
    K.FEED_STOPS: "Data quality",
    K.VOLATILITY_SHOCK: "Regime",
    K.GRADUAL_DRIFT: "Drift",
    K.WRONG_MODEL_VERSION: "Infrastructure",
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("kind", list(SUBJECTS))
def test_a_planted_cause_is_first_with_its_subject_and_day(
    plant: Callable[..., Any], kind: CauseKind, seed: int
) -> None:
    planted = plant(kind, seed=seed)
    found: Diagnosis = planted.diagnosis()
    subject, first = SUBJECTS[kind]
    top = found.top
    assert top.kind is kind, found.headline
    assert top.score > 0.5
    assert {key: top.subject.get(key) for key in subject} == subject
    assert top.items
    assert not top.ruled_out
    if kind is K.SECTOR_ROTATION:
        assert top.subject["sector"] in {"Tech", "Finance"}
    if first is not None:
        assert top.since is not None
        away = [one.time.item() for one in planted.slices].index(top.since.replace(tzinfo=None)) - first
        assert abs(away) <= 2
        assert top.known_at is not None
        assert top.known_at >= top.since
    for value in subject.values():
        if value != "close":
            assert value in found.headline


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_fault_is_first_in_a_clean_market(plant: Callable[..., Any], seed: int) -> None:
    found: Diagnosis = plant(K.NO_FAULT, seed=100 + seed).diagnosis()
    assert found.top.kind is K.NO_FAULT, found.headline
    assert found.headline.startswith("No fault found")
    assert found.top.since is None
    assert found.top.items == ()


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(STEP_OF))
def test_the_play_book_points_at_the_step_of_the_cause(plant: Callable[..., Any], kind: CauseKind) -> None:
    steps = {step.name: step for step in plant(kind).diagnosis().steps}
    assert list(steps) == ["Data quality", "Regime", "Drift", "Infrastructure", "Action"]
    assert steps[STEP_OF[kind]].verdict is Verdict.AT_FAULT
    others = [step for name, step in steps.items() if name not in {STEP_OF[kind], "Action"}]
    assert all(step.verdict is Verdict.FINE for step in others)
    assert sum(len(step.lines) for step in steps.values()) == 13


@pytest.mark.slow
def test_what_the_slices_do_not_hold_is_not_known_and_not_called_fine(plant: Callable[..., Any]) -> None:
    from dataclasses import replace

    planted = plant(K.NO_FAULT)
    bare = [replace(one, service=None, served=(), champion=None, labels=None, news=None) for one in planted.slices]
    found: Diagnosis = type(planted)(slices=bare).diagnosis()
    steps = {step.name: step for step in found.steps}
    assert found.top.kind is K.NO_FAULT
    assert steps["Infrastructure"].verdict is Verdict.NOT_KNOWN
    assert found.error_slices == ()
