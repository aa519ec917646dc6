"""A world to replay: a simulated market, two models trained on its past, and everything that is served from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, News, NoProgress, Outcomes, Panel, Progress, Settings
from tradewind.core.arrays import IntArray, TimeArray
from tradewind.data import MarketSettings, MarketShock, simulate
from tradewind.features import SelectionSettings, row_slices
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.trees.random_forest import RandomForestSettings
from tradewind.models.trees.xgb import XGBoostSettings
from tradewind.monitoring.replay.incidents import Stage
from tradewind.monitoring.slices import ServiceSample
from tradewind.monitoring.sources import Answered, Observed, late_arrivals
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model
from tradewind.training.model import ENSEMBLE
from tradewind.training.outcomes import to_outcomes

VERSIONS = ("champion/1", "champion/2")
FEEDS = ("alpha", "beta", "gamma")
DEPENDENCIES = {"feature_store": 0.004, "cache": 0.001, "audit_log": 0.006, "event_log": 0.003}
"""Usual p99 of each dependency, seconds."""


class WorldSettings(Settings):
    """What is simulated.

    Attributes
    ----------
    symbols, sectors : size of the market. ``ceiling`` : accuracy of somebody who knows the rule, where it speaks.
    factor_share : share of a symbol's variance that market and sector give; as the trend has its say in every sign, 0.6
        makes symbols correlate by about a fifth to a quarter.
    news_rate : share of bars with signed news, which decide the next move instead of the trend.
    train_days : sessions on which the champion is trained; the version before it on the first half of them.
    judged_days : sessions after those, on which the champion is measured out of sample: what is expected of it.
    replay_days : sessions after those: the replay. ``seed`` : of market, models and service.
    """

    symbols: Annotated[int, Field(ge=10)] = 40
    sectors: Annotated[int, Field(ge=2)] = 5
    ceiling: Annotated[float, Field(gt=0.5, lt=1)] = 0.68
    factor_share: Annotated[float, Field(ge=0, le=0.6)] = 0.6
    news_rate: Annotated[float, Field(ge=0, le=1)] = 0.25
    train_days: Annotated[int, Field(ge=150)] = 380
    judged_days: Annotated[int, Field(ge=60)] = 126
    replay_days: Annotated[int, Field(ge=120)] = 252
    seed: Annotated[int, Field(ge=0)] = 0

    @property
    def n_days(self) -> int:
        """Sessions in all."""
        return self.train_days + self.judged_days + self.replay_days

    @property
    def replay_starts(self) -> int:
        """The first session of the replay."""
        return self.train_days + self.judged_days

    def market(self, shocks: tuple[MarketShock, ...] = ()) -> MarketSettings:
        """Return the settings of the market, with ``shocks``."""
        return MarketSettings(
            n_symbols=self.symbols,
            n_days=self.n_days,
            kind="momentum",
            overlays=("news",),
            ceiling=self.ceiling,
            factor_share=self.factor_share,
            sectors=self.sectors,
            news_rate=self.news_rate,
            shocks=shocks,
            seed=self.seed,
        )


MODEL = TrainingSettings(
    models=("logistic", "random_forest", "xgboost"),
    baselines=(),
    selection=SelectionSettings(n_features=30),
    ensemble=EnsembleSettings(inner_folds=2),
    members=ModelSettings(
        random_forest=RandomForestSettings(n_trees=60, max_depth=6),
        xgboost=XGBoostSettings(rounds=60, return_rounds=20, learning_rate=0.1),
    ),
)
"""A champion that is trained in seconds; the text head is left out, since its words are the simulator's own."""


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """A clean world; :meth:`observed` shows it, with or without an incident.

    Attributes
    ----------
    stage : everything that an incident may change.
    models : the trained versions, oldest first. ``reference`` : raw features of every bar of the clean market.
    train : rows on which the champion was trained. ``judged`` : rows on which it was measured out of sample.
    outcomes : the champion's forecasts of ``judged`` beside what happened.
    """

    settings: WorldSettings
    stage: Stage
    models: tuple[TrainedModel, ...]
    reference: Dataset
    train: IntArray
    judged: IntArray
    outcomes: Outcomes

    def observed(self, stage: Stage | None = None) -> Observed:
        """Return the world as it was observed on ``stage``: features, answers and labels follow from its bars."""
        seen = self.stage if stage is None else stage
        if seen.shocks:
            seen = replace(seen, panel=simulate(self.settings.market(seen.shocks)).panel)
        same = seen.panel is self.stage.panel and seen.news is self.stage.news
        data = self.reference if same else build_dataset(seen.panel, seen.news)
        return Observed(
            panel=seen.panel,
            names=data.names,
            features=data.features,
            answers=tuple(self._answers(seen, data)),
            labels=data.labels,
            arrives=late_arrivals(data.labels, seen.days, np.asarray(seen.label_delay)),
            news=seen.news,
            feed=np.array(seen.feed),
            universe=self.stage.panel.symbols,
            sessions=seen.days,
            champion=VERSIONS[-1],
            service=dict(zip(seen.days, seen.service, strict=True)),
        )

    def _answers(self, seen: Stage, data: Dataset) -> list[Answered]:
        """What each version answered on the sessions on which it was served, from the judged ones on."""
        served = np.asarray(seen.served)[np.searchsorted(seen.days, data.panel.time)]
        asked = data.panel.time >= seen.days[self.settings.train_days]
        found = []
        for number in np.unique(served[asked])[::-1].tolist():
            rows = np.flatnonzero(asked & (served == number))
            forecast = self.models[number].forecast(data, rows, seen.news)[ENSEMBLE]
            found.append(Answered(version=seen.versions[number], role="champion", forecast=forecast))
        return found


