"""Models that answer beside the champion and not in its place: the student that can be read, and a challenger.

Where the student agrees, the champion's answer goes out as it is. Where it does not, the champion's answer goes out
with a flag, and a person finds the case among those to review. A challenger is worked off the request path: what there
is no time for is dropped and counted, never waited for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, Full, Queue
from threading import Event as Flag
from threading import Thread
from typing import Any, Literal

from pydantic import Field

from tradewind.core import Event, Settings, Severity
from tradewind.serving.contracts import Answers, ModelRows, ServedModel
from tradewind.serving.rollout.review import Disagreement, ReviewList
from tradewind.streaming.records import Prediction

FLAG = "student_disagrees"
Cause = Literal["sides", "gap", "log_odds"]


class AgreementRule(Settings):
    """When two probabilities of a rise agree: both on one side of 0.5, and not too far apart.

    ``gap`` : largest distance of probabilities. ``log_odds`` : largest distance of log odds, as distillation teaches
    it on rows kept for that; None asks for neither. ``near`` : sides are not compared where both lie this near to 0.5,
    since they differ there for nothing.
    """

    gap: float | None = Field(default=0.1, gt=0.0, le=1.0)
    log_odds: float | None = Field(default=None, gt=0.0)
    near: float = Field(default=0.0, ge=0.0, lt=0.5)

    def cause(self, champion: float, student: float) -> Cause | None:
        """Return why the two do not agree, None where they do."""
        near = abs(champion - 0.5) <= self.near and abs(student - 0.5) <= self.near
        if not near and (champion > 0.5) != (student > 0.5):
            return "sides"
        if self.gap is not None and abs(champion - student) > self.gap:
            return "gap"
        if self.log_odds is not None and abs(_log_odds(champion) - _log_odds(student)) > self.log_odds:
            return "log_odds"
        return None


def _log_odds(probability: float) -> float:
    inner = min(max(probability, 1e-12), 1 - 1e-12)
    return math.log(inner / (1 - inner))


class StudentShadow:
    """Judges the champion's predictions by those of ``student``.

    Parameters
    ----------
    rule : when they agree.
    emit : takes one event a batch that has disagreements.
    review : where these are kept for a person.
    """

    def __init__(
        self,
        student: ServedModel,
        rule: AgreementRule,
        *,
        emit: Callable[[Event], None],
        review: ReviewList | None = None,
    ) -> None:
        self._student, self.rule, self._emit, self._review = student, rule, emit, review
        self.agreed = self.disagreed = self.unjudged = 0

    def judge(self, predictions: Sequence[Prediction], rows: ModelRows) -> Mapping[str, str]:
        """Return id -> flag of the ``predictions`` that the student does not share.

        ``rows`` are what the champion read, a row a prediction, with the student's columns. The champion is served
        whatever becomes of the student: where it fails nothing is flagged, and an event says so.
        """
        try:
            found = self._student.predict(rows).probability
        except Exception as error:  # noqa: BLE001 - a shadow must never cost the answer it stands behind
            self.unjudged += len(predictions)
            text = f"the student {self._student.ref} failed ({type(error).__name__}: {error}); nothing is judged"
            self._emit(Event(kind="student_failed", severity=Severity.ERROR, message=text))
            return {}
        return self.compare(predictions, [float(one) for one in found])

    def compare(self, predictions: Sequence[Prediction], student: Sequence[float]) -> Mapping[str, str]:
        """Return id -> flag, given what the student says (a probability a prediction)."""
        cases = []
        for made, probability in zip(predictions, student, strict=True):
            if not math.isfinite(probability):
                self.unjudged += 1
                continue
            cause = self.rule.cause(made.probability, probability)
            if cause is None:
                self.agreed += 1
            else:
                cases.append(_case(made, self._student.ref, probability, cause))
        self.disagreed += len(cases)
        if cases:
            self._tell(cases)
        return {case.prediction: FLAG for case in cases}

    def _tell(self, cases: Sequence[Disagreement]) -> None:
        if self._review is not None:
            self._review.add(cases)
        worst = max(cases, key=lambda case: abs(case.champion - case.student))
        message = (
            f"{self._student.ref} does not share {len(cases)} forecasts of {worst.model}; the farthest apart: "
            f"{worst.symbol}, {worst.champion:.3f} and {worst.student:.3f}"
        )
        evidence = {"count": len(cases), "ids": [case.prediction for case in cases[:20]]}
        self._emit(Event(kind=FLAG, severity=Severity.WARNING, message=message, symbol=worst.symbol, evidence=evidence))

    def stats(self) -> dict[str, int]:
        """Return how often it agreed, did not, and could not be asked."""
        return {"agreed": self.agreed, "disagreed": self.disagreed, "unjudged": self.unjudged}


def _case(made: Prediction, student: str, probability: float, cause: str) -> Disagreement:
    return Disagreement(
        prediction=made.id,
        symbol=made.symbol,
        time=made.time,
        model=made.model,
        student_model=student,
        champion=made.probability,
        student=probability,
        cause=cause,
        seen_at=made.made_at,
    )


class ChallengerShadow:
    """Runs ``model`` on what the champion answered, in a thread of its own with a queue of ``size`` batches.

    Parameters
    ----------
    sink : takes (what :meth:`submit` was given as ``batch``, answers), in the thread.
    """

    def __init__(
        self,
        model: ServedModel,
        sink: Callable[[Any, Answers], None],
        *,
        emit: Callable[[Event], None],
        size: int = 8,
    ) -> None:
        self._model, self._sink, self._emit = model, sink, emit
        self._queue: Queue[tuple[Any, ModelRows]] = Queue(size)
        self._stop = Flag()
        self.taken = self.dropped = self.done = self.failed = 0
        self._thread = Thread(target=self._run, name=f"shadow {model.ref}", daemon=True)
        self._thread.start()

    def submit(self, batch: Any, rows: ModelRows) -> bool:
        """Queue a batch; False, at once, where the queue is full: the batch is dropped and counted."""
        try:
            self._queue.put_nowait((batch, rows))
        except Full:
            self.dropped += len(rows)
            return False
        self.taken += len(rows)
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                batch, rows = self._queue.get(timeout=0.1)
            except Empty:
                continue
            try:
                self._sink(batch, self._model.predict(rows))
                self.done += len(rows)
            except Exception as error:  # noqa: BLE001 - a challenger that fails is a finding, not a fault of serving
                self.failed += len(rows)
                text = f"the challenger {self._model.ref} failed ({type(error).__name__}: {error})"
                self._emit(Event(kind="challenger_failed", severity=Severity.WARNING, message=text))
            finally:
                self._queue.task_done()

    def drain(self) -> None:
        """Return when all that was taken is done."""
        self._queue.join()

    def close(self, timeout: float = 5.0) -> None:
        """End the thread after the batch it is at."""
        self._stop.set()
        self._thread.join(timeout)

    def stats(self) -> dict[str, int]:
        """Return rows taken, done, failed, dropped, and batches that wait."""
        return {
            "taken": self.taken,
            "done": self.done,
            "failed": self.failed,
            "dropped": self.dropped,
            "waiting": self._queue.qsize(),
        }
