"""One member of an exported ensemble, on the engine that was fastest for a batch of the size at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
from scipy.special import expit

from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.models.engines.packed import PackedTrees

Kind = Literal["trees", "net", "line", "rule"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """What members read of m rows.

    ``windows`` : (m, w, q) float32 of each window length that a net asks for, and ``places`` (m,) of the rows in them.
    ``last`` : (m, q) float32 prepared columns of the rows themselves. ``raw`` : (m, p) float32 their raw features.
    """

    windows: Mapping[int, Float32Array]
    places: Mapping[int, IntArray]
    last: Float32Array
    raw: Float32Array


class Engine(Protocol):
    """Anything that gives (probability, expected return), (m,) float64 each, of prepared rows."""

    def __call__(self, rows: Prepared) -> tuple[FloatArray, FloatArray]:
        """Forecast."""
        ...


@dataclass(frozen=True, kw_only=True)
class Choice:
    """``engine`` answers batches of at most ``up_to`` rows; the last choice also answers larger ones."""

    up_to: int
    engine: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """A member with every engine that can run it.

    ``window`` : bars it looks back on, 1 without. ``choices`` : by batch size, ascending. ``timings`` : measured
    milliseconds a batch, by engine and size.
    """

    name: str
    kind: Kind
    window: int
    engines: Mapping[str, Engine]
    choices: tuple[Choice, ...]
    timings: Mapping[str, Mapping[int, float]]

    def engine_for(self, rows: int) -> str:
        """Return the name of the engine for a batch of ``rows``."""
        for choice in self.choices:
            if rows <= choice.up_to:
                return choice.engine
        return self.choices[-1].engine

    def forecast(self, rows: Prepared) -> tuple[FloatArray, FloatArray]:
        """Return (probability, expected return), (m,) float64 each."""
        return self.engines[self.engine_for(len(rows.last))](rows)

    def chosen(self, timings: Mapping[str, Mapping[int, float]], allowed: Sequence[str]) -> Member:
        """Return the member with the fastest of the ``allowed`` engines for each measured size."""
        sizes = sorted(timings[allowed[0]])
        best = [min(allowed, key=lambda name: timings[name][size]) for size in sizes]
        choices = tuple(Choice(up_to=size, engine=name) for size, name in zip(sizes, best, strict=True))
        return replace(self, choices=choices, timings=timings)


def packed_engine(trees: PackedTrees, *, log_odds: bool) -> Engine:
    """Return the compiled walk of ``trees``."""
    link = _link(log_odds)

    def run(rows: Prepared) -> tuple[FloatArray, FloatArray]:
        out = trees.output(rows.last)
        return link(out[:, 0]), out[:, 1]

    return run


def tree_session_engine(session: Any, *, log_odds: bool) -> Engine:
    """Return trees in ONNX Runtime: input ``rows`` (m, q), output (m, 2)."""
    link = _link(log_odds)

    def run(rows: Prepared) -> tuple[FloatArray, FloatArray]:
        out = session.run(None, {"rows": rows.last})[0].astype(np.float64)
        return link(out[:, 0]), out[:, 1]

    return run


def net_engine(session: Any, *, window: int, scale: float) -> Engine:
    """Return a net in ONNX Runtime: inputs ``values`` (m, w, q) and ``place`` (m,), output logit and scaled return."""

    def run(rows: Prepared) -> tuple[FloatArray, FloatArray]:
        feed = {"values": rows.windows[window], "place": rows.places[window]}
        out = session.run(None, feed)[0].astype(np.float64)
        return _expit(out[:, 0]), out[:, 1] * scale

    return run


def line_engine(direction: FloatArray, returns: FloatArray) -> Engine:
    """Return the two regressions, coefficients (q,) and then the intercept."""

    def run(rows: Prepared) -> tuple[FloatArray, FloatArray]:
        values = rows.last.astype(np.float64)
        logit = np.einsum("ij,j->i", values, direction[:-1]) + direction[-1]
        return _expit(logit), np.einsum("ij,j->i", values, returns[:-1]) + returns[-1]

    return run


def rule_engine(*, column: int, edge: float, move: float) -> Engine:
    """Return a rule: the sign of the raw ``column``, or always up where it is -1; see ``models.baselines``."""

    def run(rows: Prepared) -> tuple[FloatArray, FloatArray]:
        signal = np.ones(len(rows.raw)) if column < 0 else np.sign(rows.raw[:, column].astype(np.float64))
        tilt = edge * np.nan_to_num(signal)
        return 0.5 + tilt, 2.0 * tilt * move

    return run


def _link(log_odds: bool) -> Callable[[FloatArray], FloatArray]:
    return _expit if log_odds else _as_it_is


def _expit(values: FloatArray) -> FloatArray:
    chance: FloatArray = expit(values)
    return chance


def _as_it_is(values: FloatArray) -> FloatArray:
    return np.clip(values, 0.0, 1.0)  # float32 sums of shares may pass 1 by a last bit
