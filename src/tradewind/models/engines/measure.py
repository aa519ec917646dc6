"""Which engine is fastest for a batch of each size: measured, never assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tradewind.models.engines.member import Engine, Member, Prepared
from tradewind.models.engines.pipeline import Pipeline, WindowRows

SIZES = (1, 8, 64, 256)
LEAST_RUNS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    history: Float32Array
    count: IntArray
    scale: FloatArray
    occasion: BoolArray
    group: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.count)


def taken(rows: WindowRows, size: int) -> WindowRows:
    """Return ``size`` of ``rows``, those of the longest histories first, repeated as often as needed.

    A short history is forecast sooner: times of it would promise too much.
    """
    place = np.argsort(-rows.count, kind="stable")[np.arange(size) % len(rows)]
    return _Rows(
        history=np.ascontiguousarray(rows.history[place]),
        count=rows.count[place],
        scale=rows.scale[place],
        occasion=rows.occasion[place],
        group=None if rows.group is None else [rows.group[i] for i in place.tolist()],
    )


def sampled_rows(pipeline: Pipeline, size: int, *, seed: int = 0) -> WindowRows:
    """Return ``size`` rows drawn around the training means, full windows: for timing and warming up."""
    rng, prepared = np.random.default_rng(seed), pipeline.preparation
    p = len(prepared.column)
    history = np.zeros((size, pipeline.window, len(pipeline.features)), dtype=np.float32)
    drawn = rng.standard_normal((size, pipeline.window, p), dtype=np.float32)
    history[:, :, prepared.column] = prepared.mean[:p] + prepared.scale[:p] * drawn
    return _Rows(
        history=history,
        count=np.full(size, pipeline.window, dtype=np.int64),
        scale=np.full(size, pipeline.usual_scale),
        occasion=np.zeros((size, pipeline.window), dtype=np.bool_),
        group=["unknown"] * size,
    )


def milliseconds(engine: Engine, rows: Prepared, *, seconds: float) -> float:
    """Return the median time of a call in milliseconds, over about ``seconds``; the first call is not counted."""
    engine(rows)
    spent: list[float] = []
    until = perf_counter() + seconds
    while len(spent) < LEAST_RUNS or perf_counter() < until:
        start = perf_counter()
        engine(rows)
        spent.append(perf_counter() - start)
    return 1000.0 * float(np.median(spent))


def remeasured(
    pipeline: Pipeline,
    rows: WindowRows | None = None,
    *,
    seconds: float = 0.02,
    sizes: Sequence[int] = SIZES,
    allowed: Mapping[str, Sequence[str]] | None = None,
) -> Pipeline:
    """Return ``pipeline`` with the engines that are fastest on this machine, each timed for ``seconds`` a size.

    ``allowed`` : engines a member may choose from, by its name; left out: those it chooses among today's precision.
    """
    given = sampled_rows(pipeline, max(sizes)) if rows is None else rows
    lengths = sorted({member.window for member in pipeline.members.values() if member.kind == "net"})
    batches = {size: pipeline.prepare(taken(given, size), lengths) for size in sorted(sizes)}
    members: dict[str, Member] = {}
    for name, member in pipeline.members.items():
        timings = {
            engine: {size: milliseconds(run, batch, seconds=seconds) for size, batch in batches.items()}
            for engine, run in member.engines.items()
        }
        members[name] = member.chosen(timings, (allowed or {}).get(name, same_precision(member)))
    return replace(pipeline, members=members)


def same_precision(member: Member) -> list[str]:
    """Return the engines of the precision the member answers in now: int8 where it was accepted, else the exact."""
    int8 = any(choice.engine.startswith("int8") for choice in member.choices)
    return [name for name in member.engines if name.startswith("int8") == int8]
