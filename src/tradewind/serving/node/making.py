"""From what a model reads to predictions: the identity of inputs, and of what was said about them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tradewind.core.arrays import IntArray
from tradewind.serving.contracts import Answers, ModelRows
from tradewind.streaming.features.blocks import WindowRows
from tradewind.streaming.records import Prediction

_HEAD = struct.Struct("<dd")


@dataclass(frozen=True, kw_only=True, eq=False)
class Subjects:
    """What m predictions are about: ``time`` and ``known_at`` (microseconds UTC) of each row's bar, whose symbol.

    ``code`` : (m,) places in the universe.
    """

    code: IntArray
    symbol: Sequence[str]
    time: IntArray
    known_at: IntArray


def model_rows(window: WindowRows, sectors: Sequence[str], codes: IntArray) -> ModelRows:
    """Return what a model reads of ``window``, with the sector of each row as its group."""
    return ModelRows(
        history=window.history,
        count=window.count,
        scale=window.scale,
        occasion=window.occasion,
        group=[sectors[code] for code in codes],
    )


def inputs_ids(rows: ModelRows) -> list[str]:
    """Return, a row, the SHA-256 (hex) of every value the model reads: window, count, scale, occasions, group."""
    group = rows.group or [""] * len(rows)
    found = []
    for i, (count, scale) in enumerate(zip(rows.count.tolist(), rows.scale.tolist(), strict=True)):
        digest = hashlib.sha256(_HEAD.pack(count, scale))
        digest.update(rows.history[i].tobytes())
        digest.update(rows.occasion[i].tobytes())
        digest.update(group[i].encode())
        found.append(digest.hexdigest())
    return found


def prediction_id(symbol: str, time: int, model: str, inputs_id: str) -> str:
    """Return the id of a prediction: equal where symbol, bar, version and inputs are, whoever computes it and when."""
    return hashlib.blake2b(f"{symbol}\0{time}\0{model}\0{inputs_id}".encode(), digest_size=12).hexdigest()


def predictions_of(
    model: str, how: str, subjects: Subjects, rows: ModelRows, answers: Answers, made_at: int
) -> list[Prediction]:
    """Return the predictions of ``model`` about ``subjects`` (m rows each), made at ``made_at``, revision 0."""
    ids = inputs_ids(rows)
    columns = zip(
        subjects.symbol,
        subjects.time.tolist(),
        subjects.known_at.tolist(),
        ids,
        answers.probability.tolist(),
        answers.expected_return.tolist(),
        answers.lower.tolist(),
        answers.upper.tolist(),
        strict=True,
    )
    return [
        Prediction(
            id=prediction_id(symbol, time, model, inputs),
            symbol=symbol,
            time=time,
            known_at=known_at,
            made_at=made_at,
            model=model,
            probability=probability,
            expected_return=expected,
            lower=lower,
            upper=upper,
            inputs_id=inputs,
            how=how,
        )
        for symbol, time, known_at, inputs, probability, expected, lower, upper in columns
    ]


def taken(rows: ModelRows, which: IntArray) -> ModelRows:
    """Return the rows at the places ``which``."""
    return replace(
        rows,
        history=rows.history[which],
        count=rows.count[which],
        scale=rows.scale[which],
        occasion=rows.occasion[which],
        group=None if rows.group is None else [rows.group[i] for i in which],
    )
