"""Whether importance has moved away from a reference period, by more than chance and by more than a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import BoolArray, FloatArray, IntArray, TimeArray
from tradewind.evaluation.days import day_codes, day_sums, ratio
from tradewind.explain.importance.settings import ImportanceSettings
from tradewind.explain.importance.stability import rank_agreement

LEAST_BLOCKS = 4


@dataclass(frozen=True, kw_only=True)
class PartDrift:
    """One part: its share of importance in both periods, and the p value of the change (adjusted for all parts)."""

    name: str
    reference: float
    current: float
    p: float

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"name": self.name, "reference": self.reference, "current": self.current, "p": self.p}


@dataclass(frozen=True, kw_only=True)
class ImportanceDrift:
    """Importance of a current period against a reference.

    Attributes
    ----------
    distance : share of importance that changed hands (total variation of the two profiles), in [0, 1]: 0 for equal
        profiles, 1 where they share no part.
    p : how often blocks of days dealt to the two periods at random lie at least as far apart; NaN with too few blocks.
    agreement : Spearman correlation of the two profiles.
    parts : the largest change first. ``days`` : of reference and current. ``size``, ``alpha`` : what is called drift.
    """

    distance: float
    p: float
    agreement: float
    parts: tuple[PartDrift, ...]
    days: tuple[int, int]
    size: float
    alpha: float

    @property
    def drifted(self) -> bool:
        """Whether the change is beyond chance and beyond ``size``."""
        return bool(self.p <= self.alpha and self.distance >= self.size)

    @property
    def verdict(self) -> str:
        """What the figures allow to say, in words."""
        if not np.isfinite(self.p):
            return "too few days to tell drift from chance"
        if self.drifted:
            return "importance has drifted"
        if self.p <= self.alpha:
            return "importance moved beyond chance, but little"
        return "no drift shown"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "distance": self.distance,
            "p": self.p,
            "agreement": self.agreement,
            "days": list(self.days),
            "size": self.size,
            "alpha": self.alpha,
            "drifted": self.drifted,
            "verdict": self.verdict,
            "parts": [part.to_dict() for part in self.parts],
        }


def importance_drift(
    values: FloatArray,
    names: Sequence[str],
    time: TimeArray,
    current: BoolArray,
    settings: ImportanceSettings | None = None,
) -> ImportanceDrift:
    """Compare importance of ``current`` (m,) rows with that of the others.

    Whole blocks of sessions are dealt anew to the two periods, so that days that resemble their neighbours do not
    count as many. A part's p value is the share of deals in which its own change, or that of any part beyond its
    own spread, is at least as large (Westfall and Young 1993, single-step max T).

    Parameters
    ----------
    values : (m, k) contributions of ``names``. ``time`` : (m,) times of the rows.

    Raises
    ------
    UsageError : a period has no row.
    """
    s = settings or ImportanceSettings()
    if not current.any() or current.all():
        raise UsageError("drift needs rows in both periods", fix="move the date that parts them")
    code, days = day_codes(time)
    sums = day_sums(np.column_stack([np.abs(values), np.ones(len(values))]), code, len(days))
    now = np.bincount(code, weights=current, minlength=len(days)) > 0
    blocks = np.concatenate([_blocks(np.flatnonzero(~now), s.drift_block), _blocks(np.flatnonzero(now), s.drift_block)])
    block = np.empty(len(days), dtype=np.int64)
    block[np.concatenate([np.flatnonzero(~now), np.flatnonzero(now)])] = np.cumsum(blocks) - 1
    totals = day_sums(sums, block, int(block.max()) + 1)
    label = np.zeros(len(totals), dtype=bool)
    label[block[now]] = True
    before, after = (_profile(totals[side].sum(axis=0)) for side in (~label, label))
    distance = 0.5 * float(np.abs(after - before).sum())
    p, adjusted = float("nan"), np.full(len(names), np.nan)
    if min(int(label.sum()), int((~label).sum())) >= LEAST_BLOCKS:
        p, adjusted = _test(totals, label, s)
    parts = [
        PartDrift(name=name, reference=float(a), current=float(b), p=float(q))
        for name, a, b, q in zip(names, before, after, adjusted, strict=True)
    ]
    return ImportanceDrift(
        distance=distance,
        p=p,
        agreement=rank_agreement(before, after),
        parts=tuple(sorted(parts, key=lambda part: -abs(part.current - part.reference))),
        days=(int((~now).sum()), int(now.sum())),
        size=s.drift_size,
        alpha=s.alpha,
    )


def _blocks(days: IntArray, length: int) -> IntArray:
    """(d,) 1 on the first of each block of ``length`` days, else 0."""
    return np.asarray(np.arange(len(days)) % length == 0, dtype=np.int64)


def _profile(total: FloatArray) -> FloatArray:
    """Share of importance of each part from (..., k + 1) sums."""
    mean = ratio(total[..., :-1], total[..., -1:])
    return np.asarray(np.nan_to_num(ratio(mean, mean.sum(axis=-1, keepdims=True))), dtype=np.float64)


def _test(totals: FloatArray, label: BoolArray, settings: ImportanceSettings) -> tuple[float, FloatArray]:
    rng = np.random.default_rng(settings.seed)
    dealt = np.stack([rng.permutation(label) for _ in range(settings.permutations)]).astype(np.float64)
    weight = np.vstack([label.astype(np.float64)[None], dealt])  # the real deal first
    change = _profile(weight @ totals) - _profile((1.0 - weight) @ totals)
    distance = np.abs(change).sum(axis=1)
    spread = change[1:].std(axis=0)
    scaled = np.abs(ratio(change, spread))
    scaled = np.where(np.isfinite(scaled), scaled, 0.0)
    most = scaled.max(axis=1)
    count = settings.permutations + 1.0
    edge = 1e-12
    p = float((distance >= distance[0] - edge).sum() / count)
    adjusted = (most[:, None] >= scaled[0] - edge).sum(axis=0) / count
    return p, np.asarray(adjusted, dtype=np.float64)
