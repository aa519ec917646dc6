"""What commands that forecast or explain write into the audit log."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import numpy as np

from tradewind.cli import show
from tradewind.cli.resolve import Resolved
from tradewind.core import Dataset, Forecast, News
from tradewind.core.clock import SystemClock
from tradewind.core.plain import finite
from tradewind.governance.audit import AuditLog, KeyRing, place_of, prediction_body
from tradewind.governance.audit.prediction import inputs_sha256
from tradewind.registry import files_sha256, folder_files
from tradewind.training import TrainedModel
from tradewind.training.record import data_record

BY_VALUE = 5_000
"""Forecasts at once up to which inputs are kept by value; of more, their hash alone."""


@dataclass(frozen=True, kw_only=True)
class Answering:
    """The model that answers: name and version in the registry and how it is served; of a folder its path and hash."""

    name: str
    version: str
    stage: str


def answering(found: Resolved) -> Answering:
    """Return who answers for what ``--model`` named."""
    if found.served is None:
        return Answering(
            name=str(found.folder), version=files_sha256(folder_files(found.folder))[:16], stage="unregistered"
        )
    record, baseline = found.served.record, found.baseline
    name = record.name if baseline is None else f"{record.name}:{baseline}"
    return Answering(name=name, version=str(record.version), stage=found.served.how)


@contextmanager
def audit_log(flag: str | None) -> Iterator[AuditLog | None]:
    """Yield the log that ``--audit`` or the environment asks for, None where it is off; it is closed afterwards."""
    place = place_of(flag)
    if place is None:
        yield None
        return
    with AuditLog.open(place, key=KeyRing.of_environment()) as log:
        yield log


def record_predictions(
    log: AuditLog,
    answering: Answering,
    model: TrainedModel,
    data: Dataset,
    forecast: Forecast,
    *,
    news: News | None = None,
    explanations: Mapping[int, str] | None = None,
) -> int:
    """Write one entry per row of ``forecast``, durably, before it is shown; return how many.

    ``data`` : raw features the forecast was made from; the columns the model selects are its inputs, by value up to
    :data:`BY_VALUE` rows. ``explanations`` : id of the explanation by row.
    """
    names = [name for name in model.preprocessor.selector.names if name in data.names]
    inputs = data.columns(names).features[forecast.rows]
    known = data_record(data.panel, news)
    shared = {
        "time": SystemClock().now().astimezone(UTC).isoformat(),
        "model": answering.name,
        "model_version": answering.version,
        "stage": answering.stage,
        "data_version": known["panel"] if known["news"] is None else f"{known['panel']}+{known['news']}",
        "caller": caller(),
    }
    panel = data.panel
    by_value = len(forecast.rows) <= BY_VALUE
    entries = []
    for place, row in enumerate(forecast.rows):
        values = dict(zip(names, inputs[place].astype(np.float64).tolist(), strict=True))
        fields = {
            **shared,
            "symbol": panel.symbols[panel.symbol_code[row]],
            "as_of": f"{panel.known_at[row].astype('datetime64[s]')}+00:00",
            "inputs": values if by_value else inputs_sha256(values),
            "output": finite(
                {
                    "probability": float(forecast.probability[place]),
                    "expected_return": float(forecast.expected_return[place]),
                    "lower": float(forecast.lower[place]),
                    "upper": float(forecast.upper[place]),
                }
            ),
        }
        explained = (explanations or {}).get(int(row))
        if explained is not None:
            fields["explanation"] = explained
        entries.append(("prediction", prediction_body(**fields)))
    log.append_many(entries)
    show.note(f"Recorded {len(entries)} predictions in the audit log {log.place.shown}")
    return len(entries)


def caller() -> str:
    """Return who runs this command: the login, or the number of the user where the system knows no name."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # as in a container that runs under a number
        return f"cli:uid {os.getuid()}"


def record_explanations(log: AuditLog, who: Answering, explanations: Sequence[Mapping[str, Any]]) -> None:
    """Write one entry per explanation: its id, which entries of predictions refer to, its summary and its alert."""
    log.append_many(
        (
            "explanation",
            {
                "explanation": one["id"],
                "model": who.name,
                "model_version": who.version,
                "symbol": one["symbol"],
                "date": one["date"],
                "summary": [sentence["text"] for sentence in one["layers"][0]["sentences"]],
                "alert": None if one["alert"] is None else one["alert"]["message"],
                "caller": caller(),
            },
        )
        for one in explanations
    )
