"""What an entry about a prediction holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

import numpy as np

from tradewind.core import UsageError
from tradewind.governance.audit.row import canonical

_TEXTS = ("symbol", "model", "model_version", "data_version", "caller")


class RequiredFields(TypedDict):
    """What every record of a prediction holds, see :class:`PredictionFields`."""

    time: datetime | str
    symbol: str
    model: str
    model_version: str
    data_version: str
    inputs: Mapping[str, Any] | str
    output: Mapping[str, Any]
    caller: str


class PredictionFields(RequiredFields, total=False):
    """Facts of one prediction.

    Attributes
    ----------
    time : when it was made.
    symbol : what it is about.
    as_of : up to when the inputs were known; ``time`` if absent.
    model, model_version, stage : who made it.
    data_version : hash of the data it was made from.
    inputs : the values by name, or the SHA-256 (hex) of values kept elsewhere.
    output : what was forecast: probability, expected return, interval.
    explanation : id of the explanation, if there is one.
    caller : who asked.
    """

    as_of: datetime | date | str
    stage: str
    explanation: str


def prediction_body(**fields: Unpack[PredictionFields]) -> dict[str, Any]:
    """Return the body of an entry of kind ``prediction``; inputs given by value get their SHA-256 as well.

    Raises
    ------
    UsageError : a field is missing, empty or unknown, or ``output`` has no ``probability`` from 0 to 1.
    """
    body: dict[str, Any] = dict(fields)
    missing = [name for name in sorted(PredictionFields.__required_keys__) if name not in body]
    unknown = sorted(set(body) - PredictionFields.__required_keys__ - PredictionFields.__optional_keys__)
    empty = [name for name in _TEXTS if name in body and not (isinstance(body[name], str) and body[name].strip())]
    for names, what in ((missing, "lacks"), (unknown, "has no field named"), (empty, "needs text in")):
        if names:
            raise UsageError(f"the record of a prediction {what} {', '.join(names)}", fix="see PredictionFields")
    output = body["output"]
    probability: Any = output.get("probability") if isinstance(output, Mapping) else None
    number = isinstance(probability, int | float | np.number) and not isinstance(probability, bool)
    if not number or not 0.0 <= probability <= 1.0:
        raise UsageError(
            "the output of a prediction needs a probability from 0 to 1", fix="give output={'probability': 0.57}"
        )
    inputs = body.pop("inputs")
    if isinstance(inputs, str):
        if not re.fullmatch("[0-9a-f]{64}", inputs):
            raise UsageError("the inputs of a prediction are no SHA-256", fix="give 64 hex digits, or values by name")
        return {**body, "as_of": body.get("as_of", body["time"]), "inputs_sha256": inputs}
    return {
        **body,
        "as_of": body.get("as_of", body["time"]),
        "inputs": dict(inputs),
        "inputs_sha256": inputs_sha256(inputs),
    }


def inputs_sha256(inputs: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of input values as an entry holds them; the same whether they are kept or not."""
    return hashlib.sha256(canonical(inputs)).hexdigest()
