"""What requests and answers hold; checked on the way in, and the source of the published schema."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tradewind.streaming.records import Prediction

MAX_BATCH = 1000
MAX_ROWS = 1000
MAX_FEATURES = 2000
MAX_HISTORY = 1000

# `$` of Python also matches before a final newline; the look-ahead forbids it, in Python and in JSON Schema alike.
_END = r"$(?!\n)"
Symbol = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._^=-]{0,31}" + _END, max_length=32, description="A symbol.", examples=["AAPL"]
    ),
]
ModelRef = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[a-z][a-z0-9_]{0,31})?" + _END,
        max_length=162,
        description="A version, as name/version; name/version:baseline where a baseline answers in its place.",
        examples=["ensemble/1"],
    ),
]
# No pattern: it would cost more than all the rest of reading a large body, and the model knows its features anyway.
FeatureName = Annotated[str, Meta(min_length=1, max_length=128)]
Row = Annotated[
    dict[FeatureName, float | None],
    Meta(min_length=1, max_length=MAX_FEATURES, description="Values by name of the feature; null: not known."),
]


class Forecast(Struct, kw_only=True):
    """A forecast of the symbol's move after its bar ``time``.

    ``known_at`` is when the bar was known, ``made_at`` when the forecast was made. ``lower`` and ``upper`` bound the
    return; null where the model gives no interval. ``inputs_id`` changes with the values the model read. ``flag`` says
    why to look twice, null where nothing does.
    """

    id: str
    symbol: str
    time: datetime
    known_at: datetime
    made_at: datetime
    model: str
    probability: Annotated[float, Meta(ge=0.0, le=1.0, description="Of a rise.")]
    expected_return: float | None
    lower: float | None
    upper: float | None
    confidence: Annotated[float, Meta(ge=0.0, le=1.0)]
    inputs_id: str
    revision: Annotated[int, Meta(ge=0)]
    how: str
    flag: Annotated[str | None, Meta(description="Why to look twice, such as student_disagrees.")] = None


class ForecastList(Struct, kw_only=True):
    """Forecasts in the order in which they were asked for."""

    forecasts: list[Forecast]


class Batch(Struct, kw_only=True, forbid_unknown_fields=True):
    """Symbols to forecast."""

    symbols: Annotated[list[Symbol], Meta(min_length=1, max_length=MAX_BATCH)]
    model: ModelRef | None = None
    fresh: bool = False


class Compute(Struct, kw_only=True, forbid_unknown_fields=True):
    """Rows of features to forecast from."""

    rows: Annotated[list[Row], Meta(min_length=1, max_length=MAX_ROWS)]
    model: ModelRef | None = None


class Computed(Struct, kw_only=True):
    """One answer a row, in their order."""

    answers: list[dict[str, Any]]


class Symbols(Struct, kw_only=True):
    """The universe, sorted."""

    symbols: list[str]


class Models(Struct, kw_only=True):
    """The loaded versions."""

    models: list[dict[str, Any]]


class State(Struct, kw_only=True):
    """Whether the server may be sent requests, and if not, why."""

    ready: bool
    reasons: list[str]
    detail: dict[str, Any]


class Alive(Struct, kw_only=True):
    """The process answers."""

    status: str


class Query(Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A GraphQL request."""

    query: Annotated[str, Meta(min_length=1, max_length=20_000)]
    variables: dict[str, Any] | None = None
    operation_name: Annotated[str, Meta(max_length=128)] | None = None


class ProblemBody(Struct, kw_only=True):
    """Problem details of RFC 9457; some kinds have more members."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


# Parameters of the path and the query, one struct an operation.


class NoParams(Struct, forbid_unknown_fields=True):
    """No parameters."""


class ForecastParams(Struct, kw_only=True, forbid_unknown_fields=True):
    """``model``: that version in place of the one the caller is assigned; ``fresh``: computed anew."""

    symbol: Symbol
    model: ModelRef | None = None
    fresh: bool = False


class ExplainParams(Struct, kw_only=True, forbid_unknown_fields=True):
    """``model``: that version in place of the one the caller is assigned."""

    symbol: Symbol
    model: ModelRef | None = None


class HistoryParams(Struct, kw_only=True, forbid_unknown_fields=True):
    """``limit``: how many, newest first."""

    symbol: Symbol
    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] = 100
    model: ModelRef | None = None


class StreamParams(Struct, kw_only=True, forbid_unknown_fields=True):
    """``symbols``: separated by commas; all where absent."""

    symbols: (
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Za-z0-9][A-Za-z0-9._^=-]{0,31}(,[A-Za-z0-9][A-Za-z0-9._^=-]{0,31}){0,999}" + _END,
                max_length=8000,
                description="Symbols separated by commas.",
                examples=["AAPL,MSFT"],
            ),
        ]
        | None
    ) = None


class AdminParams(Struct, kw_only=True, forbid_unknown_fields=True):
    """``action``: one of those the server offers."""

    action: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{0,31}" + _END, max_length=32)]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def forecast_of(prediction: Prediction) -> Forecast:
    """Return ``prediction`` as callers see it."""
    return Forecast(
        id=prediction.id,
        symbol=prediction.symbol,
        time=_EPOCH + timedelta(microseconds=prediction.time),
        known_at=_EPOCH + timedelta(microseconds=prediction.known_at),
        made_at=_EPOCH + timedelta(microseconds=prediction.made_at),
        model=prediction.model,
        probability=prediction.probability,
        expected_return=_finite(prediction.expected_return),
        lower=_finite(prediction.lower),
        upper=_finite(prediction.upper),
        confidence=prediction.confidence,
        inputs_id=prediction.inputs_id,
        revision=prediction.revision,
        how=prediction.how,
        flag=prediction.note or None,
    )


def forecast_json(prediction: Prediction) -> bytes:
    """Return ``prediction`` as the JSON that callers see, the same on every path to it."""
    return _ENCODER.encode(forecast_of(prediction))


def forecasts_of(predictions: Iterable[Prediction]) -> ForecastList:
    """Return ``predictions`` as callers see them."""
    return ForecastList(forecasts=[forecast_of(prediction) for prediction in predictions])


_ENCODER = msgspec.json.Encoder()


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
