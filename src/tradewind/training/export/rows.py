"""Rows of a dataset as a server would be given them: windows of raw features, one a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset, InputError, News
from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tradewind.features import row_slices
from tradewind.models.past import return_scale
from tradewind.quality import mark_occasions
from tradewind.training.model import TrainedModel, with_head


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckRows:
    """Rows on which an export is checked and measured: validation rows or training rows, never those of a test.

    ``data`` : raw features, of at least the symbols' histories before ``rows``. ``news`` : of a model with a text head.
    """

    data: Dataset
    rows: IntArray
    news: News | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """m rows with the bars before them; the fields are those of ``serving.contracts.ModelRows``."""

    history: Float32Array
    count: IntArray
    scale: FloatArray
    occasion: BoolArray
    group: Sequence[str] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.count)


def raw_columns(model: TrainedModel, check: CheckRows) -> Dataset:
    """Return the raw features, with the text model's forecast where the model has one; InputError without its news."""
    if model.head is None:
        return check.data
    if check.news is None:
        raise InputError("the model was trained with news and none is given", fix="give the news of the check rows")
    return with_head(check.data, model.head.transform(check.data.panel, check.news))


def window_rows(model: TrainedModel, check: CheckRows, features: Sequence[str], window: int) -> Windows:
    """Return the rows of ``check`` with the raw ``features`` of their last ``window`` bars, NaN before a first bar.

    Raises
    ------
    InputError : the model was trained with news and none is given. KeyError : a feature is not in the data.
    """
    data, rows = check.data, check.rows
    values = raw_columns(model, check).columns(features).features
    count = np.minimum(data.bar_index[rows] + 1, window)
    index = rows[:, None] - np.arange(window - 1, -1, -1)
    known = np.arange(window) >= (window - count)[:, None]
    index = np.where(known, index, 0)
    history = np.where(known[:, :, None], values[index], np.float32(np.nan))
    every = np.zeros(len(data), dtype=np.bool_)
    occasions = every if check.news is None else mark_occasions(data.panel, news=check.news)
    return Windows(
        history=np.ascontiguousarray(history, dtype=np.float32),
        count=count.astype(np.int64),
        scale=return_scale(data.panel)[rows],
        occasion=occasions[index] & known,
        group=None if model.shift is None else [str(name) for name in row_slices(data.panel).sector[rows]],
    )
