"""Meta-learning: a start from which few days are enough."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.continual.lesson import Scale
from tradewind.continual.meta import MetaLearner, MetaSettings
from tradewind.continual.meta.tasks import bounded, cut_tasks, from_arrays, to_arrays
from tradewind.continual.reading import lesson_of
from tradewind.core import NotFittedError

pytestmark = pytest.mark.slow

SMALL = {"width": 8, "outer_steps": 40, "inner_steps": 3, "days": 10, "support": 5, "batch": 3, "adapt_steps": 20}


def accuracy(learner, one):
    return float(((learner.predict(one.features, one.context) > 0.5) == (one.direction > 0.5)).mean())


@pytest.fixture(scope="module", params=["maml", "first_order", "reptile"])
def taught(request, make_planted):
    learner = MetaLearner(MetaSettings(method=request.param, **SMALL))
    return learner.learn(make_planted("momentum", 1)).learn(make_planted("reversal", 2, start=100))


def test_keeps_both_of_two_rules_that_conflict(taught, make_planted):
    assert accuracy(taught, make_planted("momentum", 11)) > 0.68
    assert accuracy(taught, make_planted("reversal", 12)) > 0.68


def test_three_steps_on_three_days_are_enough_after_maml_alone(make_planted):
    few, judged = make_planted("reversal", 5, days=3, start=300), make_planted("reversal", 15, days=60)
    learned = MetaLearner(MetaSettings(**SMALL))
    learned.learn(make_planted("momentum", 1)).learn(make_planted("reversal", 2, start=100))
    fresh = MetaLearner(MetaSettings(**SMALL | {"adapt_steps": 3})).learn(few)
    assert accuracy(learned.adapt(few, steps=3), judged) > accuracy(fresh, judged) + 0.03


def test_a_few_days_turn_the_start_to_either_rule(taught, make_planted):
    for at, rule in enumerate(("momentum", "reversal")):
        few = make_planted(rule, 5 + at, days=10, start=300)
        assert accuracy(taught.adapt(few), make_planted(rule, 15)) > 0.62


def test_adapting_leaves_the_learner_as_it_was(taught, make_planted):
    one = make_planted("momentum", 11, days=5)
    before = taught.predict(one.features, one.context)
    taught.adapt(make_planted("reversal", 5, days=3))
    assert np.array_equal(taught.predict(one.features, one.context), before)


def test_a_saved_learner_forecasts_and_learns_on_alike(taught, make_planted, tmp_path):
    taught.save(tmp_path)
    again, one = MetaLearner.load(tmp_path), make_planted("momentum", 11, days=5)
    assert np.array_equal(again.predict(one.features, one.context), taught.predict(one.features, one.context))
    more = make_planted("momentum", 3, start=200, days=20)
    first, second = again.learn(more), MetaLearner.load(tmp_path).learn(more)
    assert np.array_equal(first.predict(one.features, one.context), second.predict(one.features, one.context))


def test_tasks_and_periods_are_bounded_and_a_short_experience_is_no_task(make_planted):
    learner = MetaLearner(MetaSettings(tasks=7, periods=2, **SMALL | {"outer_steps": 3}))
    for at, rule in enumerate(("momentum", "reversal", "momentum", "reversal")):
        learner.learn(make_planted(rule, at + 1, start=100 * at))
        assert len(learner._tasks) <= 7
        assert len(learner._adapted) == len(learner._profiles) <= 2
        assert {task.period for task in learner._tasks} <= set(range(len(learner._profiles)))
    short = MetaLearner(MetaSettings(**SMALL)).learn(make_planted("momentum", 1, days=4))
    assert short._tasks == []


def test_support_lies_before_query_with_the_gap_between(make_planted):
    one = make_planted("momentum", 1, days=33)
    lesson = lesson_of(one, Scale.of(one.features))
    tasks = cut_tasks(lesson, days=10, support=4, gap=2, period=0)
    assert len(tasks) == 3
    for at, task in enumerate(tasks):
        assert np.unique(task.support.day).tolist() == [10 * at + k for k in range(4)]
        assert np.unique(task.query.day).tolist() == [10 * at + k for k in range(6, 10)]
    again = from_arrays(to_arrays(tasks))
    assert all(np.array_equal(a.query.inputs, b.query.inputs) for a, b in zip(tasks, again, strict=True))
    assert [task.period for task in bounded([*tasks, *again], 4, 0)] == [0] * 4


def test_before_learning_there_is_nothing_to_adapt(make_planted):
    with pytest.raises(NotFittedError):
        MetaLearner().adapt(make_planted("momentum", 1, days=3))
    with pytest.raises(ValueError, match="none is left to judge"):
        MetaSettings(days=10, support=9, gap=1)
