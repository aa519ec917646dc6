"""From a panel to one matrix of features.

Features of a symbol's own bars are computed in blocks of whole symbols that fit the processor's cache, on all cores;
features that look across symbols or at news are computed on the whole panel. The split changes no value.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
from numba import njit

from tradewind.core import News, NoProgress, Panel, Progress, UsageError
from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.registry import REGISTRY, Feature, FeatureContext
from tradewind.features.text.protocol import TextScorer

_BLOCK_ROWS = 32_768
"""Rows of one block: about 256 kB a column, so that a feature's intermediates stay in the cache and the cost of a call
is small beside its work."""

_INPUT = {"news": "--news FILE", "fear": "--fear FILE"}


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureMatrix:
    """Features of every row of a panel.

    Attributes
    ----------
    values : (n, p) float32, C order, rows in the panel's order; NaN where a feature is not defined, never infinite.
    names : p feature names, the columns of ``values``.
    """

    values: Float32Array
    names: tuple[str, ...]

    def __getitem__(self, name: str) -> Float32Array:
        """(n,) the column of feature ``name``; ValueError when there is none."""
        column: Float32Array = self.values[:, self.names.index(name)]
        return column


def compute_features(
    panel: Panel,
    news: News | None = None,
    *,
    names: Sequence[str] | None = None,
    scorer: TextScorer | None = None,
    progress: Progress = NoProgress(),
) -> FeatureMatrix:
    """Compute features of every row of ``panel``.

    Parameters
    ----------
    panel : bars; ``panel.fear`` makes the fear features available.
    news : items; None leaves the news features out.
    names : the features wanted, in that order; None for all whose input is there, in the order of the registry.
    scorer : gives texts their score; None for the default lexicon.
    progress : told about each finished block and feature.

    Raises
    ------
    UsageError : a name is unknown or given twice, or its input is missing.
    """
    wanted = _wanted(panel, news, names)
    values = np.empty((len(panel), len(wanted)), dtype=np.float32)
    own = [(j, feature) for j, feature in enumerate(wanted) if feature.own_bars]
    across = [(j, feature) for j, feature in enumerate(wanted) if not feature.own_bars]
    blocks = _blocks(panel.offsets) if own else []
    total, done = len(blocks) + len(across), 0
    with ThreadPoolExecutor(max_workers=_workers(len(blocks))) as pool:
        jobs = [pool.submit(_fill_block, panel, block, own, values) for block in blocks]
        context = FeatureContext(panel, news, scorer)
        for j, feature in across:  # here, while the blocks are computed in the pool
            column = np.empty((1, len(panel)), dtype=np.float32)
            _to_finite(np.asarray(feature.compute(context), dtype=np.float64), column[0])
            _place(column, values, np.array([j]))
            done += 1
            progress.update("features", done, total)
        for job in as_completed(jobs):
            job.result()
            done += 1
            progress.update("features", done, total)
    return FeatureMatrix(values=values, names=tuple(feature.name for feature in wanted))


def _wanted(panel: Panel, news: News | None, names: Sequence[str] | None) -> list[Feature]:
    have = {"bars", *(("news",) if news is not None else ()), *(("fear",) if panel.fear is not None else ())}
    if names is None:
        return [feature for feature in REGISTRY if feature.needs in have]
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise UsageError(f"feature {twice[0]!r} is asked for twice", fix="name each feature once")
    wanted = [REGISTRY.get(name) for name in names]
    for feature in wanted:
        if feature.needs not in have:
            raise UsageError(
                f"feature {feature.name!r} needs {feature.needs}, and none is given",
                fix=f"give {_INPUT.get(feature.needs, feature.needs)} or leave the feature out",
            )
    return wanted


def _workers(blocks: int) -> int:
    return max(
        1, min(blocks, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    )


def _blocks(offsets: IntArray) -> list[tuple[int, int]]:
    """Cut the symbols into runs of about ``_BLOCK_ROWS`` rows: (first symbol, one past the last)."""
    blocks, first = [], 0
    for s in range(1, len(offsets)):
        if s == len(offsets) - 1 or offsets[s + 1] - offsets[first] > _BLOCK_ROWS:
            blocks.append((first, s))
            first = s
    return blocks


def _fill_block(
    panel: Panel, block: tuple[int, int], features: list[tuple[int, Feature]], values: Float32Array
) -> None:
    first, last = block
    rows = slice(int(panel.offsets[first]), int(panel.offsets[last]))
    context = FeatureContext(_symbols(panel, block))
    columns = np.empty((len(features), rows.stop - rows.start), dtype=np.float32)
    for k, (_, feature) in enumerate(features):
        _to_finite(np.asarray(feature.compute(context), dtype=np.float64), columns[k])
    _place(columns, values[rows], np.array([j for j, _ in features]))


def _symbols(panel: Panel, block: tuple[int, int]) -> Panel:
    """Return the panel of a run of symbols, on the same memory."""
    first, last = block
    rows = slice(int(panel.offsets[first]), int(panel.offsets[last]))
    return Panel(
        symbols=panel.symbols[first:last],
        offsets=panel.offsets[first : last + 1] - panel.offsets[first],
        sectors=panel.sectors[first:last],
        market_cap=panel.market_cap[first:last],
        fear=None if panel.fear is None else panel.fear[rows],
        **{name: getattr(panel, name)[rows] for name in ("time", "known_at", *PRICE_FIELDS)},
    )


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _to_finite(column: FloatArray, out: Float32Array) -> None:
    """Write ``column`` to ``out`` in single precision; what is not finite there becomes NaN."""
    for i in range(column.size):
        value = np.float32(column[i])
        out[i] = value if abs(value) < np.float32(np.inf) else np.float32(np.nan)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _place(columns: Float32Array, values: Float32Array, target: IntArray) -> None:
    """Write (p, m) ``columns`` as the columns ``target`` of (m, q) ``values``, row by row to stay in cache."""
    p, m = columns.shape
    for i in range(m):
        for k in range(p):
            values[i, target[k]] = columns[k, i]
