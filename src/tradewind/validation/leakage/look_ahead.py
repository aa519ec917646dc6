"""Look-ahead: a feature that goes with the future more than any honest feature can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import FloatArray
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.multiple_testing import adjust
from tradewind.validation.leakage.settings import AuditSettings
from tradewind.validation.leakage.subject import Subject

PAST_LAGS = 10


@dataclass(frozen=True, kw_only=True)
class _Best:
    feature: str
    transform: str
    lag: int
    future: float
    past: float
    p_value: float
    rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Outcomes:
    """Ranks of k outcomes (k, n), 0 where missing, and what their correlations need."""

    ranks: FloatArray
    known: FloatArray
    squares: FloatArray

    @classmethod
    def of(cls, ranks: list[FloatArray]) -> _Outcomes:
        stacked = np.array(ranks)
        return cls(ranks=stacked, known=(stacked != 0).astype(np.float64), squares=stacked**2)

    def correlations(self, ranks: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (k,) correlations with ``ranks`` (n,) over rows where both are known, and (k,) those rows."""
        scale = np.sqrt((self.known @ ranks**2) * (self.squares @ (ranks != 0)))
        return self.ranks @ ranks / np.where(scale > 0, scale, np.inf), self.known @ (ranks != 0)


def detect(subject: Subject, settings: AuditSettings) -> list[Finding]:
    """Compare each feature, and its change from row to row, with one-bar returns ahead and behind.

    The statistic is the pooled rank correlation with the return ``lag`` bars ahead. Its standard error sums products
    by date, so that many symbols moving together on a day count once; p-values are corrected for features x
    transforms x lags. Without prices the label stands for the return. Shifted prices are found through their
    change: the change of tomorrow's close is tomorrow's return.
    """
    outcome = subject.step_return
    if np.isnan(outcome).all():
        outcome = subject.ahead(subject.label, -1)  # the label of the row before: settled at this row if horizon is 1
    ahead = _Outcomes.of([_ranks(subject.ahead(outcome, lag)) for lag in settings.lags])
    behind = _Outcomes.of([_ranks(subject.ahead(outcome, 1 - lag)) for lag in settings.lags[:PAST_LAGS]])
    best: list[_Best] = []
    for name, column in subject.columns():
        for transform, values in (("level", column), ("change", _change(subject, column))):
            ranks = _ranks(values)
            past = float(np.abs(behind.correlations(ranks)[0]).max())
            for lag, other, future, rows in zip(settings.lags, ahead.ranks, *ahead.correlations(ranks), strict=True):
                if rows < settings.min_rows:
                    continue
                plain = abs(future) < settings.suspicious  # counted as a test, but its p-value is of no use
                best.append(
                    _Best(
                        feature=name,
                        transform=transform,
                        lag=lag,
                        future=float(future),
                        past=past,
                        p_value=1.0 if plain else _p_value(subject, ranks * other, float(future), int(rows)),
                        rows=int(rows),
                    )
                )
    corrected = adjust(np.array([b.p_value for b in best]), settings.correction)
    hits: dict[str, Finding] = {}
    for one, p_value in sorted(zip(best, corrected, strict=True), key=lambda pair: -abs(pair[0].future)):
        if one.feature not in hits and p_value < settings.alpha:
            finding = _judge(one, settings)
            if finding is not None:
                hits[one.feature] = finding
    return list(hits.values())


def _change(subject: Subject, column: FloatArray) -> FloatArray:
    """Return the change from the symbol's last row; relative where the feature is always positive, as a price is."""
    scaled = np.log(column) if np.nanmin(column) > 0 else column
    return scaled - subject.ahead(scaled, -1)


def _ranks(values: FloatArray) -> FloatArray:
    """Return ranks scaled to mean 0 and standard deviation 1, and 0 where the value is missing."""
    from scipy.stats import rankdata  # takes a second to import

    scaled = np.zeros(len(values))
    known = ~np.isnan(values)
    if known.sum() > 1:
        ranks = rankdata(values[known])
        spread = ranks.std()
        if spread > 0:
            scaled[known] = (ranks - ranks.mean()) / spread
    return scaled


def _p_value(subject: Subject, products: FloatArray, correlation: float, rows: int) -> float:
    """Two-sided p-value of the mean product, clustered by date."""
    from scipy.stats import norm  # takes a second to import

    used = products != 0
    code = subject.time_code[used]
    sums = np.bincount(code, weights=products[used] - products[used].mean())
    error = float(np.sqrt((sums**2).sum())) / rows
    clusters = len(np.unique(code))
    if clusters < 20:
        return 1.0
    return float(2.0 * norm.sf(abs(correlation) / max(error, 1e-12)))


def _judge(one: _Best, settings: AuditSettings) -> Finding | None:
    size = abs(one.future)
    kind, severity, threshold = "look_ahead", Severity.ERROR, settings.implausible
    if size >= settings.copy_correlation:
        kind, threshold = "future_copy", settings.copy_correlation
    elif size < settings.implausible:
        severity, threshold = Severity.WARNING, settings.suspicious
        if size <= one.past:
            return None
    what = "value" if one.transform == "level" else "change"
    return Finding(
        kind=kind,
        severity=severity,
        feature=one.feature,
        message=(
            f"its {what} has rank correlation {one.future:+.3f} with the return {one.lag} bar(s) ahead, "
            f"and at most {one.past:.3f} with past returns"
        ),
        statistic=size,
        threshold=threshold,
        rows=one.rows,
        advice="Shift the feature so that it uses only bars up to its own row, or leave it out.",
    )
