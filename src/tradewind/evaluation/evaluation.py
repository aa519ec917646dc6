"""Everything evaluation has to say about a set of forecasts, gathered once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.plain import finite
from tradewind.evaluation.backtest import Backtest, backtest
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval
from tradewind.evaluation.days import judged
from tradewind.evaluation.deflation import Deflation, deflate
from tradewind.evaluation.diebold_mariano import Loss, compare_with_baseline
from tradewind.evaluation.forecast_metrics import ForecastMetrics, MetricsSettings, forecast_metrics
from tradewind.evaluation.overfit import (
    CurvePoint,
    LearningCurve,
    Overfit,
    OverfitSettings,
    learning_curve_record,
    train_test_gap,
)
from tradewind.evaluation.parity import Parity, ParityCurve
from tradewind.evaluation.pesaran_timmermann import TestResult
from tradewind.evaluation.positions import BacktestSettings
from tradewind.evaluation.risk import Risk, RiskSettings, measure_risk
from tradewind.evaluation.significance import (
    SignificanceSettings,
    Verdict,
    accuracy_interval,
    p_words,
    skill_verdict,
    wilson_interval,
)
from tradewind.evaluation.slices import SliceRow, SliceSettings, slice_table
from tradewind.evaluation.stress import Stress, StressSettings, stress_test

LOSSES: tuple[Loss, ...] = ("brier", "squared_return_error")
VARIANTS: dict[str, dict[str, str]] = {
    "long-only, sign": {"side": "long_only", "weights": "sign"},
    "long-short, rank": {"side": "long_short", "weights": "rank"},
    "long-short, decile": {"side": "long_short", "weights": "decile"},
    "long-short, decile, at the close": {"side": "long_short", "weights": "decile", "execution": "close"},
}
"""Portfolios measured beside the main one; what they do not name is as in the main one."""


class EvaluationSettings(Settings):
    """Settings of every part of an evaluation.

    ``trials`` : variants tried before this one was chosen: the verdict, accuracy and IC are corrected for them; for the
    deflated Sharpe ratio the models evaluated together (baselines aside) are counted at least. ``seed``
    of all intervals.
    """

    metrics: MetricsSettings = MetricsSettings()
    bootstrap: BootstrapSettings = BootstrapSettings()
    significance: SignificanceSettings = SignificanceSettings()
    backtest: BacktestSettings = BacktestSettings()
    slices: SliceSettings = SliceSettings()
    risk: RiskSettings = RiskSettings()
    stress: StressSettings = StressSettings()
    overfit: OverfitSettings = OverfitSettings()
    trials: int = Field(1, ge=1)
    seed: int = Field(0, ge=0)


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelEvaluation:
    """One model: its metrics, accuracy intervals, verdict, tests against baselines and portfolios.

    ``comparisons`` : by baseline, then by loss, the one-sided Diebold-Mariano test (small p: better than the baseline).
    ``portfolio`` : the main backtest; ``variants`` : others by name.
    """

    name: str
    baseline: bool
    metrics: ForecastMetrics
    accuracy: Interval
    wilson: Interval
    verdict: Verdict
    comparisons: dict[str, dict[Loss, TestResult]]
    portfolio: Backtest
    variants: dict[str, Backtest]

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept); the verdict as figures, without its sentence."""
        verdict = self.verdict.to_dict()
        verdict.pop("words")
        return {
            **self.metrics.to_dict(),
            "baseline": self.baseline,
            "accuracy_interval": [self.accuracy.lower, self.accuracy.upper],
            "accuracy_interval_wilson": [self.wilson.lower, self.wilson.upper],
            "verdict": verdict,
            "diebold_mariano": {
                other: {
                    loss: {"statistic": t.statistic, "p_value": t.p_value, "days": t.n} for loss, t in tests.items()
                }
                for other, tests in self.comparisons.items()
            },
            "backtest": self.portfolio.to_dict(),
            "portfolios": {name: result.to_dict() for name, result in self.variants.items()},
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """The whole: every model, and slices, risk, stress and overfitting of the ``primary`` one."""

    primary: str
    baselines: tuple[str, ...]
    models: dict[str, ModelEvaluation]
    slices: tuple[SliceRow, ...]
    risk: Risk
    stress: Stress
    overfit: dict[str, Overfit]
    learning_curve: LearningCurve | None
    deflation: Deflation
    settings: EvaluationSettings
    parity: Parity | None = None
    parity_curve: ParityCurve | None = None

    @property
    def main(self) -> ModelEvaluation:
        """The primary model's evaluation."""
        return self.models[self.primary]

    @property
    def verdict(self) -> Verdict:
        """The primary model's verdict."""
        return self.main.verdict

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping: NaN and infinities are None."""
        found = self.main.metrics
        content: dict[str, Any] = finite(
            {
                "accuracy": found.accuracy,
                "mcc": found.mcc,
                "brier": found.brier,
                "ic": found.ic,
                "rank_ic": found.rank_ic,
                "n": found.n,
                "primary": self.primary,
                "baselines": self.baselines,
                "verdict": self.verdict.to_dict(),
                "models": {name: model.to_dict() for name, model in self.models.items()},
                "slices": [row.to_dict() for row in self.slices],
                "risk": self.risk.to_dict(),
                "stress": self.stress.to_dict(),
                "overfit": {name: found.to_dict() for name, found in self.overfit.items()},
                "learning_curve": self.learning_curve.to_dict() if self.learning_curve else None,
                "deflation": self.deflation.to_dict(),
                "parity": self.parity.to_dict() if self.parity else None,
                "parity_curve": self.parity_curve.to_dict() if self.parity_curve else None,
                "settings": self.settings.model_dump(mode="json"),
                "settings_id": self.settings.id,
            }
        )
        return content

    def table(self) -> list[dict[str, Any]]:
        """Return one row per model, the primary first and baselines last, for printing.

        ``skill`` says whether the day-clustered Pesaran-Timmermann test is significant, and its p value; Sharpe ratios
        are annualised and after costs, of the main portfolio and of the long-short decile one.
        """
        order = sorted(self.models.values(), key=lambda m: (m.name != self.primary, m.baseline))
        return [
            {
                "model": model.name,
                "accuracy": model.metrics.accuracy,
                "95 % interval".replace("95", f"{self.settings.bootstrap.level * 100:.0f}"): (
                    f"{model.accuracy.lower:.3f} to {model.accuracy.upper:.3f}"
                    if math.isfinite(model.accuracy.lower)
                    else "-"
                ),
                "mcc": model.metrics.mcc,
                "brier": model.metrics.brier,
                "ic": model.metrics.ic,
                "rank_ic": model.metrics.rank_ic,
                "sharpe": model.portfolio.stats.sharpe,
                "decile_sharpe": model.variants["long-short, decile"].stats.sharpe,
                "skill": _skill(model.verdict),
                "n": model.metrics.n,
            }
            for model in order
        ]


def _skill(verdict: Verdict) -> str:
    if math.isnan(verdict.p_value):
        return "no (too few days)"
    return f"{'yes' if verdict.skill else 'no'} ({p_words(verdict.judged_p)})"


def evaluate_outcomes(
    outcomes: Mapping[str, Outcomes],
    *,
    primary: str,
    baselines: Sequence[str] = (),
    settings: EvaluationSettings | None = None,
    train: Mapping[str, Outcomes] | None = None,
    learning_curve: Sequence[CurvePoint] | None = None,
) -> Evaluation:
    """Evaluate out-of-sample forecasts.

    Parameters
    ----------
    outcomes : by model name, time-sorted.
    primary : the model whose verdict, slices, risk and stress are reported.
    baselines : names in ``outcomes`` that the others are tested against.
    train : in-sample outcomes by model name, to measure overfitting; None leaves that out.
    learning_curve : points with ``share``, ``train_accuracy`` and ``test_accuracy``.

    Raises
    ------
    ValueError : ``primary`` or a baseline is not in ``outcomes``.
    """
    missing = [name for name in (primary, *baselines) if name not in outcomes]
    if missing:
        raise ValueError(f"no outcomes of {', '.join(missing)}; there are {', '.join(outcomes)}")
    settings = settings or EvaluationSettings()
    bootstrap = settings.bootstrap.model_copy(update={"seed": settings.seed})
    trials = max(settings.trials, len(outcomes) - len(set(baselines)))
    settings = settings.model_copy(
        update={"bootstrap": bootstrap, "backtest": settings.backtest.model_copy(update={"n_trials": trials})}
    )
    models = {name: _evaluate_model(name, outcomes, baselines, settings) for name in outcomes}
    portfolio = models[primary].portfolio
    return Evaluation(
        primary=primary,
        baselines=tuple(baselines),
        models=models,
        slices=slice_table(outcomes[primary], metrics=settings.metrics, bootstrap=bootstrap, settings=settings.slices),
        risk=measure_risk(portfolio, settings.risk),
        stress=stress_test(outcomes[primary], portfolio, settings.stress),
        overfit={
            name: train_test_gap(found, outcomes[name], settings=settings.overfit, bootstrap=bootstrap)
            for name, found in (train or {}).items()
            if name in outcomes and name not in baselines
        },
        learning_curve=learning_curve_record(learning_curve) if learning_curve else None,
        deflation=deflate(
            outcomes[primary],
            trials=settings.trials,
            correlation=settings.significance.trial_correlation,
            metrics=settings.metrics,
            lags=settings.significance.lags,
        ),
        settings=settings,
    )


def _evaluate_model(
    name: str, outcomes: Mapping[str, Outcomes], baselines: Sequence[str], settings: EvaluationSettings
) -> ModelEvaluation:
    own = outcomes[name]
    metrics = forecast_metrics(own, settings.metrics)
    rows = judged(own)
    right = float((own.predicted_direction[rows] == own.direction[rows]).sum())
    return ModelEvaluation(
        name=name,
        baseline=name in baselines,
        metrics=metrics,
        accuracy=accuracy_interval(own, settings.bootstrap),
        wilson=wilson_interval(right, metrics.n, settings.bootstrap.level),
        verdict=skill_verdict(own, settings.significance, trials=1 if name in baselines else settings.trials),
        comparisons={
            other: {
                loss: compare_with_baseline(own, outcomes[other], loss, lags=settings.significance.lags)
                for loss in LOSSES
            }
            for other in baselines
            if other != name
        },
        portfolio=backtest(own, settings.backtest),
        variants={
            label: backtest(own, settings.backtest.model_copy(update=change)) for label, change in VARIANTS.items()
        },
    )
