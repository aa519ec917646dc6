"""What came of the predictions of an experiment: each version's newest ones beside the move that the next bar shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tradewind.core.arrays import IntArray
from tradewind.serving.node.deployment import Universe
from tradewind.serving.rollout import Rollout, paired_day
from tradewind.streaming.features.blocks import ClosedSlice
from tradewind.streaming.records import Prediction

MOVE = "return_1"
"""The feature that holds a bar's return from the bar before: the outcome of the prediction made there."""


@dataclass(kw_only=True, eq=False)
class Outcomes:
    """Tells ``rollout`` how its arms did, a closed slice at a time; versions forecast one bar ahead.

    ``column`` : place of the move among the features.
    """

    universe: Universe
    rollout: Rollout
    column: int
    _made: dict[str, dict[str, Prediction]] = field(default_factory=lambda: defaultdict(dict))

    def remember(self, predictions: Sequence[Prediction]) -> None:
        """Keep each version's newest prediction of a symbol."""
        for one in predictions:
            held = self._made[one.model].get(one.symbol)
            if held is None or one.time >= held.time:
                self._made[one.model][one.symbol] = one

    def on_slice(self, closed: ClosedSlice) -> None:
        """Compare the predictions for the bars before with what the slice's bars show."""
        if closed.cause != "live":
            return
        block = closed.block
        moves = self._moves(block.code, block.values[:, self.column].tolist())
        control = self._of(self.rollout.experiment.control.model, moves, block.time)
        for arm in self.rollout.experiment.arms[1:]:
            challenger = self._of(arm.model, moves, block.time)
            for time in sorted({one.time for one in challenger}):
                day = paired_day(time, moves, control, challenger, metric=self.rollout.experiment.metric)
                if day is not None:
                    self.rollout.day(day)

    def _moves(self, codes: IntArray, values: Sequence[float]) -> dict[str, float]:
        return {self.universe.symbols[code]: value for code, value in zip(codes.tolist(), values, strict=True)}

    def _of(self, ref: str, moves: dict[str, float], time: int) -> list[Prediction]:
        return [one for symbol, one in self._made[ref].items() if symbol in moves and one.time < time]
