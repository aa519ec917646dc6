"""Compiled recursions of a Gaussian hidden Markov model (Rabiner 1989; Hamilton 1989), scaled row by row.

Shapes: T rows, d columns, K states. ``whiten`` (K, d, d) are the inverses of the Cholesky factors of the covariances,
``log_norm`` (K,) the logarithms of the densities at their peaks. A row with a NaN tells nothing: its density is one in
every state.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray


@njit(cache=True, nogil=True)
def log_densities(rows: FloatArray, mean: FloatArray, whiten: FloatArray, log_norm: FloatArray) -> FloatArray:
    """(T, K) log density of each row in each state; 0 for a row with a NaN."""
    n, d = rows.shape
    out = np.zeros((n, mean.shape[0]))
    for t in range(n):
        known = True
        for i in range(d):
            known = known and np.isfinite(rows[t, i])
        if not known:
            continue
        for k in range(mean.shape[0]):
            total = 0.0
            for i in range(d):
                part = 0.0
                for j in range(i + 1):
                    part += whiten[k, i, j] * (rows[t, j] - mean[k, j])
                total += part * part
            out[t, k] = log_norm[k] - 0.5 * total
    return out


@njit(cache=True, nogil=True)
def forward(
    log_density: FloatArray, transition: FloatArray, prior: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Filter: (T, K) probabilities given the rows so far, (T,) log density of each row given those before it.

    ``prior`` (K,) is the distribution before the first row. The third value (K,) is the one before the next row.
    """
    n, k = log_density.shape
    filtered, gained = np.empty((n, k)), np.empty(n)
    ahead = prior.copy()
    for t in range(n):
        peak = log_density[t].max()
        total = 0.0
        for i in range(k):
            filtered[t, i] = ahead[i] * np.exp(log_density[t, i] - peak)
            total += filtered[t, i]
        if total > 0.0:
            for i in range(k):
                filtered[t, i] /= total
            gained[t] = np.log(total) + peak
        else:  # the likely states of the row are impossible: it tells nothing that could be weighed
            filtered[t] = ahead
            gained[t] = peak - 745.0
        for j in range(k):
            part = 0.0
            for i in range(k):
                part += filtered[t, i] * transition[i, j]
            ahead[j] = part
    return filtered, gained, ahead


@njit(cache=True, nogil=True)
def backward(log_density: FloatArray, transition: FloatArray, filtered: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Smooth, for fitting only: (T, K) probabilities given all rows, (K, K) expected numbers of transitions."""
    n, k = log_density.shape
    smoothed, moves = np.empty((n, k)), np.zeros((k, k))
    smoothed[n - 1] = filtered[n - 1]
    ahead = np.empty(k)
    for t in range(n - 2, -1, -1):
        for j in range(k):
            part = 0.0
            for i in range(k):
                part += filtered[t, i] * transition[i, j]
            ahead[j] = smoothed[t + 1, j] / part if part > 0.0 else 0.0
        for i in range(k):
            total = 0.0
            for j in range(k):
                part = filtered[t, i] * transition[i, j] * ahead[j]
                moves[i, j] += part
                total += part
            smoothed[t, i] = total
    return smoothed, moves
