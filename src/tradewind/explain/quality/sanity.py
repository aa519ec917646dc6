"""Sanity: an explanation must depend on what the model learned, and find what is known to be there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from tradewind.core import Dataset, InputError, Labels, Progress
from tradewind.core.arrays import FloatArray, IntArray, TimeArray
from tradewind.data import MarketSettings, simulate
from tradewind.evaluation import Interval
from tradewind.explain.probe import Explain
from tradewind.explain.quality.measures import mean_over_days, row_rank_correlation
from tradewind.explain.quality.settings import ExplanationQualitySettings
from tradewind.features import SelectionSettings
from tradewind.models import Ensemble, EnsembleSettings, ModelSettings, make_model
from tradewind.models.trees.xgb import XGBoostSettings
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout

ExplainerOf: TypeAlias = Callable[[TrainedModel, Dataset], Explain]
"""Makes the explainer of a model; the dataset holds raw features."""
PLANTED = ("return_5",)
SHUFFLES = 6
DECOYS = ("realised_volatility_20", "realised_volatility_60", "volume_ratio_20", "day_of_week_1", "month_of_year_1")


@dataclass(frozen=True, kw_only=True)
class RandomModelCheck:
    """Explanations of the model against those of models fitted on shuffled labels (Adebayo et al. 2018).

    Attributes
    ----------
    rank : mean Spearman correlation of the signed contributions of both models, row by row, with an interval.
    size : mean L1 size of the shuffled model's contributions relative to the model's: what is explained of noise.
    limit : of ``rank`` for the verdict. ``fits`` : models fitted on shuffled labels. ``rows`` : explained.
    """

    rank: Interval
    size: float
    limit: float
    fits: int
    rows: int

    @property
    def passed(self) -> bool:
        """Whether the explanations are shown to differ."""
        return bool(self.rank.upper <= self.limit)

    @property
    def _models(self) -> str:
        return "a model" if self.fits == 1 else f"{self.fits} models"

    @property
    def words(self) -> str:
        """Return the finding as a sentence."""
        verdict = (
            "explanations depend on what the model learned"
            if self.passed
            else "explanations are not shown to depend on what the model learned"
        )
        return (
            f"{verdict}: those of {self._models} fitted on shuffled labels rank columns alike at {self.rank.value:.2f} "
            f"({self.rank.lower:.2f} to {self.rank.upper:.2f}) and are {self.size:.0%} as large"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain = ("size", "limit", "fits", "rows", "passed", "words")
        return {"rank": self.rank.to_dict(), **{name: getattr(self, name) for name in plain}}


@dataclass(frozen=True, kw_only=True)
class PlantedCheck:
    """Importance of columns known to carry the signal.

    ``share`` : of all importance that they hold. ``first`` : place of the best of them (1 is the top).
    ``random_share`` : the share for the model fitted on shuffled labels, NaN where there is none.
    """

    planted: tuple[str, ...]
    share: float
    first: int
    random_share: float

    @property
    def passed(self) -> bool:
        """Whether a planted column is on top and its share is lost with the labels."""
        lost = not np.isfinite(self.random_share) or self.random_share < 0.8 * self.share
        return bool(self.first == 1 and lost)

    @property
    def words(self) -> str:
        """Return the finding as a sentence."""
        verdict = "what was planted is found" if self.passed else "what was planted is not found"
        lost = f", {self.random_share:.0%} with shuffled labels" if np.isfinite(self.random_share) else ""
        return f"{verdict}: {', '.join(self.planted)} holds {self.share:.0%} of importance, place {self.first}{lost}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain = ("share", "first", "random_share", "passed", "words")
        return {"planted": list(self.planted), **{name: getattr(self, name) for name in plain}}


def random_model_check(
    values: FloatArray,
    shuffled: Sequence[FloatArray],
    time: TimeArray,
    settings: ExplanationQualitySettings | None = None,
) -> RandomModelCheck:
    """Compare contributions (m, q) of a model with those of models fitted on shuffled labels, on the same rows.

    Columns to which both always give nothing are left out: that two models ignore the same constant is no likeness.
    A row of which the shuffled model makes nothing at all, as one that stopped at its first tree does, counts as
    no likeness. With few columns one shuffled model may resemble the real one by luck; several average that out.

    Parameters
    ----------
    shuffled : (m, q) contributions of each shuffled model, at least one. ``time`` : (m,) times of the rows.
    """
    s = settings or ExplanationQualitySettings()
    ranks = []
    for one in shuffled:
        used = np.any((values != 0.0) | (one != 0.0), axis=0)
        rank = row_rank_correlation(values[:, used], one[:, used])
        silent = np.any(values != 0.0, axis=1) & ~np.any(one != 0.0, axis=1)
        ranks.append(np.where(silent, 0.0, rank))
    total = float(np.abs(values).sum())
    return RandomModelCheck(
        rank=mean_over_days(np.mean(ranks, axis=0), time, s.bootstrap),
        size=float(np.mean([np.abs(one).sum() for one in shuffled])) / total if total > 0 else float("nan"),
        limit=s.apart,
        fits=len(shuffled),
        rows=len(values),
    )


def planted_check(
    importance: Mapping[str, float], planted: Iterable[str], shuffled: Mapping[str, float] | None = None
) -> PlantedCheck:
    """Look for ``planted`` columns in an importance, and for their loss in that of a model of ``shuffled`` labels.

    Raises
    ------
    InputError : no planted column is in the importance.
    """
    names = tuple(name for name in planted if name in importance)
    if not names:
        raise InputError("no planted column is among those explained", fix="plant what the model reads")
    order = sorted(importance, key=importance.__getitem__, reverse=True)

    def share(one: Mapping[str, float]) -> float:
        total = sum(one.values())
        return sum(one[name] for name in names) / total if total > 0 else 0.0

    return PlantedCheck(
        planted=names,
        share=share(importance),
        first=1 + min(order.index(name) for name in names),
        random_share=float("nan") if shuffled is None else share(shuffled),
    )


def with_shuffled_labels(data: Dataset, rows: IntArray, seed: int) -> Dataset:
    """Return ``data`` in which the labels of ``rows`` are dealt anew among them; when each is known stays as it was."""
    order = np.random.default_rng(seed).permutation(rows)
    labels = data.labels
    direction, returns = labels.direction.copy(), labels.forward_return.copy()
    direction[rows], returns[rows] = labels.direction[order], labels.forward_return[order]
    return replace(
        data,
        labels=Labels(
            start=labels.start, end=labels.end, direction=direction, forward_return=returns, horizon=labels.horizon
        ),
    )


def fit_on_shuffled_labels(
    model: TrainedModel, prepared: Dataset, rows: IntArray, *, seed: int, progress: Progress | None = None
) -> TrainedModel:
    """Return ``model`` with its ensemble fitted anew on ``rows`` of ``prepared`` data whose labels are shuffled.

    Preparation stays the model's own, so that both models read the same columns; members and how they are joined are
    fitted from nothing, on one inner block.
    """
    settings = model.settings
    members = [make_model(name, seed=settings.seed, settings=settings.members) for name in settings.models]
    joined = settings.ensemble.model_copy(update={"inner_folds": 1})
    ensemble = Ensemble(members, joined, progress=progress).fit(with_shuffled_labels(prepared, rows, seed), rows)
    return replace(model, ensemble=ensemble)


def planted_market_check(
    explainer_of: ExplainerOf, settings: ExplanationQualitySettings | None = None
) -> tuple[PlantedCheck, RandomModelCheck]:
    """Judge a way of explaining on a market whose rule is known, in a few seconds.

    A simulated market follows the sign of its last five bars' return. A small boosted model that may also read decoys
    (volatility, volume, the calendar) is fitted on it, and some more on shuffled labels; all are explained on
    later days.
    """
    s = settings or ExplanationQualitySettings()
    market = simulate(MarketSettings(kind="momentum", n_symbols=10, n_days=330, ceiling=0.75, seed=s.seed))
    data = build_dataset(market.panel, names=(*PLANTED, *DECOYS))
    split = holdout(data.labels.start, data.labels.end, "2012-12-31", "2013-01-02", "2013-04-05")
    model = fit_model(data, split.train, _small(s.seed))
    prepared = model.prepare(data, None)
    noise = [fit_on_shuffled_labels(model, prepared, split.train, seed=s.seed + i) for i in range(SHUFFLES)]
    rows = split.test[:: max(1, len(split.test) // 200)]
    real, *random = (explainer_of(one, data)(prepared, rows) for one in (model, *noise))
    importance, shuffled = (
        dict(zip(prepared.names, np.abs(one).mean(axis=0).tolist(), strict=True))
        for one in (real, np.concatenate(random))
    )
    return (
        planted_check(importance, PLANTED, shuffled),
        random_model_check(real, random, prepared.panel.time[rows], s),
    )


def _small(seed: int) -> TrainingSettings:
    return TrainingSettings(
        models=("xgboost",),
        baselines=("always_up",),
        selection=SelectionSettings(n_features=len(PLANTED) + len(DECOYS)),
        ensemble=EnsembleSettings(inner_folds=1),
        members=ModelSettings(xgboost=XGBoostSettings(rounds=40, return_rounds=5, learning_rate=0.1)),
        seed=seed,
    )
