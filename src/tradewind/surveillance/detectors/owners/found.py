"""Groups as a kernel writes them, and the candidates they become."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import FloatArray, Int32Array, IntArray
from tradewind.surveillance.detectors.protocol import EVIDENCE, Candidate
from tradewind.surveillance.graph.partners import MEMBERS
from tradewind.surveillance.schemes import Scheme

BATCH = 512
"""Candidates that one run of a kernel can hold."""


class Found(NamedTuple):
    """Candidates as a kernel writes them, one a row."""

    whole: IntArray  # row, symbol, episode, revision, start, end, members, evidence
    rule: FloatArray
    features: FloatArray
    members: Int32Array
    evidence: IntArray


def room_for(features: int) -> Found:
    """Return room for :data:`BATCH` candidates of so many features."""
    return Found(
        np.zeros((BATCH, 8), np.int64),
        np.zeros(BATCH),
        np.zeros((BATCH, features)),
        np.zeros((BATCH, MEMBERS), np.int32),
        np.zeros((BATCH, EVIDENCE), np.int64),
    )


def candidate_of(found: Found, k: int, scheme: Scheme, variant: str = "") -> Candidate:
    """Return row ``k`` of ``found`` as a candidate."""
    row, symbol, episode, revision, start, end, members, evidence = (int(x) for x in found.whole[k])
    return Candidate(
        scheme=scheme,
        variant=variant,
        episode=episode,
        revision=revision,
        symbol=symbol,
        accounts=tuple(int(x) for x in found.members[k, :members]),
        start=start,
        end=end,
        row=row,
        rule=float(found.rule[k]),
        features=found.features[k].astype(np.float32),
        evidence=tuple(int(x) for x in found.evidence[k, :evidence]),
    )
