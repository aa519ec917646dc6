"""How clearly the textbook must speak before a model is listened to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.learning.table import CandidateTable, SchemeTable, highest_of
from tradewind.surveillance.schemes import Scheme


def rule_floors(tables: Sequence[CandidateTable], share: float) -> Mapping[Scheme, float]:
    """Return for each scheme the rule that the clearest candidates of all but ``share`` of its episodes reach.

    Scores play no part in it, so that the floor is no second threshold fitted to them. 0 where nothing was planted.
    """
    best: dict[Scheme, list[FloatArray]] = {}
    for table in tables:
        for scheme, part in table.schemes.items():
            best.setdefault(scheme, []).append(_clearest(part))
    joined = {scheme: np.concatenate(parts) for scheme, parts in best.items()}
    return {scheme: float(np.quantile(one, share)) if len(one) else 0.0 for scheme, one in joined.items()}


def clear_enough(found: Sequence[Candidate], floors: Mapping[Scheme, float]) -> BoolArray:
    """Return (n,) whether each candidate's rule reaches its scheme's floor."""
    return np.array([c.rule >= floors.get(c.scheme, 0.0) for c in found], dtype=bool)


def above(
    table: CandidateTable, scores: Mapping[Scheme, FloatArray], floors: Mapping[Scheme, float]
) -> dict[Scheme, FloatArray]:
    """Return ``scores`` with 0 where the rule lies below its scheme's floor."""
    return {s: np.where(table.schemes[s].rule >= floors.get(s, 0.0), one, 0.0) for s, one in scores.items()}


def _clearest(part: SchemeTable) -> FloatArray:
    """Return the best rule of each planted episode that any candidate met."""
    rows = np.flatnonzero(part.label)
    return highest_of(part.deeds[rows], part.rule[rows])
