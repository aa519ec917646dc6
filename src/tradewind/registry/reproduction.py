"""Builds a model again from its record and says whether it is the same."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset, InputError, News, NoProgress, Progress, UsageError
from tradewind.core.arrays import IntArray
from tradewind.core.ids import array_id
from tradewind.registry.environment import environment, environment_differences
from tradewind.registry.folder import file_sha256, folder_files
from tradewind.registry.making import sample_forecasts
from tradewind.registry.record import ModelRecord

if TYPE_CHECKING:
    from tradewind.training import TrainedModel, TrainingSettings

TOLERANCE = 1e-9
"""Largest difference of a forecast that counts as none."""
INDEX = "model.json"
FITTED = ("ensemble/", "baselines/", "head/")
"""Parts of a model folder that the fit makes; others (the sample, an explainer) are made from the fitted model."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One thing that was compared: what the record says, what is here, and whether that is the same."""

    name: str
    same: bool
    recorded: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """What became of building a model again.

    Attributes
    ----------
    model : what was rebuilt.
    comparisons : data, settings, rows, code, environment.
    largest : largest absolute difference of any sample forecast, over all columns; by column in ``by_column``.
    rows : sample forecasts compared.
    files : for each file of the model whether the rebuilt one is equal, byte for byte.
    """

    model: str
    comparisons: tuple[Comparison, ...]
    largest: float
    by_column: dict[str, float]
    rows: int
    files: dict[str, bool]

    @property
    def reproduced(self) -> bool:
        """Whether every sample forecast came out the same, to :data:`TOLERANCE`."""
        return self.largest <= TOLERANCE

    @property
    def differences(self) -> list[str]:
        """What differs between then and now, in words."""
        return [f"{c.name}: was {c.recorded}, is {c.found}" for c in self.comparisons if not c.same]

    @property
    def words(self) -> str:
        """The outcome in a sentence or two."""
        equal = sum(self.files.values())
        measured = f"{self.rows} sample forecasts differ by {self.largest:.3g} at most"
        if self.reproduced:
            honest = (
                " although something differs (see above), so this holds for these forecasts alone"
                if self.differences
                else ""
            )
            return f"Reproduced{honest}: {measured}; {equal} of {len(self.files)} files are equal, byte for byte."
        cause = (
            "What differs above can be the cause; install the recorded environment to know."
            if self.differences
            else "Nothing that was recorded differs: model or record was changed, or a part is not deterministic."
        )
        return f"NOT reproduced: {measured}. {cause}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            **asdict(self),
            "comparisons": [asdict(c) for c in self.comparisons],
            "reproduced": self.reproduced,
            "differences": self.differences,
            "words": self.words,
        }


def check_inputs(record: ModelRecord, files: Mapping[str, Path | None]) -> list[Comparison]:
    """Compare input files by flag with those in ``record``; one that was not used and is given counts as different.

    Raises
    ------
    InputError : a file that the record names cannot be read.
    """
    found = []
    used = {flag: one for flag, one in record.inputs.items() if isinstance(one, dict)}
    for flag in sorted(used.keys() | {flag for flag, path in files.items() if path is not None}):
        path = files.get(flag)
        then = used.get(flag, {}).get("sha256", "not used")
        now = "not given" if path is None else _sha256(flag, path)
        found.append(Comparison(name=f"{flag} file", same=then == now, recorded=then[:16], found=now[:16]))
    return found


def _sha256(flag: str, path: Path) -> str:
    if not path.is_file():
        raise InputError(
            f"the {flag} that the model was trained on are not here", file=path, fix=f"say with --{flag} where they are"
        )
    return file_sha256(path)


def training_rows(record: ModelRecord, data: Dataset) -> IntArray:
    """Return the rows to fit on, by the rule of `tradewind train`: those whose label was known by the record's end."""
    end = record.train_end
    return np.flatnonzero(data.labels.known_by(end) if end else ~np.isnat(data.labels.end))


