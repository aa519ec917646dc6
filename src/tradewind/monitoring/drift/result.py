"""What a comparison with the reference found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core.files import write_json_file
from tradewind.core.plain import finite
from tradewind.monitoring.drift.domain import DomainDrift


@dataclass(frozen=True, kw_only=True)
class FeatureDrift:
    """One feature.

    Attributes
    ----------
    ks : Kolmogorov-Smirnov's statistic; ``p_value``, ``p_corrected`` : textbook, rows taken as independent;
        ``textbook`` : whether that rejects.
    psi : over the reference's deciles; ``advice`` : ``none``, ``watch`` or ``retrain`` by its size.
    wasserstein : over the reference's standard deviation. ``jensen_shannon`` : over 30 bins, in [0, 1].
    missing, missing_reference : shares; ``missing_p`` : textbook, corrected.
    excess : largest calibrated statistic as a share of its limit, above 1 it is drift; ``by`` : its name.
    drift : calibrated verdict, None where the reference is too short for one.
    """

    feature: str
    ks: float
    p_value: float
    p_corrected: float
    textbook: bool
    psi: float
    advice: str
    wasserstein: float
    jensen_shannon: float
    missing: float
    missing_reference: float
    missing_p: float
    excess: float
    by: str
    drift: bool | None


@dataclass(frozen=True, kw_only=True)
class GroupDrift:
    """One feature among the rows of one group, less the mean of all symbols on the day; ``excess`` as above."""

    group: str
    feature: str
    rows: int
    ks: float
    excess: float
    drift: bool | None


@dataclass(frozen=True, kw_only=True)
class JointDrift:
    """All features together.

    Attributes
    ----------
    pair : the two features whose rank correlation has changed most for what is usual. ``correlation``,
        ``correlation_reference`` : theirs. ``correlation_excess`` : the largest of pairs and of features.
    mean_change : mean absolute change over all pairs.
    reconstruction, reconstruction_reference : the PCA's mean squared error; ``reconstruction_excess``.
    correlation_drift, reconstruction_drift : calibrated verdicts. ``domain`` : the classifier, None: not asked for.
    """

    pair: tuple[str, str]
    correlation: float
    correlation_reference: float
    correlation_excess: float
    mean_change: float
    correlation_drift: bool | None
    reconstruction: float
    reconstruction_reference: float
    reconstruction_excess: float
    reconstruction_drift: bool | None
    domain: DomainDrift | None


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """A comparison of current rows with the reference.

    Attributes
    ----------
    features : one per feature, the most drifted first. ``groups`` : every group and feature with enough rows, likewise.
    joint : all features together.
    rows, days, reference_rows, reference_days : sizes. ``start``, ``end`` : first and last current day (ISO).
    window : days of the windows that were judged. ``looks`` : windows of the reference that calibrated them; 0: none.
    rate : false alarms a year that the calibrated verdicts accept in all.
    unknown_groups : labels that the reference does not know.
    """

    features: tuple[FeatureDrift, ...]
    groups: tuple[GroupDrift, ...]
    joint: JointDrift
    rows: int
    days: int
    reference_rows: int
    reference_days: int
    start: str
    end: str
    window: int
    looks: int
    rate: float
    unknown_groups: tuple[str, ...] = ()

    @property
    def drifted(self) -> tuple[str, ...]:
        """Features with a calibrated verdict of drift."""
        return tuple(one.feature for one in self.features if one.drift)

    @property
    def drift(self) -> bool:
        """Whether anything drifted by the calibrated verdicts."""
        joint = self.joint
        parts = (joint.correlation_drift, joint.reconstruction_drift, joint.domain.drift if joint.domain else None)
        return any((*parts, *(one.drift for one in self.features), *(one.drift for one in self.groups)))

    @property
    def calibrated(self) -> bool:
        """Whether the reference was long enough for calibrated verdicts."""
        return self.looks > 0

    def frame(self) -> pl.DataFrame:
        """Return one row per feature."""
        return pl.DataFrame([asdict(one) for one in self.features])

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain: dict[str, Any] = finite(asdict(self) | {"drift": self.drift, "drifted": self.drifted})
        return plain

    def write_json(self, path: str | Path) -> Path:
        """Write the report as JSON, whole or not at all."""
        return write_json_file(path, self.to_dict())

    def write_html(self, path: str | Path) -> Path:
        """Write the report as one page, whole or not at all."""
        from tradewind.monitoring.drift.page import write_page

        return write_page(self, path)
