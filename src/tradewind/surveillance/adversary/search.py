"""Black-box search for play that escapes a model and is still worth doing.

Two objectives, suspicion and effect, by the tree-structured Parzen estimator for several objectives (Ozaki et al. 2022,
"Multiobjective tree-structured Parzen estimator"). The adversary sees what a manipulator would learn in the end,
whether and how nearly he is found, and nothing of the model's inside. All points are played on the same markets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution

from tradewind.core.errors import UsageError
from tradewind.core.progress import NoProgress, Progress
from tradewind.surveillance.adversary.effect import effect_unit
from tradewind.surveillance.adversary.evasive_set import Evasion, EvasiveSet, Trial, worth_trying
from tradewind.surveillance.adversary.field import Field, Played, play_all, seeds_of
from tradewind.surveillance.adversary.sight import Recall, Sight, look
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.planting import SETTINGS, Range, SchemeSettings
from tradewind.surveillance.schemes import Scheme

_SEARCHED, _FRESH, _POINTS = 1, 2, 3
"""Purposes of seeds: markets of the search, markets that judge what it found, points it starts from."""


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How an adversary searches.

    Attributes
    ----------
    grounds : markets on which each point is played.
    fresh : other markets on which what was found is judged.
    ordinary : ordinary ways of playing (drawn from the ranges of training) that set what a deed is worth.
    least_effect : share of that below which a way is not worth doing. Effects spread over decades, and a fifth of the
        median is still something to a manipulator.
    keep : ways that are kept as found.
    batch : points thought of at once.
    """

    grounds: int = 3
    fresh: int = 6
    ordinary: int = 6
    least_effect: float = 0.2
    keep: int = 3
    batch: int = 4

    def __post_init__(self) -> None:
        if min(self.grounds, self.fresh, self.ordinary, self.keep, self.batch) < 1:
            raise UsageError("a search needs at least one market, point and batch", fix="give numbers of 1 or more")


@dataclass(frozen=True, kw_only=True, eq=False)
class OrdinaryPlay:
    """How play as in training does on fresh markets.

    Attributes
    ----------
    effect : median over ways of what a planned deed achieves on the markets of the search.
    recall : of its deeds on fresh markets.
    points, played : the ways, and their fresh markets.
    """

    effect: float
    recall: Recall
    points: tuple[SchemeSettings, ...]
    played: tuple[Played, ...]