def reproduce(
    record: ModelRecord,
    data: Dataset,
    news: News | None,
    *,
    stored: Path | None = None,
    inputs: tuple[Comparison, ...] = (),
    progress: Progress | None = None,
) -> Reproduction:
    """Fit the model of ``record`` again on ``data`` and compare its sample forecasts with the stored ones.

    Parameters
    ----------
    data : raw features and labels, computed from the recorded inputs.
    stored : the model folder, whose files are then compared byte for byte.
    inputs : what :func:`check_inputs` found.

    Raises
    ------
    UsageError : the record holds no sample forecasts.
    InputError : the data have no bar of one of the sample forecasts.
    """
    from tradewind.training import TrainingSettings, fit_model

    if not record.forecasts:
        raise UsageError(
            f"the record of {record.reference} holds no sample forecasts to compare with",
            fix="train the model again with `tradewind train`, which keeps them",
        )
    settings = TrainingSettings(**record.settings)
    rows = training_rows(record, data)
    same = Comparison(
        name="training rows",
        same=array_id([rows]) == record.rows_id,
        recorded=f"{record.train_rows} ({record.rows_id or 'not kept'})",
        found=f"{len(rows)} ({array_id([rows])})",
    )
    compared = [*inputs, same, *_compare(record, data, news, settings)]
    model = fit_model(data, rows, settings, news=news, progress=progress or NoProgress())
    found = sample_forecasts(model, data, news, _rows_of(record, data))
    gaps = {
        name: _gap(record.forecasts.get(name, []), found.get(name, []))
        for name in (record.forecasts.keys() | found.keys()) - {"symbol", "time"}
    }
    return Reproduction(
        model=record.reference,
        comparisons=tuple(compared),
        largest=max(gaps.values()),
        by_column=gaps,
        rows=len(record.forecasts["symbol"]),
        files={} if stored is None else _files(model, stored),
    )


def _gap(then: Sequence[float | None], now: Sequence[float | None]) -> float:
    """Return the largest absolute difference; infinite where one has a value and the other has none."""
    if len(then) != len(now):
        return float("inf")
    one, two = np.array(then, dtype=np.float64), np.array(now, dtype=np.float64)
    both_absent = np.isnan(one) & np.isnan(two)
    gap = float(np.max(np.where(both_absent, 0.0, np.abs(one - two))))
    return gap if np.isfinite(gap) else float("inf")


def _compare(record: ModelRecord, data: Dataset, news: News | None, settings: TrainingSettings) -> list[Comparison]:
    from tradewind.training.record import code_record, data_record

    now = data_record(data.panel, news)
    found = [
        Comparison(name=f"data {key}", same=record.data.get(key) == now[key], recorded=str(record.data.get(key)),
                   found=str(now[key]))
        for key in ("panel", "news")
    ]  # fmt: skip
    found.append(
        Comparison(
            name="settings",
            same=settings.id == record.settings_id,
            recorded=record.settings_id,
            found=settings.id,
        )
    )
    code = code_record()
    found += [
        Comparison(name=f"code {key}", same=record.code.get(key) == code.get(key), recorded=str(record.code.get(key)),
                   found=str(code.get(key)))
        for key in sorted(record.code.keys() | code.keys())
    ]  # fmt: skip
    differs = environment_differences(record.environment, environment())
    found.append(
        Comparison(
            name="environment",
            same=not differs,
            recorded=str(record.environment.get("lock_sha256", "-"))[:16],
            found="; ".join(differs) or "the same",
        )
    )
    return found


def _rows_of(record: ModelRecord, data: Dataset) -> IntArray:
    """Return the rows of the sample forecasts; InputError where the data lack one."""
    panel = data.panel
    place = {
        (symbol, str(moment)): row
        for row, (symbol, moment) in enumerate(
            zip(np.array(panel.symbols)[panel.symbol_code], panel.time.astype(str), strict=True)
        )
    }
    try:
        wanted = zip(record.forecasts["symbol"], record.forecasts["time"], strict=True)
        return np.array([place[str(symbol), str(moment)] for symbol, moment in wanted], dtype=np.int64)
    except KeyError as error:
        raise InputError(
            f"the data have no bar of the sample forecast {error}", fix="give the files the model was trained on"
        ) from error


def _files(model: TrainedModel, stored: Path) -> dict[str, bool]:
    """Return for each file of ``stored`` whether the rebuilt model's is equal; of the index without its record."""
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = Path(folder) / "model"
        model.save(rebuilt)
        found, wanted = folder_files(rebuilt), folder_files(stored)
        equal = {name: found.get(name) == sha256 for name, sha256 in wanted.items() if name.startswith(FITTED)}
        return {INDEX: _index_sha256(rebuilt) == _index_sha256(stored), **equal}


def _index_sha256(folder: Path) -> str:
    """Return the hash of all in a model's index (preparation, shift of groups ...) but the record of the making."""
    state = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    state.pop("record")
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
