"""Expectation maximisation of a Gaussian hidden Markov model (Baum et al. 1970), from several seeded starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from tradewind.continual.regimes.kernels import backward, forward, log_densities
from tradewind.continual.regimes.settings import RegimeSettings
from tradewind.core.arrays import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameters:
    """Of K states in d dimensions: ``prior`` (K,), ``transition`` (K, K), ``mean`` (K, d), ``covariance`` (K, d, d)."""

    prior: FloatArray
    transition: FloatArray
    mean: FloatArray
    covariance: FloatArray

    def whitened(self) -> tuple[FloatArray, FloatArray]:
        """(K, d, d) inverse Cholesky factors and (K,) log densities at the means."""
        factor = np.linalg.cholesky(self.covariance)
        d = self.mean.shape[1]
        log_root = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        log_norm: FloatArray = -0.5 * d * np.log(2.0 * np.pi) - log_root
        return np.ascontiguousarray(np.linalg.inv(factor)), log_norm

    def ordered(self, order: FloatArray) -> Parameters:
        """Return the same model with its states in another order."""
        index = np.argsort(order, kind="stable")
        return self.taken([int(place) for place in index])

    def taken(self, index: list[int]) -> Parameters:
        """Return the model whose k-th state is this one's ``index[k]``."""
        return Parameters(
            prior=self.prior[index],
            transition=np.ascontiguousarray(self.transition[np.ix_(index, index)]),
            mean=np.ascontiguousarray(self.mean[index]),
            covariance=np.ascontiguousarray(self.covariance[index]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """What a start came to: ``path`` holds the objective (log likelihood plus log prior) of each step."""

    parameters: Parameters
    log_likelihood: float
    path: tuple[float, ...]


def maximise(rows: FloatArray, begin: Parameters, settings: RegimeSettings) -> Fitted:
    """Climb from ``begin`` over ``rows`` (T, d), which are scaled to unit variance; rows with NaN are passed over.

    No step lowers the objective: the floor on the variances keeps every step a maximum under the constraint, as a
    covariance whose eigenvalues are lifted to the floor is the likeliest of those allowed.
    """
    now, path, likelihood = begin, list[float](), float("-inf")
    counts = settings.smoothing + settings.persistence * np.eye(settings.states)
    best = begin
    for _ in range(settings.iterations + 1):
        whiten, log_norm = now.whitened()
        density = log_densities(rows, now.mean, whiten, log_norm)
        filtered, gained, _ = forward(density, now.transition, now.prior)
        value = float(gained.sum()) + _log_prior(counts, now)
        path.append(value)
        best, likelihood = now, float(gained.sum())
        if len(path) > 1 and value - path[-2] < settings.tolerance * len(rows):
            break
        smoothed, moves = backward(density, now.transition, filtered)
        now = _maximum(rows, smoothed, moves + counts, now, settings)
    return Fitted(parameters=best, log_likelihood=likelihood, path=tuple(path))


def starts(rows: FloatArray, settings: RegimeSettings) -> list[Parameters]:
    """Return where to begin: states by the quantiles of the ordering column (or of the distance), then drawn ones."""
    rng = np.random.default_rng(settings.seed)
    known = rows[np.isfinite(rows).all(axis=1)]
    k, d = settings.states, rows.shape[1]
    by = np.square(known).sum(axis=1) if settings.order_by is None else known[:, settings.order_by]
    blocks = np.array_split(np.argsort(by, kind="stable"), k)
    mean = np.array([known[block].mean(axis=0) for block in blocks])
    spread = np.array([np.diag(np.maximum(known[block].var(axis=0), settings.floor)) for block in blocks])
    found = [_start(mean, spread, k)]
    for _ in range(settings.starts - 1):
        size = np.exp(rng.normal(0.0, 0.7, size=k))
        centre = known[rng.choice(len(known), size=k, replace=False)]
        found.append(_start(0.5 * centre, size[:, None, None] * np.eye(d), k))
    return found


def _start(mean: FloatArray, covariance: FloatArray, k: int) -> Parameters:
    stay = 0.95 if k > 1 else 1.0
    transition = np.full((k, k), (1.0 - stay) / max(k - 1, 1))
    np.fill_diagonal(transition, stay)
    return Parameters(prior=np.full(k, 1.0 / k), transition=transition, mean=mean, covariance=covariance)


def _log_prior(counts: FloatArray, now: Parameters) -> float:
    return float((counts * np.log(np.maximum(now.transition, 1e-300))).sum())


def _maximum(
    rows: FloatArray, weight: FloatArray, moves: FloatArray, before: Parameters, settings: RegimeSettings
) -> Parameters:
    """Return the parameters that are likeliest under the weights (T, K) of the states."""
    known = np.isfinite(rows).all(axis=1)
    values, share = rows[known], weight[known]
    mean, covariance = before.mean.copy(), before.covariance.copy()
    for state in range(settings.states):
        total = share[:, state].sum()
        if total < 1e-8:  # nothing is known of a state that no row is in
            continue
        mean[state] = share[:, state] @ values / total
        away = values - mean[state]
        covariance[state] = _lifted((share[:, state, None] * away).T @ away / total, settings)
    row_sum = moves.sum(axis=1, keepdims=True)
    transition = np.where(row_sum > 0.0, moves / np.where(row_sum > 0.0, row_sum, 1.0), before.transition)
    return Parameters(prior=weight[0] / weight[0].sum(), transition=transition, mean=mean, covariance=covariance)


def _lifted(covariance: FloatArray, settings: RegimeSettings) -> FloatArray:
    if settings.covariance == "diagonal":
        return np.diag(np.maximum(np.diagonal(covariance), settings.floor))
    value, axis = np.linalg.eigh(0.5 * (covariance + covariance.T))
    return cast(FloatArray, (axis * np.maximum(value, settings.floor)) @ axis.T)
