"""Overlap: training labels that are settled while, or after, test forecasts are made."""

from __future__ import annotations

import numpy as np

from tradewind.core import Severity
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.settings import AuditSettings
from tradewind.validation.leakage.subject import Subject
from tradewind.validation.times import overlaps


def detect(subject: Subject, settings: AuditSettings) -> list[Finding]:
    """Check each fold of the splitter or split column for training labels that meet a test label in time.

    A label spans the time after its row up to the bar at which it is known; two that only touch at a bar do not
    overlap, as one is settled when the other's forecast is made. Without folds, labels of more than
    one bar raise an info: neighbouring rows share their outcome, so a cut without purge would leak.
    """
    if not subject.folds:
        if settings.horizon == 1:
            return []
        return [
            Finding(
                kind="overlapping_labels",
                severity=Severity.INFO,
                message=f"labels span {settings.horizon} bars, so neighbouring rows share most of their outcome",
                statistic=float(settings.horizon),
                threshold=1.0,
                rows=len(subject),
                advice="Cut folds with a purged splitter, and audit the split as well.",
            )
        ]
    found = []
    touching, folds, unknown = 0, 0, 0
    for train, test in subject.folds:
        shared = np.intersect1d(train, test)
        if len(shared):
            found.append(_tested_rows(len(shared)))
        meets = int(overlaps(subject.time, subject.label_end, test, closed=False)[train].sum())
        touching, folds = touching + meets, folds + (meets > 0)
        unknown += int(np.isnat(subject.label_end[train]).sum())
    if touching:
        found.append(
            Finding(
                kind="label_overlap",
                severity=Severity.ERROR,
                message=f"in {folds} of {len(subject.folds)} folds, {touching} training labels overlap test labels",
                statistic=float(touching),
                threshold=0.0,
                rows=touching,
                advice="Purge training rows by the time their label is known, with tradewind.validation's splitters.",
            )
        )
    if unknown:
        found.append(
            Finding(
                kind="unknown_label_trained_on",
                severity=Severity.WARNING,
                message=f"{unknown} training rows have a label that is never known in the data",
                statistic=float(unknown),
                threshold=0.0,
                rows=unknown,
                advice="Leave rows without a known label out of training.",
            )
        )
    return found


def _tested_rows(count: int) -> Finding:
    return Finding(
        kind="trained_on_test_rows",
        severity=Severity.ERROR,
        message=f"{count} rows are in the training and in the test part of one fold",
        statistic=float(count),
        threshold=0.0,
        rows=count,
        advice="Give each row of a fold to one part only.",
    )
