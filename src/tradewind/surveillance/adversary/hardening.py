"""Hardening: an adversary searches, the model learns from what he found, a fresh search says whether that helped.

Adversarial training (Goodfellow et al. 2015; Madry et al. 2018) with a black-box adversary in the space of what can be
played, not of features. What counts is recall under an attack that was led against the *new* model on markets that no
training ever saw; recall on the attack it learnt from would flatter it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core.errors import UsageError
from tradewind.core.files import read_json, write_json_file
from tradewind.core.ids import content_id
from tradewind.core.progress import NoProgress, Progress
from tradewind.surveillance.adversary.evasive_set import EvasiveSet
from tradewind.surveillance.adversary.field import Field, VenueField, play_all, seeds_of
from tradewind.surveillance.adversary.rounds import Measure, Round, decide
from tradewind.surveillance.adversary.search import Search, SearchSettings, at_shares, shares_of
from tradewind.surveillance.adversary.sight import Recall, evaluate, look
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.learning.settings import LearningSettings
from tradewind.surveillance.learning.table import CandidateTable, joined
from tradewind.surveillance.learning.training import train_on
from tradewind.surveillance.planting import SETTINGS, SchemeSettings
from tradewind.surveillance.schemes import Scheme

_LESSONS, _AROUND, _VALIDATION, _VARIANTS, _ATTACK = 31, 32, 33, 34, 35
"""Purposes of seeds."""

PLAN_FILE, ROUND_FILE, HARDENED_FILE = "plan.json", "round.json", "hardening.json"


@dataclass(frozen=True, kw_only=True)
class HardeningSettings:
    """How a model is hardened.

    Attributes
    ----------
    rounds : attacks it learns from.
    budget, search : of each attack.
    lessons : markets for each scheme and round in which ways around those found are played, to learn from.
    spread : standard deviation of these around what was found, as a share of each parameter's range.
    validation : markets of strangers with ordinary play, and as many with sly variants.
    allowed_precision, allowed_recall : by how much precision and recall of ordinary play may fall.
    learning : how the model is fitted.
    seed : of everything random but the fit.
    """

    rounds: int = 2
    budget: int = 40
    search: SearchSettings = field(default_factory=SearchSettings)
    lessons: int = 16
    spread: float = 0.1
    validation: int = 24
    allowed_precision: float = 0.005
    allowed_recall: float = 0.02
    learning: LearningSettings = field(default_factory=LearningSettings)
    seed: int = 7

    def plan(self) -> dict[str, Any]:
        """Return plain values of all that decides a result but the number of rounds."""
        plain = asdict(self) | {"learning": self.learning.model_dump(mode="json")}
        return {name: value for name, value in plain.items() if name != "rounds"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Hardened:
    """The hardened model (the one it began with where no round was accepted) and how each round went."""

    model: SurveillanceModel
    rounds: tuple[Round, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"model": self.model.id, "rounds": [one.to_dict() for one in self.rounds]}


def harden(
    model: SurveillanceModel,
    base: CandidateTable,
    folder: Path,
    settings: HardeningSettings | None = None,
    *,
    on: tuple[Field, Sequence[Scheme], int] | None = None,
    progress: Progress | None = None,
) -> Hardened:
    """Harden ``model``; what is done is kept in ``folder``, and a run that was stopped goes on there.

    Each round searches evasions of the present model, adds markets with ways around them to what was learnt from
    before, fits anew, and attacks the new model afresh. The new model takes the old one's place where
    :func:`~.rounds.decide` says so; what a round taught is kept for the next either way.

    Parameters
    ----------
    base : candidates the model was fitted on.
    on : where it is played, the schemes that are attacked, and markets at once; by default the simulated venue, all
        schemes the model knows, one.

    Raises
    ------
    UsageError : the folder belongs to another hardening; a scheme is not known to the model.
    OutputError : the folder cannot be written.
    """
    work = _Hardening(model, base, folder, settings or HardeningSettings(), on, progress or NoProgress())
    return work.run()


class _Hardening:
    def __init__(
        self,
        model: SurveillanceModel,
        base: CandidateTable,
        folder: Path,
        settings: HardeningSettings,
        on: tuple[Field, Sequence[Scheme], int] | None,
        shown: Progress,
    ) -> None:
        self.model, self.base, self.folder, self.settings, self.shown = model, base, folder, settings, shown
        self.field, chosen, self.jobs = on or (VenueField(), tuple(model.models), 1)
        self.schemes = tuple(chosen)
        plan = {
            "model": model.id,
            "base": content_id([[m.name, m.events, len(m.truth)] for m in base.markets]),
            "field": repr(self.field),
            "schemes": [s.value for s in self.schemes],
            "settings": settings.plan(),
        }
        _check_plan(plan, folder / PLAN_FILE)
        self.validation = self._mixture("validation.npz", _VALIDATION, 0.0)
        self.variants = self._mixture("variants.npz", _VARIANTS, 1.0)

    def run(self) -> Hardened:
        rounds: list[Round] = []
        lessons: list[CandidateTable] = []
        attacks = self._attack(self.model, self.folder / "attack_0", 0)
        for number in range(1, self.settings.rounds + 1):
            place = self.folder / f"round_{number}"
            lessons.append(self._lessons(attacks, place / "lessons.npz", number))
            new = self._fit(lessons, place)
            fresh = self._attack(new, place / "attack", 2 * number)
            done = self._judge(new, attacks, fresh, number)
            write_json_file(place / ROUND_FILE, done.to_dict())
            rounds.append(done)
            if done.accepted:
                self.model, attacks = new, fresh
            elif number < self.settings.rounds:  # a search led anew, for the last one taught what it could
                attacks = self._attack(self.model, place / "attack_again", 2 * number + 1)
            self.shown.update("rounds", number, self.settings.rounds)
        hardened = Hardened(model=self.model, rounds=tuple(rounds))
        self.model.save(self.folder / "model")
        write_json_file(self.folder / HARDENED_FILE, hardened.to_dict())
        return hardened

    def _mixture(self, name: str, purpose: int, evasive: float) -> CandidateTable:
        path = self.folder / name
        if not path.exists():
            tables = []
            seeds = seeds_of(self.settings.seed, purpose, count=self.settings.validation)
            for done, seed in enumerate(seeds, start=1):
                tables.append(self.field.mixture(seed, self.schemes, evasive))
                self.shown.update(name.removesuffix(".npz"), done, len(seeds))
            joined(tables).save(path)
        return CandidateTable.load(path)

    def _attack(self, model: SurveillanceModel, place: Path, number: int) -> dict[Scheme, EvasiveSet]:
        found = {}
        for scheme in self.schemes:
            path = place / f"{scheme}.json"
            if scheme not in model.models:
                continue
            if not path.exists():
                seed = seeds_of(self.settings.seed, _ATTACK, number, count=1)[0]
                search = Search(self.field, model, scheme, self.settings.search, seed=seed, jobs=self.jobs)
                search.run(self.settings.budget, self.shown).write(path)
            found[scheme] = EvasiveSet.read(path)
        return found

    def _lessons(self, attacks: Mapping[Scheme, EvasiveSet], path: Path, number: int) -> CandidateTable:
        """Return candidates of markets with ways around what was found; ordinary ones where nothing was."""
        if not path.exists():
            tables: list[CandidateTable] = []
            for done, (scheme, attack) in enumerate(attacks.items(), start=1):
                place = list(Scheme).index(scheme)
                points = self._around(attack, np.random.default_rng([self.settings.seed, _AROUND, number, place]))
                seeds = seeds_of(self.settings.seed, _LESSONS, number, place, count=len(points))
                for point, seed in zip(points, seeds, strict=True):
                    tables.append(play_all(self.field, [point], [seed], 1)[0][0].table)
                self.shown.update(f"lessons {number}", done, len(attacks))
            joined(tables).save(path)
        return CandidateTable.load(path)

    def _around(self, attack: EvasiveSet, rng: np.random.Generator) -> list[SchemeSettings]:
        """Return ways around those found, each of these in turn; the first of each is the way itself."""
        kind, found = SETTINGS[attack.scheme], attack.settings()
        points: list[SchemeSettings] = []
        for i in range(self.settings.lessons):
            if not found:
                points.append(kind.sample(rng, evasive=True))
                continue
            shares = shares_of(found[i % len(found)])
            spread = self.settings.spread if i >= len(found) else 0.0
            points.append(at_shares(kind, {n: _inside(s + spread * rng.standard_normal()) for n, s in shares.items()}))
        return points

    def _fit(self, lessons: Sequence[CandidateTable], place: Path) -> SurveillanceModel:
        if not (place / "model" / "manifest.json").exists():  # the file that is written last
            trained = train_on(joined([self.base, *lessons]), self.settings.learning, self.shown)
            trained.model.save(place / "model")
        return SurveillanceModel.load(place / "model")

    def _judge(
        self,
        new: SurveillanceModel,
        attacks: Mapping[Scheme, EvasiveSet],
        fresh: Mapping[Scheme, EvasiveSet],
        number: int,
    ) -> Round:
        measures = {
            name: Measure.of(evaluate(one, self.validation), look(one, self.variants), evaluate(one, self.variants))
            for name, one in (("before", self.model), ("after", new))
        }
        attack_before = {s: a.recall for s, a in attacks.items()}
        attack_after = {s: a.recall for s, a in fresh.items()}
        accepted, why = decide(
            measures["before"],
            measures["after"],
            (_all(attack_before), _all(attack_after)),
            (self.settings.allowed_precision, self.settings.allowed_recall),
        )
        return Round(
            number=number,
            before_model=self.model.id,
            after_model=new.id,
            before=measures["before"],
            after=measures["after"],
            attack_before=attack_before,
            attack_after=attack_after,
            accepted=accepted,
            why=why,
        )


def _all(recalls: Mapping[Scheme, Recall]) -> Recall:
    return sum(recalls.values(), Recall(found=(), deeds=()))


def _inside(share: float) -> float:
    return min(max(float(share), 0.0), 1.0)


def _check_plan(plan: Mapping[str, Any], path: Path) -> None:
    """Keep what is hardened and how, and refuse to go on with something else."""
    draft = path.with_suffix(".now.json")
    now = read_json(write_json_file(draft, dict(plan)), what="the plan")
    draft.unlink()
    if path.exists() and read_json(path, what=f"the {PLAN_FILE} of an earlier run") != now:
        raise UsageError(
            "holds the hardening of another model, or in another way",
            file=path.parent,
            fix="name another folder, or remove it",
        )
    write_json_file(path, now)
