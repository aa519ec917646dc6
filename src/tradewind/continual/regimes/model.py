"""A Gaussian hidden Markov model of the market's regimes, of which only filtered probabilities are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from tradewind.continual.regimes.em import Parameters, maximise, starts
from tradewind.continual.regimes.kernels import forward, log_densities
from tradewind.continual.regimes.settings import RegimeSettings
from tradewind.core import InputError, UsageError
from tradewind.core.arrays import FloatArray
from tradewind.core.files import read_json, write_json_file

NAMES = {1: ("usual",), 2: ("calm", "stressed"), 3: ("calm", "normal", "stressed")}
FORMAT = "tradewind-regimes/1"


@dataclass(frozen=True, kw_only=True, eq=False)
class RegimeModel:
    """K regimes over d observations; the calmest is the first.

    Attributes
    ----------
    parameters : in the units of the observations.
    names : of the regimes: ``calm``, ``normal``, ``stressed``; ``regime_0`` ... where there are more than three.
    log_likelihood : of the rows it was fitted on; NaN where it was not fitted.
    rows : how many without NaN these were.
    path : objective of each EM step of the best start.
    fitted_until : latest time of the rows it was fitted on, ISO; ``""`` where not given.
    """

    parameters: Parameters
    names: tuple[str, ...]
    log_likelihood: float = float("nan")
    rows: int = 0
    path: tuple[float, ...] = ()
    fitted_until: str = ""

    @property
    def n_states(self) -> int:
        """K."""
        return len(self.names)

    @property
    def bic(self) -> float:
        """Schwarz's criterion; the lower of two models on the same rows is to be preferred. NaN where not fitted.

        Source: Schwarz, "Estimating the dimension of a model", Annals of Statistics 1978.
        """
        k, d = self.parameters.mean.shape
        off = self.parameters.covariance[:, ~np.eye(d, dtype=bool)]
        free = k * (k - 1) + (k - 1) + 2 * k * d + (k * d * (d - 1) // 2 if np.any(off) else 0)
        return float(-2.0 * self.log_likelihood + free * np.log(max(self.rows, 1)))

    @classmethod
    def fit(
        cls,
        observations: FloatArray,
        settings: RegimeSettings | None = None,
        *,
        fitted_until: str = "",
        like: RegimeModel | None = None,
    ) -> RegimeModel:
        """Fit to ``observations`` (T, d), in order of time; rows with NaN are passed over.

        Give only rows from the window it may learn from (:meth:`MarketObservations.between` cuts one). With ``like``,
        an earlier model, the regimes keep its labels: they are matched to those nearest to them.

        Raises
        ------
        UsageError : too few rows, a column that never moves, or ``order_by`` is no column.
        """
        rule = settings or RegimeSettings()
        rows = _checked(observations, rule)
        known = rows[np.isfinite(rows).all(axis=1)]
        centre, scale = known.mean(axis=0), known.std(axis=0)
        scaled = np.ascontiguousarray((rows - centre) / scale)
        found = [maximise(scaled, begin, rule) for begin in starts(scaled, rule)]
        best = max(found, key=lambda one: one.path[-1])
        one = best.parameters
        total = np.trace(one.covariance, axis1=1, axis2=2)
        one = one.ordered(total if rule.order_by is None else one.mean[:, rule.order_by])
        model = cls(
            parameters=replace(one, mean=one.mean * scale + centre, covariance=one.covariance * np.outer(scale, scale)),
            names=NAMES.get(rule.states, tuple(f"regime_{place}" for place in range(rule.states))),
            log_likelihood=best.log_likelihood - len(known) * float(np.log(scale).sum()),
            rows=len(known),
            path=best.path,
            fitted_until=fitted_until,
        )
        return model if like is None else _matched(model, like)

    def filter(self, observations: FloatArray) -> FloatArray:
        """(T, K) probability of each regime given the rows up to each, and none later.

        ``observations`` (T, d); a row with a NaN moves the probabilities by the transitions alone.

        Raises
        ------
        UsageError : the columns are not those it was fitted on.
        """
        return self.scored(observations)[0]

    def scored(self, observations: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(T, K) filtered probabilities, and (T,) log density of each row given those before it."""
        rows = np.ascontiguousarray(observations, dtype=np.float64)
        d = self.parameters.mean.shape[1]
        if rows.ndim != 2 or rows.shape[1] != d:
            raise UsageError(f"observations have the shape {rows.shape}", fix=f"give rows of {d} columns")
        filtered, gained, _ = self.advance(rows, self.parameters.prior)
        return filtered, gained

    def advance(self, rows: FloatArray, prior: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Filter ``rows`` from ``prior`` (K,) on; see :func:`tradewind.continual.regimes.kernels.forward`."""
        one = self.parameters
        whiten, log_norm = one.whitened()
        result: tuple[FloatArray, FloatArray, FloatArray] = forward(
            log_densities(rows, one.mean, whiten, log_norm), one.transition, prior
        )
        return result

    def save(self, path: str | Path) -> Path:
        """Write the model as JSON, whole or not at all."""
        one = self.parameters
        return write_json_file(
            path,
            {
                "format": FORMAT,
                "names": list(self.names),
                "prior": one.prior.tolist(),
                "transition": one.transition.tolist(),
                "mean": one.mean.tolist(),
                "covariance": one.covariance.tolist(),
                "log_likelihood": self.log_likelihood,
                "rows": self.rows,
                "path": list(self.path),
                "fitted_until": self.fitted_until,
            },
        )

    @classmethod
    def load(cls, path: str | Path) -> RegimeModel:
        """Read what :meth:`save` wrote; InputError where the file is not such a model."""
        found = read_json(Path(path), what="a regime model")
        try:
            if found["format"] != FORMAT:
                raise ValueError(f"format {found['format']!r}")
            return _read(cls, found)
        except (KeyError, TypeError, ValueError, np.linalg.LinAlgError) as error:
            raise InputError(
                f"is no regime model ({type(error).__name__}: {error})", file=path, fix="fit it again"
            ) from error


def _read(cls: type[RegimeModel], found: dict[str, Any]) -> RegimeModel:
    columns = {name: np.array(found[name], dtype=np.float64) for name in ("prior", "transition", "mean", "covariance")}
    k, d = columns["mean"].shape
    wanted = {"prior": (k,), "transition": (k, k), "covariance": (k, d, d)}
    strange = [name for name, shape in wanted.items() if columns[name].shape != shape]
    if strange or len(found["names"]) != k or not all(np.isfinite(one).all() for one in columns.values()):
        raise ValueError(f"{', '.join(strange) or 'the states'} do not fit together")
    one = Parameters(**columns)
    one.whitened()
    likelihood = found["log_likelihood"]
    return cls(
        parameters=one,
        names=tuple(str(name) for name in found["names"]),
        log_likelihood=float("nan") if likelihood is None else float(likelihood),
        rows=int(found["rows"]),
        path=tuple(float(value) for value in found["path"]),
        fitted_until=str(found["fitted_until"]),
    )


def _checked(observations: FloatArray, rule: RegimeSettings) -> FloatArray:
    rows = np.ascontiguousarray(observations, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise UsageError(f"observations have the shape {rows.shape}", fix="give a table of rows and columns")
    if rule.order_by is not None and rule.order_by >= rows.shape[1]:
        raise UsageError(
            f"order_by {rule.order_by} is no column of {rows.shape[1]}", field="order_by", fix="count from 0"
        )
    known = rows[np.isfinite(rows).all(axis=1)]
    need = rule.least_rows * rule.states
    if len(known) < need:
        raise UsageError(
            f"{len(known)} rows without NaN are too few for {rule.states} regimes",
            fix=f"give at least {need} rows, or ask for fewer regimes",
        )
    still = np.flatnonzero(known.std(axis=0) <= 1e-12 * np.maximum(np.abs(known).max(axis=0), 1e-12))
    if len(still):
        raise UsageError(f"column {still[0]} of the observations never moves", fix="leave it out")
    return rows


def _matched(model: RegimeModel, like: RegimeModel) -> RegimeModel:
    """Return ``model`` with its states in the order in which they are nearest to those of ``like``."""
    one, other = model.parameters, like.parameters
    if one.mean.shape != other.mean.shape:
        raise UsageError("the earlier model has other regimes or columns", fix="fit without it")
    spread = np.sqrt(np.diagonal(other.covariance, axis1=1, axis2=2).mean(axis=0))
    place = one.mean / spread, np.log(np.diagonal(one.covariance, axis1=1, axis2=2))
    goal = other.mean / spread, np.log(np.diagonal(other.covariance, axis1=1, axis2=2))
    cost = sum(np.abs(a[None] - b[:, None]).sum(axis=2) for a, b in zip(place, goal, strict=True))
    best = linear_sum_assignment(cost)[1]
    return replace(model, parameters=one.taken([int(state) for state in best]), names=like.names)
