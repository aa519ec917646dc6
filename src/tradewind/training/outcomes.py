"""Join forecasts with what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import polars as pl

from tradewind.core import Dataset, Forecast, Outcomes
from tradewind.features import RowSlices


def to_outcomes(model: str, forecast: Forecast, data: Dataset, slices: RowSlices) -> Outcomes:
    """Return ``forecast`` of rows of ``data`` beside their labels and slices, sorted by time, then symbol.

    ``slices`` describes all rows of ``data``.
    """
    panel, labels = data.panel, data.labels
    order = np.lexsort((panel.symbol_code[forecast.rows], panel.time[forecast.rows]))
    rows = forecast.rows[order]
    return Outcomes(
        model=model,
        symbol=np.array(panel.symbols)[panel.symbol_code[rows]],
        time=panel.time[rows],
        probability=forecast.probability[order],
        expected_return=forecast.expected_return[order],
        lower=forecast.lower[order],
        upper=forecast.upper[order],
        direction=labels.direction[rows],
        forward_return=labels.forward_return[rows],
        close=panel.adj_close[rows],
        sector=slices.sector[rows],
        size_bucket=slices.size_bucket[rows],
        volatility_regime=slices.volatility_regime[rows],
    )


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
