"""A slice as one row of a table, and back, exactly."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from tradewind.core.arrays import AnyArray, as_time
from tradewind.core.panel import PRICE_FIELDS
from tradewind.monitoring.slices import Bars, LabelArrival, NewsArrival, ServedForecasts, ServiceSample, Slice

FORECAST = ("probability", "expected_return", "lower", "upper")


def packed(one: Slice) -> bytes:
    """Return ``one`` as MessagePack: arrays are bytes with dtype and shape, so that every bit of a NaN stays."""
    parts: dict[str, Any] = {
        "time": _array(np.asarray(one.time).astype("datetime64[us]")),
        "known_at": one.known_at.isoformat(),
        "expected": list(one.expected),
        "names": list(one.names),
        "champion": one.champion,
        "bars": {name: _array(getattr(one.bars, name)) for name in PRICE_FIELDS},
        **{name: _array(getattr(one, name)) for name in ("symbol", "sector", "feed", "features")},
        "served": [_forecasts(forecast) for forecast in one.served],
        "labels": None if one.labels is None else _columns(one.labels, LABELS),
        "news": None if one.news is None else _columns(one.news, NEWS),
        "service": None if one.service is None else {**asdict(one.service)},
    }
    return msgspec.msgpack.encode(parts)


def unpacked(data: bytes) -> Slice:
    """Return the slice that :func:`packed` wrote; ValueError or KeyError where it is none."""
    parts = msgspec.msgpack.decode(data)
    labels, news, service = parts["labels"], parts["news"], parts["service"]
    return Slice(
        time=as_time(_read(parts["time"])),
        known_at=datetime.fromisoformat(parts["known_at"]),
        expected=tuple(parts["expected"]),
        names=tuple(parts["names"]),
        champion=parts["champion"],
        bars=Bars(**{name: _read(parts["bars"][name]) for name in PRICE_FIELDS}),
        **{name: _read(parts[name]) for name in ("symbol", "sector", "feed", "features")},
        served=tuple(
            ServedForecasts(
                version=row["version"],
                role=row["role"],
                made_at=datetime.fromisoformat(row["made_at"]),
                **{name: _read(row[name]) for name in ("symbol", *FORECAST)},
            )
            for row in parts["served"]
        ),
        labels=None if labels is None else LabelArrival(**{name: _read(labels[name]) for name in LABELS}),
        news=None if news is None else NewsArrival(**{name: _read(news[name]) for name in NEWS}),
        service=None if service is None else ServiceSample(**service),
    )


LABELS = ("symbol", "time", "direction", "forward_return")
NEWS = ("symbol", "published_at", "source", "text", "score")


def _columns(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _array(getattr(record, name)) for name in names}


def _forecasts(one: ServedForecasts) -> dict[str, Any]:
    return {
        "version": one.version,
        "role": one.role,
        "made_at": one.made_at.isoformat(),
        **_columns(one, ("symbol", *FORECAST)),
    }


def _array(values: AnyArray) -> list[Any]:
    """Return kind, shape and contents; text as a list, as objects where it was: one long text makes no other longer."""
    array = np.asarray(values)
    if array.dtype.kind in "OSU":
        return [
            "objects" if array.dtype.kind == "O" else "text",
            list(array.shape),
            [str(value) for value in array.ravel().tolist()],
        ]
    whole = np.ascontiguousarray(array)
    return [whole.dtype.str, list(array.shape), whole.tobytes()]


def _read(held: list[Any]) -> AnyArray:
    kind, shape, contents = held
    if kind in {"text", "objects"}:
        return np.array(contents, dtype=str if kind == "text" else object).reshape(shape)
    return np.frombuffer(contents, dtype=np.dtype(kind)).reshape(shape).copy()
