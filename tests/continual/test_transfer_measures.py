"""Measures of what is kept and taken up, on tables worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.continual.measures import measure
from tradewind.continual.run import Trace, run_stream
from tradewind.continual.streams import Task, TaskStream
from tradewind.core import InputError, UsageError
from tradewind.evaluation import BootstrapSettings

FEW = BootstrapSettings(draws=100)


def trace(table: list[list[float]], *, seed: int = 0, days: int = 40, a_day: int = 100) -> Trace:
    """Return a trace of the accuracies ``table``, every day alike."""
    accuracy = np.array(table)
    size = len(table)
    return Trace(
        learner="one",
        tasks=tuple(str(j) for j in range(size)),
        seed=seed,
        right=tuple(np.repeat(accuracy[:, j, None] * a_day, days, axis=1) for j in range(size)),
        count=tuple(np.full(days, float(a_day)) for _ in range(size)),
    )


ALONE = trace([[0.7, 0.5, 0.5], [0.5, 0.6, 0.5], [0.5, 0.5, 0.7]])
LEARNER = trace([[0.70, 0.40, 0.50], [0.60, 0.60, 0.55], [0.65, 0.50, 0.68]])


def test_the_measures_of_a_table_worked_by_hand() -> None:
    found = measure([LEARNER], [ALONE], FEW)
    assert found.average.value == pytest.approx((0.65 + 0.50 + 0.68) / 3)
    assert found.kept.value == pytest.approx((0.15 + 0.0) / (0.2 + 0.1))
    assert found.taken_up.value == pytest.approx((0.10 + 0.18) / (0.1 + 0.2))
    assert found.backward_transfer.value == pytest.approx((-0.05 - 0.10) / 2)
    assert found.forgetting.value == pytest.approx((0.05 + 0.10) / 2)
    assert found.forward_transfer.value == pytest.approx((-0.10 + 0.05) / 2)


def test_days_that_are_all_alike_leave_no_doubt() -> None:
    found = measure([LEARNER], [ALONE], FEW)
    assert found.kept.lower == pytest.approx(found.kept.value)
    assert found.kept.upper == pytest.approx(found.kept.value)


def test_the_reference_keeps_nothing_and_takes_up_all() -> None:
    found = measure([ALONE], [ALONE], FEW)
    assert found.kept.value == pytest.approx(0.0)
    assert found.taken_up.value == pytest.approx(1.0)


def test_a_share_of_no_skill_is_not_told() -> None:
    nothing = trace([[0.5, 0.5], [0.5, 0.5]])
    assert np.isnan(measure([nothing], [nothing], FEW).kept.value)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_intervals_hold_the_value_and_narrow_with_more_days(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def drawn(days: int) -> Trace:
        right = tuple(rng.binomial(20, 0.65, size=(2, days)).astype(float) for _ in range(2))
        return Trace(
            learner="one", tasks=("a", "b"), seed=0, right=right, count=tuple(np.full(days, 20.0) for _ in range(2))
        )

    short, long = drawn(30), drawn(1500)
    wide, narrow = measure([short], [short], FEW).average, measure([long], [long], FEW).average
    assert wide.lower <= wide.value <= wide.upper
    assert narrow.upper - narrow.lower < wide.upper - wide.lower


def test_runs_on_other_seeds_are_not_compared() -> None:
    with pytest.raises(UsageError, match="seeds"):
        measure([trace([[0.6, 0.5], [0.5, 0.6]], seed=1)], [trace([[0.6, 0.5], [0.5, 0.6]], seed=2)])


def test_a_learner_never_sees_the_labels_it_is_judged_on(make_planted) -> None:
    """The labels of the test parts are turned round: forecasts stay, so every right call becomes a wrong one."""
    from tradewind.continual.nets import NetSettings, Rehearsal, RehearsalSettings

    assert issubclass(RehearsalSettings, NetSettings)
    tasks = [
        Task(
            name=rule,
            train=make_planted(rule, at, days=30, start=200 * at),
            test=make_planted(rule, at + 10, days=20, start=200 * at + 40),
        )
        for at, rule in enumerate(("momentum", "reversal"))
    ]
    turned = [replace(one, test=replace(one.test, direction=1.0 - one.test.direction)) for one in tasks]
    learner = Rehearsal(RehearsalSettings(steps=60))
    first = run_stream(learner, TaskStream(name="s", names=("a",) * 4, tasks=tuple(tasks)), seed=0)
    second = run_stream(learner, TaskStream(name="s", names=("a",) * 4, tasks=tuple(turned)), seed=0)
    np.testing.assert_allclose(first.accuracy, 1.0 - second.accuracy)


def test_a_task_that_knows_labels_of_its_test_part_is_refused(make_planted) -> None:
    with pytest.raises(InputError, match="test part"):
        Task(name="leaky", train=make_planted("momentum", 1, days=30), test=make_planted("momentum", 2, days=30))


def test_rows_without_a_direction_are_not_judged(make_planted) -> None:
    """They counted as falls: a learner that always calls a rise lost by them."""
    from tradewind.continual.nets import FineTuning, NetSettings

    def stream(untold: bool) -> TaskStream:
        tasks = []
        for at, rule in enumerate(("momentum", "reversal")):
            test = make_planted(rule, at + 10, days=20, start=200 * at + 40)
            rows = np.arange(len(test)) % 3 == 0
            blank = replace(test, direction=np.where(rows, np.nan, test.direction))
            train = make_planted(rule, at, days=30, start=200 * at)
            tasks.append(Task(name=rule, train=train, test=blank if untold else test.select(~rows)))
        return TaskStream(name="s", names=("a",) * 4, tasks=tuple(tasks))

    learner = FineTuning(NetSettings(steps=60))
    whole, told = (run_stream(learner, stream(untold), seed=0) for untold in (True, False))
    np.testing.assert_allclose(whole.accuracy, told.accuracy)
    part, later = make_planted("momentum", 1, days=30), make_planted("momentum", 2, days=20, start=40)
    blank = replace(later, direction=np.full(len(later), np.nan))
    with pytest.raises(InputError, match="no row with a direction to be judged on"):
        Task(name="blank", train=part, test=blank)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(1, 3))
def test_the_measures_are_those_of_the_papers_written_out(seed: int, size: int, seeds: int) -> None:
    """Sums row by row, days of unequal size, against the vectorised ones."""
    rng = np.random.default_rng(seed)
    counts = [[rng.integers(1, 30, rng.integers(5, 20)).astype(float) for _ in range(size)] for _ in range(seeds)]

    def drawn() -> list[Trace]:
        return [
            Trace(
                learner="one",
                tasks=tuple(str(j) for j in range(size)),
                seed=at,
                right=tuple(rng.binomial(n.astype(int), 0.8, size=(size, len(n))).astype(float) for n in count),
                count=tuple(count),
            )
            for at, count in enumerate(counts)
        ]

    learner, alone = drawn(), drawn()

    def r(some: list[Trace], i: int, j: int) -> float:
        return sum(sum(one.right[j][i].tolist()) / sum(one.count[j].tolist()) for one in some) / len(some)

    last, old, new = size - 1, range(size - 1), range(1, size)
    found = measure(learner, alone, FEW)
    assert found.backward_transfer.value == pytest.approx(
        sum(r(learner, last, j) - r(learner, j, j) for j in old) / (size - 1)
    )
    assert found.forward_transfer.value == pytest.approx(sum(r(learner, j - 1, j) - 0.5 for j in new) / (size - 1))
    assert found.kept.value == pytest.approx(
        sum(r(learner, last, j) - 0.5 for j in old) / sum(r(alone, j, j) - 0.5 for j in old)
    )
    assert found.taken_up.value == pytest.approx(
        sum(r(learner, j, j) - 0.5 for j in new) / sum(r(alone, j, j) - 0.5 for j in new)
    )
    assert found.forgetting.value == pytest.approx(
        sum(max(r(learner, i, j) for i in range(last)) - r(learner, last, j) for j in old) / (size - 1)
    )
