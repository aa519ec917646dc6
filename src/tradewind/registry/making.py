"""Keeps with a model what it was made from, so that it can be made again; and makes its record from that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset, InputError, News, UsageError
from tradewind.core.arrays import IntArray
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.files import read_json, write_text
from tradewind.core.ids import array_id
from tradewind.core.plain import finite
from tradewind.registry.complexity import measure_complexity
from tradewind.registry.environment import environment
from tradewind.registry.folder import file_sha256, files_sha256, folder_files
from tradewind.registry.record import ModelRecord

if TYPE_CHECKING:
    from tradewind.training import TrainedModel

MAKING, SAMPLE = "making", "sample.json"
MODEL = "model_sha256"
"""Tag of a tracked run that says which model folder it wrote."""
SAMPLE_ROWS = 120
_COLUMNS = ("probability", "expected_return", "lower", "upper")
_METRICS_LEFT_OUT = ("learning_curve", "parity_curve", "context")


@dataclass(frozen=True, kw_only=True, eq=False)
class Making:
    """What a model was fitted on.

    Attributes
    ----------
    data : raw features and labels of every row; ``rows`` those it was fitted on.
    news : None without.
    inputs : by flag (``prices``, ``news``, ``universe``, ``fear``) the file that was read.
    train_end : last day whose labels could be used, None for all.
    fit_seconds : wall time of the fit.
    left_out : whether bad rows of the files were left out (``--quarantine``).
    """

    data: Dataset
    rows: IntArray
    news: News | None
    inputs: Mapping[str, Path | None]
    train_end: str | None
    fit_seconds: float
    left_out: bool = False


def save_model(model: TrainedModel, folder: Path, making: Making) -> TrainedModel:
    """Write ``model`` with what it was made from, and sample forecasts that a rebuilt model must give again.

    Returns the model as it was written: its record says what it was made from.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    made = {
        "inputs": {flag: described(path) for flag, path in making.inputs.items() if path is not None},
        "left_out": making.left_out,
        "train_end": making.train_end,
        "rows_id": array_id([making.rows]),
        "environment": environment(),
        "fit_seconds": round(making.fit_seconds, 3),
        "predict_ms": measure_complexity(model, making.data, making.news).predict_ms,
    }
    kept = replace(model, record={**model.record, MAKING: made})
    kept.save(folder)
    write_text(folder / SAMPLE, json.dumps(sample_forecasts(model, making.data, making.news)))
    return kept


def described(path: Path) -> dict[str, str]:
    """Return a file's absolute path and SHA-256."""
    return {"path": str(path.absolute()), "sha256": file_sha256(path)}


def sample_rows(data: Dataset) -> IntArray:
    """Return at most :data:`SAMPLE_ROWS` rows, evenly over the panel; early bars of a symbol are among them."""
    return np.unique(np.linspace(0, len(data) - 1, SAMPLE_ROWS).astype(np.int64))


def sample_forecasts(
    model: TrainedModel, data: Dataset, news: News | None, rows: IntArray | None = None
) -> dict[str, list[Any]]:
    """Return forecasts of ``rows`` as columns: symbol, time, those of the ensemble, probability of each member."""
    from tradewind.training import ENSEMBLE

    rows = sample_rows(data) if rows is None else rows
    found = model.forecast(data, rows, news)
    joined = found[ENSEMBLE]
    symbols = np.array(data.panel.symbols)[data.panel.symbol_code[rows]]
    columns = {
        "symbol": symbols.tolist(),
        "time": [str(moment) for moment in data.panel.time[rows]],
        **{name: getattr(joined, name).tolist() for name in _COLUMNS},
        **{f"probability of {name}": found[name].probability.tolist() for name in model.ensemble.members},
    }
    plain: dict[str, list[Any]] = finite(columns)
    return plain


def sample_sha256(sample: Mapping[str, Any]) -> str:
    """Return the SHA-256 of sample forecasts."""
    return hashlib.sha256(json.dumps(sample, sort_keys=True).encode()).hexdigest()


