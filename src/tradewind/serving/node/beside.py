"""Who looks on while the champion answers: the student that people can read, and a shadow version."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tradewind.core import Event
from tradewind.core.arrays import IntArray
from tradewind.serving.contracts import Answers, ModelRows
from tradewind.serving.node.deployment import Universe
from tradewind.serving.node.making import model_rows
from tradewind.serving.node.versions import Versions
from tradewind.serving.rollout import AgreementRule, ChallengerShadow, ReviewList, StudentShadow, learned_rule
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.records import Prediction

logger = logging.getLogger("tradewind.serving.node")


@dataclass(kw_only=True, eq=False)
class Beside:
    """Asks the student about each of the champion's predictions, and hands the shadow the same bars.

    ``sink`` takes the shadow's answers with the predictions they are beside.
    """

    universe: Universe
    windows: FeatureWindows
    versions: Versions
    rule: AgreementRule
    emit: Callable[[Event], None]
    review: ReviewList | None = None
    sink: Callable[[Sequence[Prediction], Answers], None] = lambda _predictions, _answers: None
    disagreed: int = 0
    dropped: int = 0
    _shadow: tuple[str, ChallengerShadow] | None = field(default=None)

    def judge(self, predictions: Sequence[Prediction], codes: IntArray) -> Mapping[str, str]:
        """Return id -> flag of the champion's ``predictions`` (symbols ``codes``) that the student does not share.

        ``predictions`` are for the newest bars of their symbols: what is read of the student's features is of then.
        """
        shadow = self._current_shadow()
        if shadow is not None:
            reference = self.versions.shelf.roles()["shadow"]
            shadow.submit(list(predictions), self._rows(reference, codes))
            self.dropped = shadow.dropped
        student = self.versions.shelf.roles().get("student")
        if student is None:
            return {}
        with self.versions.shelf.hold(student) as model:
            judge = StudentShadow(model, learned_rule(model.about, self.rule), emit=self.emit, review=self.review)
            flags = judge.judge(predictions, self._rows(student, codes))
        self.disagreed += judge.disagreed
        return flags

    def close(self) -> None:
        """End the shadow's thread."""
        if self._shadow is not None:
            self._shadow[1].close()
            self._shadow = None

    def _rows(self, ref: str, codes: IntArray) -> ModelRows:
        model = self.versions.shelf.get(ref)
        window = self.windows.rows(np.asarray(codes), model.features, model.window)
        return model_rows(window, self.universe.sectors, codes)

    def _current_shadow(self) -> ChallengerShadow | None:
        ref = self.versions.shelf.roles().get("shadow")
        if self._shadow is not None and self._shadow[0] != ref:
            self.close()
        if ref is not None and self._shadow is None:
            model = self.versions.shelf.get(ref)
            self._shadow = ref, ChallengerShadow(model, self.sink, emit=self.emit)
        return None if self._shadow is None else self._shadow[1]
