"""Join forecasts with what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import polars as pl

from tradewind.core import Dataset, Forecast, InputError, Labels, Outcomes, Panel, SchemaError
from tradewind.core.arrays import AnyArray, IntArray
from tradewind.data.typed import read_table
from tradewind.features import LabelSettings, RowSlices, make_labels, row_slices


def to_outcomes(model: str, forecast: Forecast, data: Dataset, slices: RowSlices) -> Outcomes:
    """Return ``forecast`` of rows of ``data`` beside their labels and slices, sorted by time, then symbol.

    ``slices`` describes all rows of ``data``.
    """
    panel, labels = data.panel, data.labels
    order = np.lexsort((panel.symbol_code[forecast.rows], panel.time[forecast.rows]))
    rows = forecast.rows[order]
    return Outcomes(
        model=model,
        probability=forecast.probability[order],
        expected_return=forecast.expected_return[order],
        lower=forecast.lower[order],
        upper=forecast.upper[order],
        **_facts(panel, labels, slices, rows),
    )


def _facts(panel: Panel, labels: Labels, slices: RowSlices, rows: IntArray) -> dict[str, AnyArray]:
    """Return the columns of outcomes that do not depend on the model."""
    return {
        "symbol": np.array(panel.symbols)[panel.symbol_code[rows]],
        "time": panel.time[rows],
        "direction": labels.direction[rows],
        "forward_return": labels.forward_return[rows],
        "close": panel.adj_close[rows],
        "sector": slices.sector[rows],
        "size_bucket": slices.size_bucket[rows],
        "volatility_regime": slices.volatility_regime[rows],
    }


def join_outcomes(parts: Sequence[Outcomes]) -> Outcomes:
    """Return the outcomes of several folds as one, sorted by time, then symbol."""
    columns = {
        f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Outcomes) if f.name != "model"
    }
    whole = Outcomes(model=parts[0].model, **columns)
    return whole.select(np.lexsort((whole.symbol, whole.time)))


def forecast_frame(outcomes: Outcomes) -> pl.DataFrame:
    """Return the forecast table: symbol, date (when the forecast is made), probability, expected_return, lower,
    upper, label (null where the move lies between the thresholds or is not known)."""
    return pl.DataFrame(
        {
            "symbol": outcomes.symbol,
            "date": outcomes.time,
            "probability": outcomes.probability,
            "expected_return": outcomes.expected_return,
            "lower": outcomes.lower,
            "upper": outcomes.upper,
            "label": outcomes.direction,
        },
        schema_overrides={"symbol": pl.String, "date": pl.Datetime("us")},
    ).with_columns(pl.col("label").fill_nan(None).cast(pl.Int8))


def forecasts_of_all(outcomes: Mapping[str, Outcomes]) -> pl.DataFrame:
    """Return the forecasts of several models side by side: symbol, date, label and each model's probability by name.

    Bars that one model did not forecast are null in its column, so that any two can be compared bar by bar.
    """
    keys = ["symbol", "date", "label"]
    whole: pl.DataFrame | None = None
    for name, one in outcomes.items():
        frame = forecast_frame(one).select(*keys, pl.col("probability").alias(name))
        if whole is None or frame.select(keys).equals(whole.select(keys)):
            whole = frame if whole is None else whole.with_columns(frame[name])
        else:
            whole = whole.join(frame, on=keys, how="full", coalesce=True, nulls_equal=True)
    if whole is None:
        return pl.DataFrame(schema={"symbol": pl.String, "date": pl.Datetime("us"), "label": pl.Int8})
    return whole.sort("date", "symbol")


def read_forecasts(path: Path, panel: Panel, label: LabelSettings | None = None) -> Outcomes:
    """Read a forecast table (Parquet or CSV) and join it with what ``panel`` says happened next.

    Raises
    ------
    InputError : the file cannot be read, lacks a column, holds a probability outside [0, 1], names a bar twice, or
        forecasts a bar that the prices do not have.
    """
    frame = read_table(path)
    if "probability" not in frame.columns:
        raise SchemaError(
            "the column is missing", file=path, field="probability", fix="give a table that predict or evaluate wrote"
        )
    try:
        frame = frame.with_columns(pl.col("probability").cast(pl.Float64))
    except pl.exceptions.PolarsError as error:
        raise SchemaError(
            "holds a value that is not a number", file=path, field="probability", fix="write numbers"
        ) from error
    bad = frame["probability"].is_null() | frame["probability"].is_nan() | ~frame["probability"].is_between(0, 1)
    if bad.any():
        row = int(bad.arg_true()[0])
        raise SchemaError(
            f"probability {frame['probability'][row]} is not in [0, 1]", file=path, row=row + 1, field="probability",
            fix="give probabilities of a rise",
        )  # fmt: skip
    rows = _rows_of(frame, panel, path)
    extra = {
        name: frame[name].cast(pl.Float64).to_numpy() if name in frame.columns else np.full(len(frame), np.nan)
        for name in ("expected_return", "lower", "upper")
    }
    order = np.lexsort((panel.symbol_code[rows], panel.time[rows]))
    labels, slices = make_labels(panel, label or LabelSettings()), row_slices(panel)
    rows = rows[order]
    return Outcomes(
        model=path.stem,
        probability=frame["probability"].to_numpy()[order],
        **{name: values[order] for name, values in extra.items()},
        **_facts(panel, labels, slices, rows),
    )


def _rows_of(frame: pl.DataFrame, panel: Panel, path: Path) -> IntArray:
    names = pl.Enum(panel.symbols)  # numbers join faster than text
    code = pl.Series(list(panel.symbols), dtype=names).gather(pl.Series(panel.symbol_code, dtype=pl.UInt32))
    bars = pl.DataFrame({"symbol": code, "date": panel.time, "bar": np.arange(len(panel))})
    bars = bars.unique(["symbol", "date"], keep="first")
    asked = frame.select(pl.col("symbol").cast(names, strict=False), "date")
    joined = asked.join(bars, on=["symbol", "date"], how="left", maintain_order="left")
    absent = joined["bar"].is_null()
    if absent.any():
        row = int(absent.arg_true()[0])
        raise InputError(
            f"forecasts {frame['symbol'][row]} on {str(frame['date'][row])[:10]}, a bar the prices do not have",
            file=path, row=row + 1, fix="give the prices that the forecasts were made from",
        )  # fmt: skip
    twice = joined["bar"].is_duplicated()
    if twice.any():
        row = int(twice.arg_true()[1])
        raise InputError("forecasts a bar twice", file=path, row=row + 1, field="date", fix="keep one row a bar")
    return joined["bar"].to_numpy().astype(np.int64)
