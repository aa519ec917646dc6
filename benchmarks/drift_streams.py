"""The data of the drift benchmark, for ours and for the peers' environments alike: NumPy alone."""

from __future__ import annotations

import numpy as np

PAST, LATER, ONSET = 400, 120, 40
"""Days of reference and of stream, and the day of the stream on which a planted drift begins."""
SYMBOLS, FEATURES = 30, 8
WINDOW, EVERY = 20, 10
ENDS = range(WINDOW, LATER + 1, EVERY)
"""The days at whose end the last :data:`WINDOW` days are compared with the reference."""
KINDS = ("mean", "scale", "tail", "missing", "correlation", "gradual", "sector")
SIZES = {
    "mean": (0.5, 1.0), "scale": (1.15, 1.4), "tail": (6.0, 3.0), "missing": (0.03, 0.15),
    "correlation": (0.3, 0.6), "gradual": (0.7, 1.4), "sector": (0.3, 0.8),
}  # fmt: skip
"""A small and a large drift of each kind: of one feature in eight."""


def table(rows: int, seed: int, columns: int = 47) -> np.ndarray:
    """Return the table of the speed race: (rows, columns) float32."""
    return np.random.default_rng(seed).standard_normal((rows, columns), dtype=np.float32)


def stream(seed: int, kind: str = "", size: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return reference (PAST, SYMBOLS, FEATURES) and stream (LATER, ...) of a market.

    Features have memory from none to 0.8 a day and share a factor of the market; the market's volatility, with memory
    0.95, scales them all. ``kind`` "" : nothing is planted.
    """
    rng = np.random.default_rng(seed)
    days = PAST + LATER
    phi, load = np.linspace(0, 0.8, FEATURES), np.linspace(0.3, 0.7, FEATURES)
    noise = rng.standard_normal((days + 50, SYMBOLS + 1, FEATURES))
    volatility = rng.standard_normal(days + 50)
    for t in range(1, len(noise)):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
        volatility[t] = 0.95 * volatility[t - 1] + np.sqrt(1 - 0.95**2) * volatility[t]
    x = load * noise[50:, :1] + np.sqrt(1 - load**2) * noise[50:, 1:]
    x *= np.exp(0.15 * volatility[50:, None, None])
    past, later = x[:PAST].copy(), x[PAST:].copy()
    if kind:
        _plant(later[ONSET:], kind, size, rng)
    return past.astype(np.float32), later.astype(np.float32)


def _plant(x: np.ndarray, kind: str, size: float, rng: np.random.Generator) -> None:
    one = x[..., 2]
    if kind == "mean":
        one += size
    elif kind == "gradual":
        one += size * np.minimum(np.arange(len(x)) / 60, 1)[:, None]
    elif kind == "scale":
        one *= size
    elif kind == "tail":
        heavy = np.sqrt((size - 2) / rng.chisquare(size, one.shape))
        one *= heavy
    elif kind == "missing":
        one[rng.random(one.shape) < size] = np.nan
    elif kind == "correlation":
        one[:] = size * x[..., 3] + np.sqrt(1 - size**2) * one
    else:
        first = np.arange(SYMBOLS) % 3 == 0
        one[:, first] += size
        one[:, ~first] -= size / 2
