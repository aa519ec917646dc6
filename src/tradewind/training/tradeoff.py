"""The trade-off curve: one member refitted under growing strengths of fairness, forecast out of sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tradewind.core import Outcomes
from tradewind.features import row_slices
from tradewind.models import make_model
from tradewind.training.fairness import GroupBy, reweighed, takes_parity, with_groups, with_parity
from tradewind.training.model import only_labels
from tradewind.training.outcomes import to_outcomes
from tradewind.training.preprocess import Preprocessor
from tradewind.training.run import Job
from tradewind.validation import Split

STRENGTHS = (0.0, 0.5, 2.0, 8.0, 32.0)
MEMBER = "xgboost"


@dataclass(frozen=True, kw_only=True, eq=False)
class FairPoint:
    """Forecasts of the test span by a member fitted with a parity ``strength``, and re-weighted or not."""

    strength: float
    reweight: bool
    outcomes: Outcomes


def fairness_curve(
    job: Job,
    split: Split,
    *,
    by: GroupBy = "sector",
    strengths: Sequence[float] = STRENGTHS,
    model: str = MEMBER,
) -> tuple[FairPoint, ...]:
    """Refit ``model`` on ``split``'s training rows under each strength, with and without re-weighting.

    Every point is forecast on the test rows, of which no fit sees a label. A model that has no penalty is fitted with
    strength 0 alone. The text model takes no part.

    Raises
    ------
    UsageError : fewer than two groups are known.
    """
    able = takes_parity(getattr(job.settings.members, model, None))
    grid = [(s, weighted) for weighted in (False, True) for s in (strengths if able else (0.0,))]
    grouped = with_groups(job.data, by)
    seen = only_labels(grouped, split.train)
    preprocessor = Preprocessor(job.settings.preprocess, job.settings.selection)
    prepared = preprocessor.fit(seen, split.train, seed=job.settings.seed).transform(seen)
    weighted_data = reweighed(prepared, split.train)
    slices, points = row_slices(job.data.panel), []
    for number, (strength, reweight) in enumerate(grid):
        job.progress.update("fairness curve", number, len(grid))
        settings = with_parity(job.settings.members, strength)
        fitted = make_model(model, seed=job.settings.seed, settings=settings)
        fitted.fit(weighted_data if reweight else prepared, split.train)
        forecast = fitted.predict(prepared, split.test)
        outcomes = to_outcomes(model, forecast, replace(job.data, group=None), slices)
        points.append(FairPoint(strength=strength, reweight=reweight, outcomes=outcomes))
    job.progress.update("fairness curve", len(grid), len(grid))
    return tuple(points)
