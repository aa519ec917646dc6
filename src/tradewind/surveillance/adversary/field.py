"""Where an adversary tries what it has thought of: small markets in which one way of playing a scheme is planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from joblib import Parallel, delayed

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.adversary.effect import effect_of
from tradewind.surveillance.learning.collect import collect
from tradewind.surveillance.learning.table import CandidateTable
from tradewind.surveillance.planting import Episode, Family, SchemeSettings, make_market, sample_market, sample_plan
from tradewind.surveillance.planting.stuffing import StuffingSettings
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.venue import VenueSettings, sample_settings

_NEWS = 4.0
"""News a session where front running is played: without any there is nothing to run before."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Played:
    """One market in which one way was played.

    Attributes
    ----------
    table : its candidates and what was planted and carried through.
    effect : (deeds,) what each deed of that truth achieved.
    begun : how many were planned.
    """

    table: CandidateTable
    effect: FloatArray
    begun: int


class Field(Protocol):
    """Plays settings; the same settings and seed give the same market, the same seed the same surroundings."""

    def play(self, settings: SchemeSettings, seed: int) -> Played:
        """Plant one way of playing a scheme in the market of ``seed``."""
        ...

    def mixture(self, seed: int, schemes: Sequence[Scheme], evasive: float) -> CandidateTable:
        """Return a market of strangers with schemes drawn at random, a share ``evasive`` of them sly."""
        ...


@dataclass(frozen=True, kw_only=True)
class VenueField:
    """Markets of the simulated venue.

    Attributes
    ----------
    events : of each, about.
    episodes : times the same settings are planted in a market, by different people at different times.
    family : of the surroundings in which settings are tried. ``unseen`` of those in :meth:`mixture`.
    """

    events: int = 40_000
    episodes: int = 3
    family: Family = "train"
    unseen: Family = "unseen"

    def play(self, settings: SchemeSettings, seed: int) -> Played:
        """Simulate and read the market; who plays, when and where depend on the seed alone."""
        venue = sample_settings(seed, self.family, events=self.events)
        if settings.scheme is Scheme.FRONT_RUNNING:
            venue = replace(venue, news_per_session=max(venue.news_per_session, _NEWS))
        plan = self._plan(settings, venue, np.random.default_rng([seed, 11]))
        market = make_market(venue, plan)
        table = collect(market, Surveyor(), name=f"{settings.scheme} {seed}")
        return Played(table=table, effect=np.array([effect_of(deed) for deed in market.truth]), begun=len(plan))

    def mixture(self, seed: int, schemes: Sequence[Scheme], evasive: float) -> CandidateTable:
        """Simulate and read a market of the other family."""
        market = sample_market(seed, family=self.unseen, schemes=schemes, evasive=evasive, events=self.events)
        return collect(market, Surveyor(), name=f"{self.unseen} {seed}")

    def _plan(self, settings: SchemeSettings, venue: VenueSettings, rng: np.random.Generator) -> list[Episode]:
        symbols, days = len(venue.symbols), len(venue.sessions)
        count = self.episodes
        at_close = settings.scheme is Scheme.MARKING_THE_CLOSE
        if at_close:
            count = min(count, symbols * days)  # two marks of one close would be one
        if isinstance(settings, StuffingSettings):
            settings = settings.within(venue.events)
        drawn = sample_plan(rng, venue, schemes=(settings.scheme,), episodes=count)
        begin = rng.uniform(0.05, 0.3, size=count)
        return [
            replace(
                episode,
                settings=settings,
                begin=(i // symbols + 0.5) / days if at_close else float((i + begin[i]) / count),
                symbol=i if at_close else episode.symbol,
                crew=i,
                evasive=True,
            )
            for i, episode in enumerate(drawn)
        ]


def play_all(field: Field, points: Sequence[SchemeSettings], seeds: Sequence[int], jobs: int) -> list[list[Played]]:
    """Play every point on the markets of all seeds (common random numbers); return them point by point."""
    work = [(point, seed) for point in points for seed in seeds]
    if jobs == 1:
        done = [field.play(point, seed) for point, seed in work]
    else:
        done = Parallel(n_jobs=jobs)(delayed(field.play)(point, seed) for point, seed in work)
    return [list(done[i * len(seeds) : (i + 1) * len(seeds)]) for i in range(len(points))]


def seeds_of(*path: int, count: int) -> list[int]:
    """Return seeds of markets for one purpose, none of them in the range that training draws from (below 2**32)."""
    state = np.random.SeedSequence(list(path)).generate_state(count, np.uint64)
    return [int(seed >> np.uint64(2)) | (1 << 61) for seed in state]
