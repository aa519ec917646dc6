"""Markets with planted schemes, drawn at random or to order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from joblib import Parallel, delayed

from tradewind.core.errors import UsageError
from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, Family, Habits
from tradewind.surveillance.planting.registry import SETTINGS, script_of
from tradewind.surveillance.planting.stuffing import StuffingSettings
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.venue import Market, VenueSettings, sample_settings, simulate_venue
from tradewind.surveillance.venue.build import split_accounts

_CLEAN = 0.12
"""Share of sampled markets in which nothing is planted."""

_EVENTS_EACH = 4_000
"""Events of the market for one planted episode, at least."""

HIDING = (
    Scheme.PUMP_AND_DUMP,
    Scheme.SPOOFING,
    Scheme.MARKING_THE_CLOSE,
    Scheme.MOMENTUM_IGNITION,
    Scheme.FRONT_RUNNING,
    Scheme.COORDINATED_ACCOUNTS,
)
"""Schemes that look most like honest trading: to tell them, most examples are needed."""


def make_market(settings: VenueSettings, plan: Sequence[Episode]) -> Market:
    """Simulate a market with these episodes planted in it.

    ``truth`` holds those that could be carried out; one for which the market gave no chance is not there. The same
    settings and plan give the same market.
    """
    everybody, named = split_accounts(settings)
    cast = Cast(everybody, everybody[named:])
    return simulate_venue(settings, scripts=[script_of(episode, cast) for episode in plan])


def sample_plan(
    rng: np.random.Generator,
    venue: VenueSettings,
    *,
    family: Family = "train",
    schemes: Sequence[Scheme] | None = None,
    evasive: float = 0.0,
    episodes: int | None = None,
) -> tuple[Episode, ...]:
    """Draw what is planted in a market.

    Parameters
    ----------
    family : ranges and tactics the settings are drawn from.
    schemes : which schemes, all by default; each is as likely.
    evasive : chance that an episode is played evasively.
    episodes : how many; by default 0 to 15, fewer where the market is short, none in about one market of eight.
    """
    if not 0.0 <= evasive <= 1.0:
        raise UsageError(f"the chance of evasive play is {evasive}", fix="choose it from 0 to 1")
    allowed = tuple(Scheme) if schemes is None else tuple(schemes)
    if not allowed:
        raise UsageError("no scheme is given to plant", fix="name one, or leave schemes out for all")
    if episodes is None:
        most = int(min(max(venue.events // _EVENTS_EACH, 1), 15))
        episodes = 0 if rng.random() < _CLEAN else int(rng.integers(1, most + 1))
    plan: list[Episode] = []
    for i in range(episodes):
        scheme = allowed[int(rng.integers(len(allowed)))]
        sly = bool(rng.random() < evasive)
        crew = plan[int(rng.integers(i))].crew if i and rng.random() < 0.15 else i
        settings = SETTINGS[scheme].sample(rng, family, evasive=sly)
        if isinstance(settings, StuffingSettings):
            settings = settings.within(venue.events)
        plan.append(
            Episode(
                settings=settings,
                begin=float(rng.uniform(0.04, 0.95)),
                symbol=int(rng.integers(len(venue.symbols))),
                crew=crew,
                habits=_sample_habits(rng, venue),
                evasive=sly,
                seed=int(rng.integers(1 << 62)),
            )
        )
    return tuple(plan)


def sample_market(
    seed: int,
    *,
    family: Family = "train",
    schemes: Sequence[Scheme] | None = None,
    evasive: float = 0.0,
    episodes: int | None = None,
    events: int | None = None,
) -> Market:
    """Draw a market and what is planted in it, and simulate it.

    ``events`` is how many events it should have, about (40,000 to 150,000 by default); the rest is as in
    :func:`sample_plan`. The same seed and arguments give the same market.
    """
    venue = sample_settings(seed, family, events=events)
    rng = np.random.default_rng([seed, 3 if family == "train" else 4])
    plan = sample_plan(rng, venue, family=family, schemes=schemes, evasive=evasive, episodes=episodes)
    return make_market(venue, plan)


def busy_market(
    seed: int,
    *,
    family: Family = "train",
    schemes: Sequence[Scheme] | None = None,
    evasive: float = 0.0,
    events: int | None = None,
) -> Market:
    """Draw a market as :func:`sample_market` does, with 10 to 20 episodes, by default of the schemes hardest to tell.

    For learning: it holds as many examples as several usual markets and costs as much as one.
    """
    episodes = int(np.random.default_rng([seed, 11]).integers(10, 21))
    return sample_market(
        seed, family=family, schemes=schemes or HIDING, evasive=evasive, episodes=episodes, events=events
    )


def sample_markets(
    seeds: Sequence[int],
    *,
    jobs: int = 1,
    family: Family = "train",
    schemes: Sequence[Scheme] | None = None,
    evasive: float = 0.0,
    events: int | None = None,
) -> Iterator[Market]:
    """Yield :func:`sample_market` of each seed, in order; ``jobs`` processes work on them."""
    options = {"family": family, "schemes": schemes, "evasive": evasive, "events": events}
    if jobs == 1:
        for seed in seeds:
            yield sample_market(seed, **options)  # type: ignore[arg-type]
        return
    yield from Parallel(n_jobs=jobs, return_as="generator")(delayed(sample_market)(seed, **options) for seed in seeds)


def _sample_habits(rng: np.random.Generator, venue: VenueSettings) -> Habits:
    """Draw how much the accounts do besides: nothing for a third of the episodes, else up to a small trader's share."""
    typical = venue.events / max(venue.accounts, 20)
    orders = 0.0 if rng.random() < 0.33 else float(min(np.exp(rng.uniform(np.log(2.0), np.log(200.0))), 4 * typical))
    return Habits(
        orders=orders, during=float(rng.choice([0.0, 0.3, 1.0])), background=float(rng.choice([0.0, 0.0, 0.5, 1.0]))
    )
