"""Winsorisation bounds taken from rows that include the test part."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import FloatArray
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.settings import AuditSettings
from tradewind.validation.leakage.subject import Subject

LEVELS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1)
FEWEST = 10


def detect(subject: Subject, settings: AuditSettings) -> list[Finding]:
    """Find features clipped at a round quantile of the whole sample.

    A clipped feature piles up at its minimum and maximum. When both piles hold, to one row, the same round share
    (0.1 % to 10 %) of *all* rows, the bounds are quantiles of all rows. It is a warning: a share can be round by
    chance. With a fold, bounds that fit its training rows as well (or better) are passed.
    """
    found = []
    for name, column in subject.columns():
        known = column[~np.isnan(column)]
        if len(known) < settings.min_rows or len(np.unique(known)) < len(known) / 4:
            continue
        level = _level(known, known.min(), known.max())
        if level is None or _fits_training(subject, column, known):
            continue
        found.append(
            Finding(
                kind="full_sample_winsorisation",
                severity=Severity.WARNING,
                feature=name,
                message=f"exactly {level:.2%} of all rows lie at its minimum and at its maximum",
                statistic=level,
                threshold=0.0,
                rows=len(known),
                advice="Fit the winsorisation bounds on the training rows of each fold.",
            )
        )
    return found


def _level(values: FloatArray, low: float, high: float) -> float | None:
    """Return the round quantile at which ``values`` are clipped at both ends, None where there is none."""
    at_low, at_high = int((values <= low).sum()), int((values >= high).sum())
    for level in LEVELS:
        expected = level * (len(values) - 1) + 1
        if at_low >= FEWEST and abs(at_low - expected) <= 1 and abs(at_high - expected) <= 1:
            return level
    return None


def _fits_training(subject: Subject, column: FloatArray, known: FloatArray) -> bool:
    for train, _ in subject.folds:
        inside = column[train]
        inside = inside[~np.isnan(inside)]
        if len(inside) and _level(inside, known.min(), known.max()) is not None:
            return True
    return False
