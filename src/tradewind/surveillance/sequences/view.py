"""The view of sequences: what a net makes of the accounts' last events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.sequences.model import CLASSES, SequenceModel
from tradewind.surveillance.sequences.token_layout import PLACES
from tradewind.surveillance.sequences.tokens import TokenReader

FEATURES = ("sequence_own", "sequence_benign", "sequence_other", "sequence_surprise", "sequence_events_log")
"""Log odds of the candidate's own scheme, of none, of the likeliest other; surprise in bits; log2 of events read."""


class SequenceView:
    """Describes candidates by the probabilities a :class:`SequenceModel` gives their accounts' last events.

    Where no model is given, leave the view out. For learning, a model must not have seen the market it describes.
    Values are rounded to 3 decimals: however the tape is cut they agree to that, not always bit for bit, since a net
    scores several candidates at once.
    """

    feature_names: tuple[str, ...] = FEATURES
    hears_all: bool = False
    dear: bool = True

    def __init__(self, model: SequenceModel, *, places: int = PLACES) -> None:
        self.model = model
        self._reader = TokenReader(places)

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Read the next rows and describe the candidates that became known within them."""
        tokens = self._reader.advance(tape, candidates)
        if not len(candidates):
            return np.zeros((0, len(FEATURES)), np.float32)
        return describe(self.model, tokens, [CLASSES.index(c.scheme.value) for c in candidates])


def describe(model: SequenceModel, tokens: Float32Array, schemes: Sequence[int]) -> Float32Array:
    """Return (n, features) of tokens whose candidates are of these ``schemes``, positions in :data:`CLASSES`."""
    return columns(model.score(tokens)[0], model.surprise(tokens), tokens, schemes)


def columns(
    probability: Float32Array, surprise: Float32Array, tokens: Float32Array, schemes: Sequence[int]
) -> Float32Array:
    """Return (n, features) from what a model, or models out of fold, gave; a row without events is NaN."""
    rows = np.arange(len(tokens))
    odds = _log_odds(probability)
    other = odds.copy()
    other[:, 0] = -np.inf
    other[rows, list(schemes)] = -np.inf
    events = tokens[:, :, 0].sum(1)
    told = np.stack([odds[rows, list(schemes)], odds[:, 0], other.max(1), surprise, np.log2(1.0 + events)], axis=1)
    told[events == 0, :4] = np.nan
    return np.round(told, 3).astype(np.float32)


def _log_odds(probability: Float32Array) -> Float32Array:
    clipped = np.clip(probability.astype(float), 1e-4, 1.0 - 1e-4)
    odds: Float32Array = np.log(clipped / (1.0 - clipped)).astype(np.float32)
    return odds
