"""How likely a jump of a price by a round factor is a mistake, and how likely the market."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.frame import Frame

TAIL = 4.0
"""Degrees of freedom of a day's return; about what daily equity returns show (Cont 2001)."""


def spread(values: FloatArray) -> FloatArray:
    """(S,) robust deviation of each column of (t, S) ``values``; the median of all where a column has under 10."""
    known = np.isfinite(values)
    enough = known.sum(axis=0) >= 10
    out = np.full(values.shape[1], np.nan)
    if enough.any():
        kept = values[:, enough]
        out[enough] = 1.4826 * np.nanmedian(np.abs(kept - np.nanmedian(kept, axis=0)), axis=0)
    good = np.isfinite(out) & (out > 0.0)
    usual = float(np.median(out[good])) if good.any() else 0.02
    return np.where(good, out, usual)


def jump_odds(jumps: FloatArray, scale: FloatArray, factors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Best log odds of one of ``factors`` behind each jump, and that factor: (t, S) each; -inf where no jump.

    Parameters
    ----------
    jumps : (t, S) log ratios to the value before. ``scale`` : (S,) their usual deviation. ``factors`` : (k,).
    """
    from scipy.stats import t as student  # takes a second to import

    inside = (jumps[None] - np.log(factors)[:, None, None]) / scale
    with np.errstate(invalid="ignore"):
        gain = student.logpdf(inside, TAIL) - student.logpdf(jumps / scale, TAIL)[None]
        near = np.abs(inside) <= np.maximum(6.0, 0.08 / scale)  # a factor explains a jump only where it is near
    gain = np.where(np.isfinite(gain) & near, gain, -np.inf)
    best = gain.argmax(axis=0)
    return np.take_along_axis(gain, best[None], axis=0)[0], factors[best]


def stays(frame: Frame, name: str, row: int, column: int, factor: float) -> int:
    """Return for how many bars field ``name`` of one symbol stays beyond half of a jump by ``factor`` at ``row``."""
    before = frame.level_before(name)[row, column]
    after = frame.fields[name][row:, column]
    moved = np.log(np.where(after > 0, after, np.nan) / before) / np.log(factor)
    kept = (moved > 0.5) | ~np.isfinite(moved)
    return len(kept) if kept.all() else int(kept.argmin())