def build_world(settings: WorldSettings, progress: Progress | None = None) -> World:
    """Simulate the market of ``settings`` and train both versions on its past."""
    watcher = progress or NoProgress()
    market = simulate(settings.market())
    assert market.news is not None
    data = build_dataset(market.panel, market.news)
    days = market.panel.times
    ends = (settings.train_days // 2, settings.train_days)
    models = []
    for step, end in enumerate(ends):
        watcher.update("models", step, len(ends))
        rows = np.flatnonzero(data.labels.end < days[end])
        model = _seeded(settings.seed + step)
        models.append(fit_model(data, rows, model, news=market.news))
    watcher.update("models", len(ends), len(ends))
    start, stop = days[settings.train_days], days[settings.replay_starts]
    judged = np.flatnonzero((data.panel.time >= start) & (data.labels.end < stop))
    forecast = models[-1].forecast(data, judged, market.news)[ENSEMBLE]
    return World(
        settings=settings,
        stage=_stage(settings, market.panel, market.news, days),
        models=tuple(models),
        reference=data,
        train=np.flatnonzero(data.labels.end < days[settings.train_days]),
        judged=judged,
        outcomes=to_outcomes(VERSIONS[-1], forecast, data, row_slices(data.panel)),
    )


def _seeded(seed: int) -> TrainingSettings:
    """Return the settings of a champion with ``seed``."""
    return MODEL.model_copy(update={"seed": seed})


def _stage(settings: WorldSettings, panel: Panel, news: News, days: TimeArray) -> Stage:
    return Stage(
        panel=panel,
        news=news,
        days=days,
        feed=tuple(FEEDS[i % len(FEEDS)] for i in range(panel.n_symbols)),
        versions=VERSIONS,
        served=(len(VERSIONS) - 1,) * len(days),
        label_delay=(0,) * len(days),
        service=_service(settings, len(days)),
    )


def _service(settings: WorldSettings, n_days: int) -> tuple[ServiceSample, ...]:
    """Return how a sound service does: latencies that vary by a quarter, few errors, memory that stays."""
    rng = np.random.default_rng((settings.seed, 77))
    samples = []
    for _ in range(n_days):
        parts = {name: p99 * float(rng.lognormal(0.0, 0.25)) for name, p99 in DEPENDENCIES.items()}
        requests = int(rng.poisson(20_000))
        samples.append(
            ServiceSample(
                seconds=23_400.0,
                requests=requests,
                errors=int(rng.poisson(requests * 2e-5)),
                rejected=int(rng.poisson(0.5)),
                latency_p50=0.002 * float(rng.lognormal(0.0, 0.1)),
                latency_p99=0.006 * float(rng.lognormal(0.0, 0.2)) + sum(parts.values()),
                memory=6e8 * float(rng.lognormal(0.0, 0.03)),
                lag=float(rng.exponential(0.05)),
                dependencies=parts,
            )
        )
    return tuple(samples)
