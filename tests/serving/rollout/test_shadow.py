"""Models beside the champion: a student that flags, a challenger that never makes anybody wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event as Flag
from typing import Any

import numpy as np
import pytest

from tradewind.core import Event, UsageError
from tradewind.serving.cache import Memory
from tradewind.serving.contracts import Answers, ModelRows
from tradewind.serving.rollout import FLAG, AgreementRule, ChallengerShadow, ReviewList, StudentShadow
from tradewind.streaming.records import Prediction

Make = Callable[..., Prediction]


class Fixed:
    """A served model that says what it was told to, or fails."""

    ref, features, window = "student/1", ("a",), 1

    def __init__(self, probability: Sequence[float] | Exception, gate: Flag | None = None) -> None:
        self.answer, self.gate = probability, gate

    def predict(self, rows: ModelRows) -> Answers:
        if self.gate is not None:
            self.gate.wait(5)
        if isinstance(self.answer, Exception):
            raise self.answer
        values = np.asarray(self.answer, dtype=float)
        return Answers(probability=values, expected_return=values, lower=values, upper=values)


def rows(count: int) -> ModelRows:
    return ModelRows(
        history=np.zeros((count, 1, 1), np.float32),
        count=np.ones(count, np.int64),
        scale=np.ones(count),
        occasion=np.zeros((count, 1), bool),
    )


@pytest.mark.parametrize(
    ("champion", "student", "rule", "cause"),
    [
        (0.6, 0.62, AgreementRule(), None),
        (0.51, 0.49, AgreementRule(), "sides"),
        (0.51, 0.49, AgreementRule(near=0.02), None),
        (0.51, 0.47, AgreementRule(near=0.02), "sides"),
        (0.6, 0.75, AgreementRule(), "gap"),
        (0.6, 0.75, AgreementRule(gap=None), None),
        (0.97, 0.999, AgreementRule(log_odds=1.0), "log_odds"),
        (1.0, 1.0, AgreementRule(log_odds=1.0), None),
    ],
)
def test_agreement_is_one_side_and_a_small_gap(
    champion: float, student: float, rule: AgreementRule, cause: str | None
) -> None:
    assert rule.cause(champion, student) == cause
    assert rule.cause(student, champion) == cause


def test_what_the_student_does_not_share_is_served_flagged_told_and_kept(tmp_path: Path, make_prediction: Make) -> None:
    events: list[Event] = []
    review = ReviewList(tmp_path / "review.db")
    shadow = StudentShadow(Fixed([0.61, 0.4, 0.9]), AgreementRule(), emit=events.append, review=review)
    made = [make_prediction(name, probability=0.6) for name in ("AAA", "BBB", "CCC")]
    flags = shadow.judge(made, rows(3))
    assert flags == {made[1].id: FLAG, made[2].id: FLAG}
    memory = Memory(10)
    memory.put(made, flags)
    assert [b'"flag":"student_disagrees"' in memory.table("ensemble/1")[m.symbol].body for m in made] == [0, 1, 1]
    assert shadow.stats() == {"agreed": 1, "disagreed": 2, "unjudged": 0}
    (event,) = events
    assert (event.kind, event.symbol, event.evidence["count"]) == (FLAG, "CCC", 2)
    waiting = review.waiting()
    assert [(case.symbol, case.cause) for case in waiting] == [("CCC", "gap"), ("BBB", "sides")]
    review.close()


def test_a_student_that_fails_costs_nobody_an_answer(make_prediction: Make) -> None:
    events: list[Event] = []
    shadow = StudentShadow(Fixed(RuntimeError("broken")), AgreementRule(), emit=events.append)
    assert shadow.judge([make_prediction()], rows(1)) == {}
    assert shadow.unjudged == 1
    assert events[0].kind == "student_failed"
    assert shadow.compare([make_prediction()], [float("nan")]) == {}
    assert shadow.unjudged == 2


def test_cases_wait_until_somebody_with_a_name_has_looked(tmp_path: Path, make_prediction: Make) -> None:
    review = ReviewList(tmp_path / "review.db", limit=2)
    shadow = StudentShadow(Fixed([]), AgreementRule(), emit=lambda event: None, review=review)
    for time in (1, 2, 3):
        shadow.compare([make_prediction(time=time)], [0.1])
        shadow.compare([make_prediction(time=time)], [0.1])
    assert [case.time for case in review.waiting()] == [2, 3]
    assert review.forgotten == 1
    review.close_case(make_prediction(time=2).id, "R. Viewer", "a split the student does not see")
    review.close()
    again = ReviewList(tmp_path / "review.db")
    assert [case.time for case in again.waiting()] == [3]
    with pytest.raises(UsageError, match="no case"):
        again.close_case(make_prediction(time=2).id, "R. Viewer", "")
    with pytest.raises(UsageError, match="name"):
        again.close_case(make_prediction(time=3).id, "", "")
    again.close()


def test_a_challenger_works_aside_and_what_there_is_no_time_for_is_dropped_and_counted() -> None:
    found: list[tuple[Any, int]] = []
    gate = Flag()
    shadow = ChallengerShadow(
        Fixed([0.5, 0.6], gate),
        lambda batch, answers: found.append((batch, len(answers.probability))),
        emit=lambda event: None,
        size=2,
    )
    taken = [shadow.submit(place, rows(2)) for place in range(10)]
    assert 2 <= sum(taken) <= 3, "one is worked on, two wait"
    gate.set()
    shadow.drain()
    assert len(found) == sum(taken)
    stats = shadow.stats()
    assert stats["done"] + stats["dropped"] == 20
    assert stats["waiting"] == 0
    shadow.close()


def test_a_challenger_that_fails_is_told_and_goes_on() -> None:
    events: list[Event] = []
    shadow = ChallengerShadow(Fixed(ValueError("no")), lambda batch, answers: None, emit=events.append)
    shadow.submit(0, rows(3))
    shadow.submit(1, rows(1))
    shadow.drain()
    assert [event.kind for event in events] == ["challenger_failed"] * 2
    assert shadow.stats()["failed"] == 4
    shadow.close()
