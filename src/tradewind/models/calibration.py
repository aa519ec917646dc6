"""Probabilities that mean what they say: Platt's sigmoid on held-out forecasts, shrunk to a coin flip."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from pydantic import Field
from scipy.special import expit

from tradewind.core import NotFittedError, Settings
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray
from tradewind.models.shrinkage import believed, group_sums

EDGE = 1e-4
DRIFT_ERRORS = 2.0
"""Standard errors of the share of rises that count as chance."""


class CalibrationSettings(Settings):
    """How held-out forecasts are mapped to probabilities.

    ``method`` : ``platt`` (two numbers) or ``isotonic`` (a step function: for very many rows and strong skill).
    ``floor`` : least slope, in units of the forecasts' own spread: where no skill is seen, forecasts keep their order
    but stay within about ``floor / 4`` of the centre, which costs Brier and log loss nothing.
    ``intercept`` : where a forecast of 0.5, which speaks for neither side, goes. ``fitted`` lets the sigmoid choose;
    ``centred`` keeps it at 0.5; ``believed`` moves it towards the share of rises by what of it lies beyond two standard
    errors over days. Believed is the default: what a free intercept learns is mostly the market's drift in the months
    it was fitted on, and a drift within its error says little of the months to come, yet moves every weak forecast to
    one side, so that the direction of the past year would overrule the model.
    """

    method: Literal["platt", "isotonic"] = "platt"
    floor: float = Field(default=0.02, ge=0.0)
    intercept: Literal["fitted", "centred", "believed"] = "believed"


class Calibrator:
    """Maps a model's probability of a rise to a calibrated one, never turning it round.

    Sources: Platt 1999 (sigmoid), Zadrozny and Elkan 2002 (isotonic). The sigmoid's slope is shrunk by its standard
    error over days (:func:`~tradewind.models.shrinkage.believed`), so noise is not spread as confidence, and is never
    negative. The isotonic map is used as fitted, and only where that slope finds skill.
    """

    def __init__(self, settings: CalibrationSettings | None = None) -> None:
        self.settings = settings or CalibrationSettings()
        self._slope: float | None = None
        self._intercept = 0.0
        self._knots = np.empty((2, 0))

    def fit(
        self,
        probability: FloatArray,
        direction: FloatArray,
        *,
        weight: FloatArray | None = None,
        groups: AnyArray | None = None,
    ) -> Self:
        """Fit on out-of-sample forecasts.

        Parameters
        ----------
        probability : (m,) forecasts in [0, 1]; rows where they or ``direction`` are NaN are left out.
        direction : (m,) 1 rise, 0 fall.
        weight : (m,) or None.
        groups : (m,) day of each row, or None: rows of one day count as one witness of skill.

        With fewer than two usable rows every forecast is mapped to 0.5.
        """
        used: BoolArray = np.isfinite(probability) & np.isfinite(direction)
        logit, rise = to_logit(probability[used]), direction[used]
        self._slope, self._intercept, self._knots = 0.0, 0.0, np.empty((2, 0))
        if len(rise) < 2:
            return self
        weights = np.ones(len(rise)) if weight is None else weight[used] / weight[used].mean()
        spread = float(np.sqrt(np.mean(logit**2)))
        days = None if groups is None else groups[used]
        base = self._base_logit(rise, weights, days)
        if spread < 1e-9:  # one forecast for all: there is nothing to learn but the base rate
            self._intercept = base
            return self
        parameters, variance = self._newton(logit / spread, rise, weights, days)
        slope = believed(float(parameters[0]), variance)
        if self.settings.method == "isotonic" and slope > 0.0:
            self._fit_isotonic(probability[used], rise, weights)
        self._slope = max(slope, self.settings.floor) / spread
        free = self.settings.intercept == "fitted" and parameters[0] > 0.0
        self._intercept = float(parameters[1]) if free else base
        return self

    def _base_logit(self, rise: FloatArray, weight: FloatArray, groups: AnyArray | None) -> float:
        """Return the log odds of a rise without any forecast, as far as the settings let it count."""
        if self.settings.intercept == "centred":
            return 0.0
        mean = float(np.average(rise, weights=weight))
        logit = float(to_logit(mean))
        if self.settings.intercept == "fitted":
            return logit
        sums = group_sums((weight * (rise - mean))[:, None], groups)[:, 0]
        slope = mean * (1.0 - mean)  # of the mean by its log odds
        error = float(np.sqrt(sums @ sums)) / (float(weight.sum()) * max(slope, EDGE))
        return float(np.sign(logit)) * believed(abs(logit), (DRIFT_ERRORS * error) ** 2)

    def _newton(
        self, unit: FloatArray, rise: FloatArray, weight: FloatArray, groups: AnyArray | None
    ) -> tuple[FloatArray, float]:
        """Return (slope, intercept) of least log loss on ``unit`` logits, and the slope's variance over groups."""
        table = np.stack([unit, np.ones(len(unit))])
        moving = [0, 1] if self.settings.intercept == "fitted" else [0]
        ridge = 1e-6 * len(rise) * np.eye(len(moving))  # finite slopes where forecasts separate the classes
        parameters = np.zeros(2)
        for _ in range(50):
            chance = expit(parameters @ table)
            gradient = (table[moving] @ (weight * (chance - rise))) + ridge @ parameters[moving]
            hessian = (table[moving] * (weight * chance * (1.0 - chance))) @ table[moving].T + ridge
            step = np.linalg.solve(hessian, gradient)
            parameters[moving] -= np.clip(step, -2.0, 2.0)
            if float(np.abs(step).max()) < 1e-10:
                break
        inverse = np.linalg.inv(hessian)
        sums = group_sums((table[moving] * (weight * (rise - chance))).T, groups) @ inverse
        return parameters, float(sums[:, 0] @ sums[:, 0])

    def _fit_isotonic(self, probability: FloatArray, rise: FloatArray, weight: FloatArray) -> None:
        from sklearn.isotonic import IsotonicRegression

        fitted = IsotonicRegression(y_min=EDGE, y_max=1.0 - EDGE, out_of_bounds="clip")
        fitted.fit(probability, rise, sample_weight=weight)
        self._knots = np.stack([fitted.X_thresholds_, fitted.y_thresholds_]).astype(np.float64)

    def transform(self, probability: FloatArray) -> FloatArray:
        """Return calibrated probabilities (m,) in (0, 1); NaN stays NaN.

        Raises
        ------
        NotFittedError : before :meth:`fit`.
        """
        if self._slope is None:
            raise NotFittedError("the calibrator is used before it is fitted")
        if self._knots.shape[1] == 0:
            return clip_probability(expit(self._slope * to_logit(probability) + self._intercept))
        stepped = to_logit(np.interp(probability, self._knots[0], self._knots[1]))
        if self.settings.intercept != "fitted":
            stepped = stepped - to_logit(np.interp(0.5, self._knots[0], self._knots[1])) + self._intercept
        return clip_probability(np.where(np.isnan(probability), np.nan, expit(stepped)))

    @property
    def stepped(self) -> bool:
        """True where the map is a fitted step function, flat between its steps; False for a sigmoid."""
        return self._knots.shape[1] > 0

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted state, JSON-ready."""
        if self._slope is None:
            raise NotFittedError("the calibrator is saved before it is fitted")
        return {
            "settings": self.settings.model_dump(mode="json"),
            "slope": self._slope,
            "intercept": self._intercept,
            "knots": self._knots.tolist(),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return the calibrator that :meth:`to_dict` described."""
        one = cls(CalibrationSettings(**state["settings"]))
        one._slope, one._intercept = float(state["slope"]), float(state["intercept"])
        one._knots = np.array(state["knots"], dtype=np.float64).reshape(2, -1)
        return one


def to_logit(probability: FloatArray | float) -> FloatArray:
    """Return ``log(p / (1 - p))`` with ``p`` kept :data:`EDGE` away from 0 and 1."""
    inside = np.clip(probability, EDGE, 1.0 - EDGE)
    logit: FloatArray = np.log(inside / (1.0 - inside))
    return logit


def clip_probability(probability: FloatArray) -> FloatArray:
    """Return ``probability`` kept :data:`EDGE` away from 0 and 1."""
    clipped: FloatArray = np.clip(probability, EDGE, 1.0 - EDGE)
    return clipped
