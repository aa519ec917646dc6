"""A red team's visit: for each scheme the search for evasions, and how recall falls on the way to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tradewind.core.progress import NoProgress, Progress
from tradewind.surveillance.adversary.evasive_set import EvasiveSet
from tradewind.surveillance.adversary.field import Field, VenueField, play_all, seeds_of
from tradewind.surveillance.adversary.perturbation import perturb
from tradewind.surveillance.adversary.report import RobustnessReport, SchemeRobustness, Step
from tradewind.surveillance.adversary.search import (
    OrdinaryPlay,
    Search,
    SearchSettings,
    achieved_by,
    at_shares,
    shares_of,
)
from tradewind.surveillance.adversary.sight import Recall, evaluate, look
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.learning.table import joined
from tradewind.surveillance.planting import SETTINGS
from tradewind.surveillance.schemes import Scheme

_PATH, _VARIANTS = 21, 22
"""Purposes of seeds: markets on the way from ordinary play to the evasion, markets of sly variants."""


@dataclass(frozen=True, kw_only=True)
class RedTeamSettings:
    """How much a red team does.

    Attributes
    ----------
    budget : points tried for each scheme.
    seed : of everything random.
    search : how an adversary searches.
    path : points on the way from ordinary play to the least suspicious evasion, both ends among them.
    grounds : markets on which each of these is played.
    variants : markets of strangers with sly variants drawn at random, all schemes together.
    """

    budget: int = 40
    seed: int = 7
    search: SearchSettings = field(default_factory=SearchSettings)
    path: int = 5
    grounds: int = 3
    variants: int = 12


def red_team(
    model: SurveillanceModel,
    schemes: Sequence[Scheme] | None = None,
    settings: RedTeamSettings | None = None,
    *,
    on: Field | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> RobustnessReport:
    """Search for play that escapes ``model`` and report how robust it is.

    Parameters
    ----------
    schemes : those searched; by default all that the model knows.
    on : where it is played, the simulated venue by default.
    jobs : markets at once; no number of them changes a result.

    Raises
    ------
    UsageError : the model knows nothing of a scheme; no budget.
    """
    rules, where, shown = settings or RedTeamSettings(), on or VenueField(), progress or NoProgress()
    chosen = tuple(model.models) if schemes is None else tuple(schemes)
    found: dict[Scheme, SchemeRobustness] = {}
    for number, scheme in enumerate(chosen):
        shown.update("schemes", number, len(chosen))
        search = Search(where, model, scheme, rules.search, seed=rules.seed, jobs=jobs)
        evasive = search.run(rules.budget, shown)
        found[scheme] = SchemeRobustness(
            bar=model.thresholds.get(scheme, 1.0),
            search=evasive,
            path=_path(search, evasive, rules),
            perturbation=perturb(model, scheme, search.ordinary_play.played),
        )
    shown.update("schemes", len(chosen), len(chosen))
    tables = [where.mixture(s, chosen, 1.0) for s in seeds_of(rules.seed, _VARIANTS, count=rules.variants)]
    return RobustnessReport(
        model=model.id, seed=rules.seed, budget=rules.budget, schemes=found, variants=evaluate(model, joined(tables))
    )


def _path(search: Search, evasive: EvasiveSet, rules: RedTeamSettings) -> tuple[Step, ...]:
    """Play points on the way from the middle of ordinary play to the least suspicious evasion, on fresh markets."""
    if not evasive.evasions:
        return ()
    begin, end = _middle(search.ordinary_play), shares_of(evasive.settings()[0])
    kind = SETTINGS[search.scheme]
    ways = [i / (rules.path - 1) for i in range(rules.path)] if rules.path > 1 else [1.0]
    points = [at_shares(kind, {n: (1 - w) * begin[n] + w * end[n] for n in end}) for w in ways]
    seeds = seeds_of(rules.seed, list(Scheme).index(search.scheme), _PATH, count=rules.grounds)
    played = play_all(search.field, points, seeds, search.jobs)
    scale = search.ordinary_play.effect
    return tuple(
        Step(
            evasiveness=way,
            recall=Recall.of([look(search.model, one.table) for one in markets]),
            effect=achieved_by(markets) / scale if scale > 0 else 0.0,
        )
        for way, markets in zip(ways, played, strict=True)
    )


def _middle(ordinary: OrdinaryPlay) -> dict[str, float]:
    """Return the mean share of every parameter over the ordinary ways."""
    shares = [shares_of(point) for point in ordinary.points]
    return {name: sum(one[name] for one in shares) / len(shares) for name in shares[0]}
