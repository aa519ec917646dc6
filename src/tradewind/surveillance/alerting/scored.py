"""A candidate with its calibrated score: what a model hands to the book of alerts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tradewind.core.arrays import Float32Array, FloatArray
from tradewind.surveillance.detectors.protocol import Candidate


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """One candidate as a model judged it.

    Attributes
    ----------
    candidate : what was found.
    known_at : time of the tape's row with which it was found, nanoseconds.
    score : calibrated probability that it is an episode of its scheme.
    values, names : the numbers the score rests on, (p,) float32, and what they are called.
    pieces, piece_names : log odds by which each piece argues for it, (m,), and what they are called.

    Numbers and names are kept apart because few candidates become alerts: a mapping is made for those alone.
    """

    candidate: Candidate
    known_at: int
    score: float
    values: Float32Array = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    names: tuple[str, ...] = ()
    pieces: FloatArray = field(default_factory=lambda: np.empty(0))
    piece_names: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, str, int, int]:
        """What candidates are sorted by: row first, then scheme, episode and revision."""
        found = self.candidate
        return found.row, found.scheme.value, found.episode, found.revision
