"""Makes the references of a model for `tradewind monitor prepare`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from tradewind.cli.inputs import InputFiles, dataset_of, read_market
from tradewind.cli.resolve import reference_of, studied_folder
from tradewind.core import Outcomes, UsageError
from tradewind.core.arrays import BoolArray, IntArray, TimeArray, as_time
from tradewind.features import row_slices
from tradewind.monitoring.composition import MonitorSettings, References, references_of
from tradewind.registry.reader import RegistryReader
from tradewind.training import ENSEMBLE, TrainedModel, to_outcomes


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days, both included, whose forecasts say what is expected of the model."""

    first: date
    last: date


def prepared(
    model: str, files: InputFiles, span: Span, settings: MonitorSettings, *, registry: str | None = None
) -> References:
    """Return the references of ``model`` (a folder, or NAME@champion).

    Raises
    ------
    UsageError : the model learned from the span, or no bar with a known label lies in it.
    """
    trained = TrainedModel.load(studied_folder(model, registry=registry))
    learned = as_time(str(trained.record["trained_until"]))
    first, last = as_time(span.first), as_time(span.last) + np.timedelta64(1, "D") - np.timedelta64(1, "us")
    if first < learned:
        until = learned.astype("datetime64[D]")
        raise UsageError(
            f"the span begins on {span.first} and the model learned from labels up to {until}: forecasts of what it "
            "learned from say nothing of how it will do",
            field="--from",
            fix=f"begin on {until + np.timedelta64(1, 'D')} or later",
        )
    market = read_market(files)
    data = dataset_of(market, trained.settings)
    inside = (data.panel.time >= first) & (data.panel.time <= last) & ~np.isnat(data.labels.end)
    rows = np.flatnonzero(inside)
    if not len(rows):
        raise UsageError(
            f"no bar with a known label lies between {span.first} and {span.last}", field="--from",
            fix=f"the prices run from {str(data.panel.times[0])[:10]} to {str(data.panel.times[-1])[:10]}",
        )  # fmt: skip
    forecast = trained.forecast(data, rows, market.news)[ENSEMBLE]
    outcomes: Outcomes = to_outcomes(ENSEMBLE, forecast, data, row_slices(data.panel))
    about = {
        "model": _named(model, registry),
        "trained_until": str(learned),
        "from": str(span.first),
        "to": str(span.last),
        "label": trained.settings.label.model_dump(mode="json"),
        "settings": settings.id,
    }
    taken = set(trained.record["features"])
    names = tuple(name for name in data.names if name in taken) or None
    return references_of(data, _trained_rows(trained, data.labels.known_by(learned), data.panel.time), outcomes,
                         settings, names=names, about=about)  # fmt: skip


def _trained_rows(trained: TrainedModel, known: BoolArray, time: TimeArray) -> IntArray:
    """Return the newest rows of known labels, as many as the model was fitted on (a moving window)."""
    rows = np.flatnonzero(known)
    order = rows[np.argsort(time[rows], kind="stable")]
    newest: IntArray = np.sort(order[-int(trained.record.get("train_rows") or len(order)) :])
    return newest


def _named(model: str, registry: str | None) -> str:
    wanted = reference_of(model)
    if wanted is None:
        return str(Path(model))
    number = wanted.version
    if not isinstance(number, int):
        reader = RegistryReader(registry)
        number = reader.number(wanted.name, number)
    return f"{wanted.name}/{number}"
