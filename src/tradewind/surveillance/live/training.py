"""Training on simulated markets, with what was collected kept, so that a run that stops can go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from joblib import Parallel, delayed

from tradewind.core.errors import UsageError
from tradewind.core.files import read_json, write_json_file
from tradewind.core.progress import NoProgress, Progress
from tradewind.surveillance.explain import imitate_all, write_rules
from tradewind.surveillance.learning import (
    CandidateTable,
    LearningSettings,
    Trained,
    collect,
    joined,
    rule_floors,
    train_on,
)
from tradewind.surveillance.learning.described import column_names
from tradewind.surveillance.live.simulated import Kind, simulated
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sequences import LEARNED_FROM, SequenceModel

CANDIDATES = "candidates"
PLAN_FILE = "plan.json"


@dataclass(frozen=True, kw_only=True)
class MarketsPlan:
    """Which markets are learned from.

    Attributes
    ----------
    seeds : one for each market.
    events : of each, about; None draws it.
    evasive : chance that an episode is played to escape.
    schemes : planted; all by default, in busy markets those that hide best.
    busy : seeds of markets of our venue besides, in which episodes are planted densely.
    others : seeds of markets of other venues that are learned from besides, by their kind.
    """

    seeds: tuple[int, ...]
    events: int | None = None
    evasive: float = 0.2
    schemes: tuple[Scheme, ...] | None = None
    busy: tuple[int, ...] = ()
    others: Mapping[Kind, tuple[int, ...]] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[tuple[Kind, tuple[int, ...]], ...]:
        """Every kind of markets, with its seeds."""
        return (("own", self.seeds), ("busy", self.busy), *self.others.items())

    @property
    def markets(self) -> tuple[PlannedMarket, ...]:
        """Every market, in order."""
        return tuple(PlannedMarket(kind, seed) for kind, seeds in self.kinds for seed in seeds)


class PlannedMarket(NamedTuple):
    """One market that is learned from."""

    kind: Kind
    seed: int

    @property
    def name(self) -> str:
        """The seed, with its kind and ``-`` before it where it is not a usual one."""
        return f"{self.kind}-{self.seed}".removeprefix("own-")


def train_on_markets(
    plan: MarketsPlan,
    folder: Path,
    settings: LearningSettings | None = None,
    *,
    sequences: Mapping[Kind, Path] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Trained:
    """Collect the candidates of every market that is not collected yet, fit a model, and write both into ``folder``.

    ``sequences`` : by kind of markets, the file of a net of sequences that was fitted on no market of that kind; of
    other kinds the bundled one is asked. What a net says of a venue it has learned from is surer than what it says of
    one it has not, and a model that only heard it speak of the first would trust it too much in the second.
    ``jobs`` : markets collected, and schemes fitted, at a time.

    Raises
    ------
    UsageError : the folder holds candidates of other markets or another version; the bundled model of sequences learned
        from one of the markets; no scheme has enough examples.
    OutputError : the folder cannot be written.
    """
    shown = progress or NoProgress()
    kept = folder / CANDIDATES
    nets = sequences or {}
    _check_seeds(plan, nets)
    _check_plan(plan, nets, kept)
    paths = {market: kept / f"{market.name}.npz" for market in plan.markets}
    missing = [(market, path) for market, path in paths.items() if not path.exists()]
    shown.update("collect", len(paths) - len(missing), len(paths))
    work: Sequence[Callable[[], object]] = [
        delayed(_collect)(plan, market, path, nets.get(market.kind)) for market, path in missing
    ]
    done = Parallel(n_jobs=jobs, return_as="generator_unordered")(work) if missing else ()
    for number, _ in enumerate(done, start=1):
        shown.update("collect", len(paths) - len(missing) + number, len(paths))
    table, floors = candidates_of(list(paths.values()), settings or LearningSettings())
    trained = train_on(table, settings, shown, floors=floors, jobs=jobs)
    trained.model.save(folder)
    trained.write(folder)
    write_rules(imitate_all(table, trained.model, trained.scores), folder)  # of scores out of fold
    return trained


def candidates_of(paths: Sequence[Path], settings: LearningSettings) -> tuple[CandidateTable, Mapping[Scheme, float]]:
    """Return kept candidates as one table, and the floors of their rules.

    What lies below a floor can raise nothing, so it is not learned from: of thousands of markets it is most of what
    there is, and would fill the memory of a small machine.
    """
    tables = [CandidateTable.load(path).without_evidence() for path in paths]
    floors = rule_floors(tables, settings.unclear_share)
    for number, table in enumerate(tables):  # in place, so that what is dropped is free at once
        tables[number] = table.clear(floors)
    return joined(tables), floors


def _collect(plan: MarketsPlan, market: PlannedMarket, path: Path, net: Path | None) -> None:
    made = simulated(market.kind, market.seed, events=plan.events, evasive=plan.evasive, schemes=plan.schemes)
    surveyor = Surveyor(None if net is None else SequenceModel.load(net))
    collect(made, surveyor, name=f"market {market.name}", venue=market.kind).save(path)


def _check_seeds(plan: MarketsPlan, nets: Mapping[Kind, Path]) -> None:
    """Refuse markets of which the bundled model of sequences knows the answers: it would seem surer than it is."""
    for kind, seeds in plan.kinds:
        taken = range(0) if kind in nets else LEARNED_FROM.get(kind, range(0))
        known = sorted(set(seeds) & set(taken))
        if known:
            raise UsageError(
                f"the bundled model of sequences knows {len(known)} of the {kind} markets, seed {known[0]} first",
                field="seeds",
                fix=f"leave out seeds {taken.start} to {taken.stop - 1}",
            )


def _check_plan(plan: MarketsPlan, nets: Mapping[Kind, Path], kept: Path) -> None:
    """Keep beside the candidates how they were made, and refuse to mix two ways."""
    surveyor = Surveyor()
    now = json.loads(
        json.dumps(
            {name: value for name, value in asdict(plan).items() if name not in ("seeds", "busy", "others")}
            | {"columns": {scheme.value: column_names(surveyor, scheme) for scheme in surveyor.schemes}}
            | ({"sequences": sorted(nets)} if nets else {})
        )
    )
    path = kept / PLAN_FILE
    if path.exists() and read_json(path, what=f"the {PLAN_FILE} of an earlier run") != now:
        raise UsageError(
            "holds candidates that were collected in another way", file=kept, fix="remove it or name another folder"
        )
    write_json_file(path, now)