class Search:
    """Searches one scheme against one model; the same seed finds the same, whatever ``jobs``.

    Parameters
    ----------
    field : plays settings.
    model : whose eye is to be escaped.
    jobs : markets at once.

    Raises
    ------
    UsageError : the model knows nothing of the scheme.
    """

    def __init__(
        self,
        field: Field,
        model: SurveillanceModel,
        scheme: Scheme,
        settings: SearchSettings | None = None,
        *,
        seed: int = 7,
        jobs: int = 1,
    ) -> None:
        if scheme not in model.models:
            raise UsageError(
                f"the model knows nothing of {scheme}, so there is nothing to escape",
                field="schemes",
                fix="choose among " + ", ".join(model.models),
            )
        self.field, self.model, self.scheme, self.seed, self.jobs = field, model, scheme, seed, jobs
        self.settings = settings or SearchSettings()
        self.kind = SETTINGS[scheme]
        self.space = {name: range_ for name, range_ in self.kind.full_space().items() if range_.low < range_.high}
        number = list(Scheme).index(scheme)
        self.grounds = seeds_of(seed, number, _SEARCHED, count=self.settings.grounds)
        self.fresh = seeds_of(seed, number, _FRESH, count=self.settings.fresh)
        self._rng = np.random.default_rng([seed, number, _POINTS])
        self.ordinary_play = self._ordinary()

    def run(self, budget: int, progress: Progress | None = None) -> EvasiveSet:
        """Try ``budget`` points and judge the best of them on fresh markets.

        Raises
        ------
        UsageError : no budget.
        """
        if budget < 1:
            raise UsageError(f"a budget of {budget} points finds nothing", field="budget", fix="give at least 1")
        shown, stage = progress or NoProgress(), f"search {self.scheme}"
        study = self._study(budget)
        trials: list[Trial] = []
        while len(trials) < budget:
            asked = [study.ask(self._dimensions()) for _ in range(min(self.settings.batch, budget - len(trials)))]
            points = [self._point(trial.params) for trial in asked]
            played = play_all(self.field, points, self.grounds, self.jobs)
            for one, point, markets in zip(asked, points, played, strict=True):
                trial = self._judge(point, markets)
                study.tell(one, self._objectives(trial))
                trials.append(trial)
            shown.update(stage, len(trials), budget)
        return EvasiveSet(
            scheme=self.scheme,
            model=self.model.id,
            seed=self.seed,
            unit=effect_unit(self.scheme),
            ordinary_effect=self.ordinary_play.effect,
            least_effect=self.settings.least_effect,
            ordinary=self.ordinary_play.recall,
            evasions=self._evasions(trials),
            trials=tuple(trials),
        )

    def _ordinary(self) -> OrdinaryPlay:
        points = [self.kind.sample(self._rng) for _ in range(self.settings.ordinary)]
        # one fresh market each: the ways differ more than the markets
        fresh = [self.fresh[i % len(self.fresh)] for i in range(len(points))]
        searched = play_all(self.field, points, self.grounds[:1], self.jobs)
        played = [play_all(self.field, [p], [s], 1)[0][0] for p, s in zip(points, fresh, strict=True)]
        achieved = [achieved_by([*a, b]) for a, b in zip(searched, played, strict=True)]
        return OrdinaryPlay(
            effect=float(np.median(achieved)),
            recall=Recall.of([look(self.model, one.table) for one in played]),
            points=tuple(points),
            played=tuple(played),
        )

    def _evasions(self, trials: Sequence[Trial]) -> tuple[Evasion, ...]:
        best = worth_trying(trials, self.settings.least_effect, self.settings.keep)
        points = [self.kind.of(trial.parameters) for trial in best]
        played = play_all(self.field, points, self.fresh, self.jobs)
        return tuple(
            Evasion(
                parameters=point.numbers(),
                effect=self._relative(markets),
                searched=trial.recall,
                fresh=Recall.of([look(self.model, one.table) for one in markets]),
            )
            for trial, point, markets in zip(best, points, played, strict=True)
        )

    def _study(self, budget: int) -> optuna.Study:
        """Return a study that starts from ways meant to be sly, and from chance points."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        first = max(budget // 3, 1)
        sampler = optuna.samplers.TPESampler(seed=int(self._rng.integers(1 << 31)), n_startup_trials=first)
        study = optuna.create_study(directions=["minimize", "maximize"], sampler=sampler)
        for i in range(first):
            if i % 3 < 2:
                study.enqueue_trial(self._shares(self.kind.sample(self._rng, evasive=True)))
        return study

    def _dimensions(self) -> dict[str, BaseDistribution]:
        return {name: FloatDistribution(0.0, 1.0) for name in self.space}

    def _point(self, shares: Mapping[str, float]) -> SchemeSettings:
        return at_shares(self.kind, shares)

    def _shares(self, point: SchemeSettings) -> dict[str, float]:
        return shares_of(point)

    def _judge(self, point: SchemeSettings, markets: Sequence[Played]) -> Trial:
        sights: list[Sight] = [look(self.model, one.table) for one in markets]
        near = np.concatenate([sight.suspicion for sight in sights])
        return Trial(
            parameters=point.numbers(),
            suspicion=float(near.mean()) if len(near) else 0.0,
            recall=Recall.of(sights).share,
            effect=self._relative(markets),
            deeds=len(near),
            begun=sum(one.begun for one in markets),
        )

    def _relative(self, markets: Sequence[Played]) -> float:
        """Return what was achieved where ordinary play achieves 1."""
        return achieved_by(markets) / self.ordinary_play.effect if self.ordinary_play.effect > 0 else 0.0

    def _objectives(self, trial: Trial) -> tuple[float, float]:
        """Return suspicion, above 1 for what is not worth doing, and effect, no more than ordinary play's."""
        least = self.settings.least_effect
        short = max(least - trial.effect, 0.0) / least if least > 0 else 0.0
        cost = trial.suspicion if trial.deeds and short == 0 else 1.0 + short
        return cost, min(trial.effect, 1.0)


def achieved_by(markets: Sequence[Played]) -> float:
    """Return the effect for each deed planned; those that came to nothing count."""
    begun = sum(one.begun for one in markets)
    return float(sum(one.effect.sum() for one in markets)) / begun if begun else 0.0


def shares_of(point: SchemeSettings) -> dict[str, float]:
    """Return for each parameter that can vary where it lies in its full range, in [0, 1]."""
    values = point.numbers()
    return {
        name: _share(range_, values[name])
        for name, range_ in type(point).full_space().items()
        if range_.low < range_.high
    }


def at_shares(kind: type[SchemeSettings], shares: Mapping[str, float]) -> SchemeSettings:
    """Return settings from shares of the full ranges; parameters that are not named have their only value."""
    return kind.of({name: range_.at(shares.get(name, 0.0)) for name, range_ in kind.full_space().items()})


def _share(range_: Range, value: float) -> float:
    """Return the share from which ``range_.at`` gives ``value``."""
    if range_.whole and not range_.log:
        return (value - range_.low + 0.5) / (range_.high - range_.low + 1)
    scale: Callable[[float], float] = math.log if range_.log else float
    return (scale(value) - scale(range_.low)) / (scale(range_.high) - scale(range_.low))
