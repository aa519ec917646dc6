"""Shapley values of a sequence net by expected gradients: of each column over the whole window, and of each bar."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradewind.core import Dataset, UsageError
from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.part import MemberShap, settled
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.sequences import windows

PATHS = 16
MOST_NODES = 4
ENOUGH = 0.25
"""A mean gap of this share of the values' sum is not worth another node per path."""
PAIRS_AT_ONCE = 1024


class NetShap:
    """Explains a net's log odds against the windows of a background.

    A straight path leads from a background window to the row's window; the value of an input is the mean over paths
    of its difference times the mean derivative along the path (integrated gradients: Sundararajan, Taly and Yan 2017;
    over many starts, expected gradients: Erion et al. 2021). The result is the Aumann-Shapley value, equal to the
    Shapley value where columns do not act on one another. A column's value is the sum over its bars.

    Paths start at ``paths`` of the background's windows, which stand for all of them: one from each equal share of
    the windows, ordered by the net's output there. What their mean differs from the background's ``centre``, the mean
    of thousands of windows, is made good by the mean derivative (a control variate, exact for a net that is a line).
    On each path there are ``nodes`` places, and those of all paths together divide the way evenly, in an order drawn
    once from ``seed``.

    ``base`` is the mean output over all windows, moved by the mean derivative there to the ``centre``. What is missed
    of the difference of outputs is shared out in proportion (:func:`~tradewind.explain.shapley.part.settled`) and
    reported as ``gap``. With ``nodes`` None there are as many, up to :data:`MOST_NODES`, as bring the gap of background
    windows below :data:`ENOUGH` of the values' sum: a net that normalises its states needs more. A row's values do not
    depend on the rows explained beside it, but for the last digits of float32 products of other sizes.
    """

    def __init__(
        self,
        model: NetForecaster[Any],
        background: Background,
        *,
        paths: int = PATHS,
        nodes: int | None = None,
        seed: int = 7,
    ) -> None:
        length = model.settings.window
        if len(background.windows) == 0 or background.windows.shape[1] < length:
            found = background.windows.shape[1]
            raise UsageError(
                f"the background's windows have {found} bars, the {model.name} net reads {length}",
                field="background",
                fix=f"draw it with windows of {length} bars or more",
            )
        self.model, self._seed = model, seed
        every = np.ascontiguousarray(background.windows[:, -length:], dtype=np.float32)
        output = model.log_odds_at(every, np.full(len(every), length - 1))
        self.base = float(output.mean())
        self._starts = np.ascontiguousarray(every[_spread(output, paths)])
        mean = every.mean(axis=0, dtype=np.float64)
        centre = mean if background.centre is None else background.centre[-length:]
        if background.centre is not None:
            slopes = model.input_gradients(every, np.full(len(every), length - 1))
            self.base += float(np.sum((centre - mean) * slopes.mean(axis=0, dtype=np.float64)))
        self._off = self._starts.mean(axis=0, dtype=np.float64) - centre
        self.nodes = self._enough_nodes(every, output) if nodes is None else nodes
        self._places = self._even_places(self.nodes)

    def _even_places(self, nodes: int) -> Float32Array:
        """(nodes, k) places on the paths, from 0 at their starts to 1 at the row."""
        count = len(self._starts) * nodes
        order = np.random.default_rng(self._seed).permutation(count)
        return ((order + 0.5) / count).reshape(nodes, -1).astype(np.float32)

    def _enough_nodes(self, every: Float32Array, output: FloatArray) -> int:
        some = _spread(output, PATHS)
        last = np.full(len(some), every.shape[1] - 1)
        nodes = 1
        while nodes < MOST_NODES:
            self._places = self._even_places(nodes)
            parts = self._integrated(every[some], last)
            gap = np.abs(output[some] - self.base - parts.sum(axis=(1, 2))).mean()
            if gap <= ENOUGH * np.abs(parts.sum(axis=1)).sum(axis=1).mean():
                break
            nodes *= 2
        return nodes

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
        """Return (m, w, q) mean over places of difference times derivative, for windows ``inputs`` (m, w, q)."""
        starts = _aligned(self._starts, place)
        away = inputs[:, None] - starts
        total, slope = np.zeros(inputs.shape), np.zeros(inputs.shape)
        where = np.repeat(place, len(self._starts))
        for places in self._places:
            points = starts + places[:, None, None] * away
            slopes = self.model.input_gradients(points.reshape(-1, *inputs.shape[1:]), where).reshape(away.shape)
            total += np.einsum("mkwq,mkwq->mwq", away, slopes)
            slope += slopes.sum(axis=1)
        return (total + slope * _aligned(self._off[None], place)[:, 0]) / self._places.size


def _spread(output: FloatArray, count: int) -> IntArray:
    """Return ``count`` places in ``output`` (k,), evenly spread over its order; all where there are fewer."""
    order = np.argsort(output, kind="stable")
    if len(order) <= count:
        return order
    return order[((np.arange(count) + 0.5) * len(order) / count).astype(np.int64)]


def _aligned(starts: AnyArray, place: IntArray) -> AnyArray:
    """Return (m, k, w, q) windows ``starts`` (k, w, q) whose last bar stands at ``place`` (m,), as the row's own does.

    A row early in its symbol's history has few bars: it is compared with as many last bars of each window.
    """
    length = starts.shape[1]
    if (place == length - 1).all():
        return np.broadcast_to(starts, (len(place), *starts.shape))
    source = np.minimum(np.arange(length) + (length - 1 - place)[:, None], length - 1)
    return np.moveaxis(starts[:, source], 0, 1)


def _row_last(bars: FloatArray, place: IntArray) -> FloatArray:
    """Return ``bars`` (m, w), in which the row stands at ``place`` (m,), moved so that it stands last."""
    length = bars.shape[1]
    source = np.arange(length) - (length - 1 - place)[:, None]
    moved: FloatArray = np.where(source >= 0, np.take_along_axis(bars, np.maximum(source, 0), axis=1), 0.0)
    return moved
