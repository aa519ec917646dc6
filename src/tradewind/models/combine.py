"""From the forecasts of several members to one: weights, calibration and the expected return, fitted out of fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field
from scipy.special import expit

from tradewind.core import Forecast, NotFittedError, Settings
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.models.calibration import CalibrationSettings, Calibrator, to_logit
from tradewind.models.shrinkage import slope_through_origin

VOTE_TIE = 0.1
LEAST_SLOPE = 0.02


class CombinerSettings(Settings):
    """How members are joined.

    ``method`` : ``weights`` (on the simplex, least log loss), ``stack`` (non-negative logistic regression) or ``vote``
    (one vote each, ties and ranks by the mean forecast). ``shrink`` : log loss is increased by ``shrink / 2`` times the
    squared distance from equal weights: 0.01 outweighs differences of a percent of accuracy, which are noise on a
    year of data, and is itself outweighed by a member of real skill.
    """

    method: Literal["weights", "stack", "vote"] = "weights"
    shrink: float = Field(default=0.01, gt=0.0)
    calibration: CalibrationSettings = CalibrationSettings()


class Combiner:
    """Joins member forecasts; everything in it is fitted on forecasts of rows that the members had not seen.

    Each member is calibrated first, so that a forest's timid and a net's bold probabilities speak one language and a
    member without skill only whispers; then log odds are averaged (Satopaa et al. 2014, *IJF* 30) and calibrated again.

    The expected return is ``(2 p - 1)`` times the mean absolute return, plus the members' weighted return forecasts,
    each times a slope between 0 and 1 that is shrunk by its standard error over days: returns are nearly unpredictable,
    and on data without signal the forecast falls back to nearly 0 (it keeps the sign of ``p - 0.5``), where it cannot
    do worse than the last close.
    """

    def __init__(self, names: Sequence[str], settings: CombinerSettings | None = None) -> None:
        self.names = tuple(names)
        self.settings = settings or CombinerSettings()
        self._members: list[Calibrator] = []
        self._final = Calibrator(self.settings.calibration)
        self._weights = np.empty(0)
        self._return_weights = np.empty(0)
        self._slopes = np.zeros(2)
        self._move = 0.0

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each member in the direction, summing to 1."""
        return dict(zip(self.names, self._direction_weights().tolist(), strict=True))

    @property
    def return_weights(self) -> dict[str, float]:
        """Weight of each member in the part of the expected return that members give, summing to 1."""
        self._direction_weights()
        return dict(zip(self.names, self._return_weights.tolist(), strict=True))

    def fit(
        self,
        forecasts: Mapping[str, Forecast],
        direction: FloatArray,
        returns: FloatArray,
        groups: AnyArray | None = None,
    ) -> Self:
        """Fit on out-of-fold forecasts of the same m rows.

        Parameters
        ----------
        forecasts : one for each of ``names``.
        direction, returns : (m,) labels; NaN where not known.
        groups : (m,) day of each row.
        """
        probability = np.stack([forecasts[name].probability for name in self.names])
        # The drift is the same for every member and counts once, in the last calibration.
        own = self.settings.calibration.model_copy(update={"intercept": "centred"})
        self._members = [Calibrator(own).fit(row, direction, groups=groups) for row in probability]
        logits = self._member_logits(forecasts)
        known = np.isfinite(direction)
        self._weights = self._fit_weights(logits[:, known], direction[known])
        self._final.fit(expit(self.joined_log_odds(logits)), direction, groups=groups)
        self._fit_return(forecasts, returns, groups)
        return self

    def _fit_weights(self, logits: FloatArray, rise: FloatArray) -> FloatArray:
        count = len(self.names)
        if self.settings.method == "vote" or count == 1 or logits.shape[1] == 0:
            return np.full(count, 1.0 / count)
        sign = 2.0 * rise - 1.0

        def log_loss(weights: FloatArray) -> tuple[float, FloatArray]:
            margin = sign * (weights @ logits)
            return float(np.logaddexp(0.0, -margin).mean()), -(logits * (sign * expit(-margin))).mean(axis=1)

        return _near_equal(log_loss, count, self.settings.shrink, simplex=self.settings.method == "weights")

    def _fit_return(self, forecasts: Mapping[str, Forecast], returns: FloatArray, groups: AnyArray | None) -> None:
        known = np.isfinite(returns)
        y = returns[known]
        day = None if groups is None else groups[known]
        count = len(self.names)
        self._return_weights = np.full(count, 1.0 / count)
        self._move = float(np.abs(y).mean()) if len(y) else 0.0
        if self._move == 0.0:
            return
        expected = np.stack([forecasts[name].expected_return for name in self.names])[:, known]
        power = float(np.mean(y**2))

        def squared_error(weights: FloatArray) -> tuple[float, FloatArray]:
            error = weights @ expected - y
            return float(np.mean(error**2)) / power, 2.0 * (expected @ error) / len(y) / power

        self._return_weights = _near_equal(squared_error, count, self.settings.shrink, simplex=True)
        tilt = self._tilt(self._probability(forecasts)[known])
        first = float(np.clip(slope_through_origin(tilt, y, day), LEAST_SLOPE, 1.0))
        second = min(slope_through_origin(self._return_weights @ expected, y - first * tilt, day), 1.0)
        self._slopes = np.array([first, second])

    def combine(self, forecasts: Mapping[str, Forecast]) -> tuple[FloatArray, FloatArray]:
        """Return (probability, expected return), (m,) each, from one forecast of each member of the same m rows."""
        probability = self._probability(forecasts)
        expected = np.stack([forecasts[name].expected_return for name in self.names])
        members = np.einsum("j,jm->m", self._return_weights, expected)
        return probability, self._slopes[0] * self._tilt(probability) + self._slopes[1] * members

    def _probability(self, forecasts: Mapping[str, Forecast]) -> FloatArray:
        return self.final_probability(self.joined_log_odds(self._member_logits(forecasts)))

    def _member_logits(self, forecasts: Mapping[str, Forecast]) -> FloatArray:
        return np.stack([self.member_log_odds(name, forecasts[name].probability) for name in self.names])

    def member_log_odds(self, name: str, probability: FloatArray) -> FloatArray:
        """Return the log odds (m,) of a member's calibrated forecasts, from the ``probability`` (m,) it gives itself.

        It never falls where ``probability`` rises. KeyError where there is no member ``name``.
        """
        return to_logit(self._calibrator(name).transform(probability))

    def member_stepped(self, name: str) -> bool:
        """Tell whether :meth:`member_log_odds` is a step function (isotonic) and not a smooth curve."""
        return self._calibrator(name).stepped

    @property
    def joining(self) -> FloatArray:
        """(members,) factors of :meth:`joined_log_odds`; of a stack they do not sum to 1, of a vote they are equal."""
        self._direction_weights()
        return self._weights.copy()

    def joined_log_odds(self, logits: FloatArray) -> FloatArray:
        """Return the joined log odds (m,), before the last calibration, of ``logits`` (members, m) of the members.

        A weighted sum; for the vote, the mean of signs and a little of the mean that settles ties.
        """
        self._direction_weights()
        if self.settings.method == "vote":
            voted: FloatArray = np.sign(logits).mean(axis=0) + VOTE_TIE * np.tanh(logits.mean(axis=0))
            return voted
        joined: FloatArray = np.einsum("j,jm->m", self._weights, logits)
        return joined

    def final_probability(self, joined: FloatArray) -> FloatArray:
        """Return the ensemble's probability (m,) of :meth:`joined_log_odds`: the last calibration, never falling."""
        return self._final.transform(expit(joined))

    @property
    def final_stepped(self) -> bool:
        """True where :meth:`final_probability` is a step function (isotonic) and not a smooth curve."""
        return self._final.stepped

    def _calibrator(self, name: str) -> Calibrator:
        if not self._members:
            raise NotFittedError("the ensemble is used before it is fitted")
        if name not in self.names:
            raise KeyError(name)
        return self._members[self.names.index(name)]

    def _tilt(self, probability: FloatArray) -> FloatArray:
        tilt: FloatArray = (2.0 * probability - 1.0) * self._move
        return tilt

    def _direction_weights(self) -> FloatArray:
        if len(self._weights) == 0:
            raise NotFittedError("the ensemble is used before it is fitted")
        weights: FloatArray = self._weights / self._weights.sum()
        return weights

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted state, JSON-ready."""
        self._direction_weights()
        return {
            "names": list(self.names),
            "settings": self.settings.model_dump(mode="json"),
            "members": [calibrator.to_dict() for calibrator in self._members],
            "final": self._final.to_dict(),
            "weights": self._weights.tolist(),
            "return_weights": self._return_weights.tolist(),
            "slopes": self._slopes.tolist(),
            "move": self._move,
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return the combiner that :meth:`to_dict` described."""
        one = cls(state["names"], CombinerSettings(**state["settings"]))
        one._members = [Calibrator.from_dict(member) for member in state["members"]]
        one._final = Calibrator.from_dict(state["final"])
        one._weights = np.array(state["weights"])
        one._return_weights = np.array(state["return_weights"])
        one._slopes, one._move = np.array(state["slopes"]), float(state["move"])
        return one


def _near_equal(
    loss: Callable[[FloatArray], tuple[float, FloatArray]], count: int, shrink: float, *, simplex: bool
) -> FloatArray:
    """Return the non-negative weights of least loss plus ``shrink / 2`` times the squared distance from equal ones.

    ``loss`` gives value and gradient. On the simplex the weights sum to 1. Should none be positive, they are equal.
    """
    from scipy.optimize import minimize  # half a second to import

    equal = np.full(count, 1.0 / count)
    if count == 1 and simplex:
        return equal

    def penalised(weights: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = loss(weights)
        away = weights - equal
        return value + 0.5 * shrink * float(away @ away), gradient + shrink * away

    sums = {"type": "eq", "fun": lambda w: w.sum() - 1.0, "jac": lambda w: np.ones(len(w))}
    found = minimize(
        penalised,
        equal,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, None)] * count,
        constraints=[sums] if simplex else [],
        options={"ftol": 1e-12, "maxiter": 300},
    )
    weights: FloatArray = np.maximum(found.x, 0.0)
    total = float(weights.sum())
    if not np.isfinite(total) or total <= 0.0:
        return equal
    return weights / total if simplex else weights
