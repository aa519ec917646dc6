"""Shapley values of a sequence net by expected gradients: of each column over the whole window, and of each bar."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradewind.core import Dataset, UsageError
from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.part import MemberShap, settled
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.sequences import windows

PAIRS_AT_ONCE = 1024


class NetShap:
    """Explains a net's log odds against the windows of a background.

    A straight path leads from each background window to the row's window; the value of an input is the mean over
    paths of its difference times the mean derivative along the path (integrated gradients: Sundararajan, Taly and Yan
    2017; over many starts, expected gradients: Erion et al. 2021). The result is the Aumann-Shapley value, equal to the
    Shapley value where columns do not act on one another. A column's value is the sum over its bars.

    Each of k windows is paired with ``nodes`` places on its path; the places of all pairs together divide the path
    evenly, in an order drawn once from ``seed``. What few pairs miss of the difference of outputs is shared out in
    proportion (:func:`~tradewind.explain.shapley.part.settled`) and reported as ``gap``. A row's values do not depend
    on the rows explained beside it.
    """

    def __init__(self, model: NetForecaster[Any], background: Background, *, nodes: int = 1, seed: int = 7) -> None:
        length = model.settings.window
        if len(background.windows) == 0 or background.windows.shape[1] < length:
            found = background.windows.shape[1]
            raise UsageError(
                f"the background's windows have {found} bars, the {model.name} net reads {length}",
                field="background",
                fix=f"draw it with windows of {length} bars or more",
            )
        self.model = model
        self._starts = np.ascontiguousarray(background.windows[:, -length:], dtype=np.float32)
        count = len(self._starts) * nodes
        order = np.random.default_rng(seed).permutation(count)
        self._places = ((order + 0.5) / count).reshape(nodes, -1).astype(np.float32)
        last = np.full(len(self._starts), length - 1)
        self.base = float(model.log_odds_at(self._starts, last).mean())

    def __call__(self, data: Dataset, rows: IntArray) -> MemberShap:
        """Return the values of ``rows`` of ``data`` (prepared columns)."""
        length, n_columns = self._starts.shape[1:]
        index, place = windows(data, rows, length)
        values, bars = np.empty((len(rows), n_columns)), np.zeros((len(rows), length))
        output, gap = np.empty(len(rows)), np.empty(len(rows))
        step = max(1, PAIRS_AT_ONCE // self._places.size)
        for start in range(0, len(rows), step):
            some = slice(start, start + step)
            inputs = data.features[index[some]]
            output[some] = self.model.log_odds_at(inputs, place[some])
            parts = self._integrated(inputs, place[some])
            wanted = output[some] - self.base
            gap[some] = wanted - parts.sum(axis=(1, 2))
            parts = settled(parts, wanted)
            values[some] = parts.sum(axis=1)
            bars[some] = _row_last(parts.sum(axis=2), place[some])
        return MemberShap(values=values, base=self.base, output=output, scale="log_odds", gap=gap, bars=bars)

    def _integrated(self, inputs: Float32Array, place: IntArray) -> FloatArray:
        """Return (m, w, q) mean over pairs of difference times derivative, for windows ``inputs`` (m, w, q)."""
        starts = self._aligned(place)
        away = inputs[:, None] - starts
        total = np.zeros(inputs.shape)
        where = np.repeat(place, len(self._starts))
        for places in self._places:
            points = starts + places[:, None, None] * away
            slopes = self.model.input_gradients(points.reshape(-1, *inputs.shape[1:]), where)
            total += np.einsum("mkwq,mkwq->mwq", away, slopes.reshape(away.shape), dtype=np.float64)
        return total / self._places.size

    def _aligned(self, place: IntArray) -> Float32Array:
        """Return (m, k, w, q) background windows whose last bar stands at ``place`` (m,), as the row's own does.

        A row early in its symbol's history has few bars: it is compared with as many last bars of each window.
        """
        length = self._starts.shape[1]
        if (place == length - 1).all():
            return np.broadcast_to(self._starts, (len(place), *self._starts.shape))
        source = np.minimum(np.arange(length) + (length - 1 - place)[:, None], length - 1)
        return np.moveaxis(self._starts[:, source], 0, 1)


def _row_last(bars: FloatArray, place: IntArray) -> FloatArray:
    """Return ``bars`` (m, w), in which the row stands at ``place`` (m,), moved so that it stands last."""
    length = bars.shape[1]
    source = np.arange(length) - (length - 1 - place)[:, None]
    moved: FloatArray = np.where(source >= 0, np.take_along_axis(bars, np.maximum(source, 0), axis=1), 0.0)
    return moved
