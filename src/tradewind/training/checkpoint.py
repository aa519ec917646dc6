"""Keep finished folds on disk, so that a run that was cut goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core import Outcomes
from tradewind.core.files import atomic_path, write_text

_TIME = "time"


def outcomes_frame(outcomes: Outcomes) -> pl.DataFrame:
    """Return the columns of ``outcomes`` as a table; row order is kept."""
    return pl.DataFrame({f.name: getattr(outcomes, f.name) for f in fields(outcomes) if f.name != "model"})


class FoldStore:
    """Finished folds of one run in a folder: outcomes of every model as Parquet, the fold's record as JSON.

    ``key`` names everything the result depends on (data, settings, code); folds of another key are not used.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder / key

    def load(self, number: int) -> tuple[dict[str, Outcomes], dict[str, Outcomes], dict[str, Any]] | None:
        """Return test outcomes, train outcomes and record of fold ``number``, or None where it is not finished."""
        index = self.folder / f"fold_{number:04d}.json"
        if not index.exists():
            return None
        record: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
        return self._read(number, "test", record["models"]), self._read(number, "train", record["train_models"]), record

    def save(self, number: int, test: dict[str, Outcomes], train: dict[str, Outcomes], record: dict[str, Any]) -> None:
        """Keep fold ``number``; its JSON is written last, so a fold is there whole or not at all."""
        for part, outcomes in (("test", test), ("train", train)):
            for name, one in outcomes.items():
                with atomic_path(self._path(number, part, name)) as draft:
                    outcomes_frame(one).write_parquet(draft)
        whole = {**record, "models": list(test), "train_models": list(train)}
        write_text(self.folder / f"fold_{number:04d}.json", json.dumps(whole, indent=2))

    def _path(self, number: int, part: str, name: str) -> Path:
        return self.folder / f"fold_{number:04d}_{part}_{name}.parquet"

    def _read(self, number: int, part: str, names: list[str]) -> dict[str, Outcomes]:
        found = {}
        for name in names:
            frame = pl.read_parquet(self._path(number, part, name))
            found[name] = Outcomes(model=name, **{column: frame[column].to_numpy() for column in frame.columns})
        return found
