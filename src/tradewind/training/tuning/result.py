"""What a search found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tradewind.core.files import atomic_path, write_text
from tradewind.training.settings import TrainingSettings
from tradewind.training.tuning.choice import Trial, advantage
from tradewind.training.tuning.space import Value

TUNED, TRIALS, PAGE, STUDY = "tuned.toml", "trials.parquet", "search.html", "study.db"


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """One search: its trials, the one taken, and the best one beside the default."""

    stage: str
    model: str
    trials: tuple[Trial, ...]
    chosen: Trial
    best: Trial | None

    @property
    def kept_default(self) -> bool:
        """Whether the default was kept."""
        return self.chosen.number == 0

    def to_dict(self) -> dict[str, object]:
        """Return a row for a table: scores of default and chosen, and the best challenger's paired advantage."""
        default, best = self.trials[0], self.best
        gain = advantage(best, default) if best is not None and default.state == "complete" else None
        states = [trial.state for trial in self.trials]
        return {
            "stage": self.stage,
            "model": self.model,
            "trials": len(self.trials),
            "pruned": states.count("pruned"),
            "failed": states.count("failed"),
            "default": default.score,
            "best": best.score if best is not None else None,
            "gain": gain.mean if gain else None,
            "std_error": gain.std_error if gain else None,
            "chosen": "default" if self.kept_default else f"trial {self.chosen.number}",
            "score": self.chosen.score,
        }


@dataclass(frozen=True, kw_only=True)
class TuningResult:
    """The tuned settings and how they were found.

    Attributes
    ----------
    settings : complete; ``settings.tuning.trials`` counts every variant that was tried.
    stages : one for each member, then how they are joined, then all together.
    measure : what a score is, see :mod:`~tradewind.training.tuning.objective`.
    margin : standard errors by which the default had to be beaten.
    first, last : days of the first bar judged and of the last label used.
    """

    settings: TrainingSettings
    stages: tuple[StageResult, ...]
    measure: str
    margin: float
    first: str
    last: str

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Every trial of every stage."""
        return tuple(trial for stage in self.stages for trial in stage.trials)

    @property
    def kept_default(self) -> bool:
        """Whether nothing that was tried took the default's place."""
        return (
            self.stages[-1].kept_default
            if self.stages[-1].stage == "joint"
            else all(stage.kept_default for stage in self.stages)
        )

    @property
    def words(self) -> str:
        """What was found, in a sentence or two."""
        count = self.settings.tuning.trials
        if self.kept_default:
            return (
                f"The default settings are kept: of {count} variants tried, none beat them by more than "
                f"{self.margin:g} standard errors."
            )
        return (
            f"Tuned settings are taken; {count} variants were tried. Their score is the best of many on the days they "
            "were chosen on, so it is too high: `tradewind evaluate` on later days says what they are worth."
        )

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-ready summary."""
        return {
            "measure": self.measure,
            "first": self.first,
            "last": self.last,
            "trials": self.settings.tuning.trials,
            "kept_default": self.kept_default,
            "stages": [stage.to_dict() for stage in self.stages],
            "words": self.words,
            "settings": self.settings.model_dump(mode="json"),
        }


def trials_frame(trials: Sequence[Trial]) -> pl.DataFrame:
    """Return one row a trial; ``params`` is JSON, ``splits`` a list of lists of scores by period."""
    return pl.DataFrame(
        {
            "stage": [t.stage for t in trials],
            "model": [t.model for t in trials],
            "number": [t.number for t in trials],
            "params": [json.dumps(_plain(t.params)) for t in trials],
            "score": [t.score for t in trials],
            "std_error": [t.std_error for t in trials],
            "splits": [[list(split) for split in t.splits] for t in trials],
            "state": [t.state for t in trials],
            "reason": [t.reason for t in trials],
            "seconds": [t.seconds for t in trials],
        },
        schema_overrides={"splits": pl.List(pl.List(pl.Float64))},
    )


def _plain(params: Mapping[str, Value]) -> dict[str, Value]:
    return dict(sorted(params.items()))


def write_search(result: TuningResult, folder: Path) -> None:
    """Write tuned.toml, trials.parquet and search.html into ``folder``."""
    from tradewind.training.tuning.picture import search_page

    with atomic_path(folder / TRIALS) as draft:
        trials_frame(result.trials).write_parquet(draft)
    write_text(folder / PAGE, search_page(result))
    write_text(folder / TUNED, result.settings.to_toml())