def make_record(
    model_folder: Path,
    *,
    name: str,
    author: str,
    metrics: str | Path | Mapping[str, Any] | None = None,
    clock: Clock | None = None,
    **stated: Any,
) -> ModelRecord:
    """Return the record of a saved model.

    Parameters
    ----------
    model_folder : folder that `tradewind train` (or :func:`save_model`) wrote.
    metrics : metrics.json of an evaluation with the same settings, or its content.
    stated : other fields of the record that no file tells: ``use_case``, ``purpose``, ``limitations``, ``explanation``,
        ``fairness``, ``run``; what is given wins over what the folder tells.

    Raises
    ------
    InputError : the folder holds no model, or metrics.json cannot be read.
    UsageError : the metrics are of other settings than the model's.
    """
    from tradewind.training import TrainedModel

    model = TrainedModel.load(model_folder)
    settings = model.settings.model_dump(mode="json")
    made: dict[str, Any] = model.record.get(MAKING, {})
    measured, folds = metrics_of(metrics, settings)
    files = folder_files(model_folder)
    sample = _sample(model_folder / SAMPLE)
    complexity = measure_complexity(model, folder=model_folder, fit_seconds=made.get("fit_seconds")).to_dict()
    record = ModelRecord(
        name=name,
        author=author,
        created=(clock or SystemClock()).now().isoformat(timespec="seconds"),
        use_case="daily",
        purpose="",
        data=dict(model.record["data"]),
        inputs={**made.get("inputs", {}), **({"left_out": True} if made.get("left_out") else {})},
        features=tuple(model.record["features"]),
        settings=settings,
        settings_id=model.settings.id,
        code=dict(model.record["code"]),
        environment=dict(made.get("environment", {})),
        seeds={"training": model.settings.seed},
        folds=folds,
        metrics=measured,
        complexity={**complexity, "predict_ms": made.get("predict_ms")},
        train_end=made.get("train_end"),
        trained_until=str(model.record["trained_until"]),
        train_rows=int(model.record["train_rows"]),
        rows_id=made.get("rows_id", ""),
        files=files,
        model_sha256=files_sha256(files),
        forecasts=sample,
        forecasts_sha256=sample_sha256(sample) if sample else "",
    )
    return record.with_(**{key: tuple(v) if key == "limitations" else v for key, v in stated.items()})


def _sample(path: Path) -> dict[str, Any]:
    return read_json(path, what=f"the {SAMPLE} that training wrote") if path.exists() else {}


def metrics_of(
    given: str | Path | Mapping[str, Any] | None, settings: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """Return the content of metrics.json without its bulk, and the folds it was measured on; {} and () for None.

    Raises
    ------
    InputError : the file cannot be read or holds no evaluation.
    UsageError : the metrics are of other ``settings`` than these.
    """
    if given is None:
        return {}, ()
    content = dict(given) if isinstance(given, Mapping) else _read_metrics(Path(given))
    context = content.get("context", {})
    used = context.get("settings")
    if used is not None:
        other = sorted(key for key in settings if key != "walk_forward" and used.get(key) != settings[key])
        if other:
            raise UsageError(
                f"the metrics are of other settings than the model's ({', '.join(other)})",
                file=None if isinstance(given, Mapping) else given,
                fix="run `tradewind evaluate` with the settings the model was trained with",
            )
    kept = {key: value for key, value in content.items() if key not in _METRICS_LEFT_OUT}
    if context:
        kept["span"], kept["source"], kept["data"] = (context.get(key) for key in ("span", "source", "data"))
    return kept, tuple(context.get("folds", ()))


def _read_metrics(path: Path) -> dict[str, Any]:
    what = "the metrics.json that `tradewind evaluate` wrote"
    content = read_json(path, what=what)
    if "models" not in content:
        raise InputError("holds no evaluation", file=path, fix=f"give {what}")
    return content
