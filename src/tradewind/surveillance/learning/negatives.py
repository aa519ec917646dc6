"""Which of the many candidates that were nothing are learned from, and what each then stands for."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tradewind.surveillance.learning.settings import SchemeModelSettings

MOST_USUAL = 20_000
"""Negatives that show what candidates usually are."""


def thinned(
    values: Float32Array,
    label: BoolArray,
    weight: FloatArray,
    settings: SchemeModelSettings,
    worth: FloatArray | None = None,
) -> tuple[Float32Array, BoolArray, FloatArray]:
    """Return all positives and about ``most_negatives`` negatives, weighted up to stand for all, in their order.

    ``worth`` : (n,) how much each would teach; half of the negatives are drawn by it, for most are so plainly nothing
    that one of them teaches what thousands would (after the one-sided sampling of LightGBM, Ke et al. 2017).
    """
    negatives = np.flatnonzero(~label)
    if len(negatives) <= settings.most_negatives:
        return values, label, weight
    share = np.full(len(negatives), 1.0 / len(negatives))
    if worth is not None:
        share = 0.5 * share + 0.5 * worth[negatives] / worth[negatives].sum()
    chance = np.ones(len(label))
    chance[negatives] = inclusion(share, settings.most_negatives)
    rows = np.flatnonzero(np.random.default_rng(settings.seed).random(len(label)) < chance)
    up = weight[rows] / chance[rows]
    drawn = ~label[rows]
    up[drawn] *= weight[negatives].sum() / up[drawn].sum()
    return values[rows], label[rows], up


def inclusion(share: FloatArray, wanted: float) -> FloatArray:
    """Return (n,) chances to be drawn, in proportion to ``share`` but at most 1, that add up to ``wanted``, below n."""
    chance: FloatArray = share * (wanted / share.sum())
    while (over := chance > 1.0).any():
        chance[over] = 1.0
        left = chance < 1.0
        chance[left] *= (wanted - np.count_nonzero(~left)) / chance[left].sum()
    return chance


def usual(label: BoolArray, weight: FloatArray, seed: int) -> IntArray:
    """Return negatives drawn again by their weights, so that they are what candidates usually are."""
    negatives = np.flatnonzero(~label)
    chance = weight[negatives] / weight[negatives].sum()
    many = min(len(negatives), MOST_USUAL)
    drawn: IntArray = np.random.default_rng(seed).choice(len(negatives), many, p=chance)
    return np.asarray(negatives[drawn], dtype=np.int64)
