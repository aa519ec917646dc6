"""What is explained: a model, the rows, their forecasts and attribution, and what is known of the model's past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from tradewind.core import Dataset, Forecast
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.explain.attribution import Attribution
from tradewind.explain.rationale.settings import RationaleSettings
from tradewind.features import RowSlices, row_slices
from tradewind.models.past import return_scale
from tradewind.training.model import ENSEMBLE, TrainedModel


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """Forecasts of m rows with everything a rationale of them may use.

    Attributes
    ----------
    model : the trained model that made them.
    data : raw features of the panel.
    attribution : of the m rows.
    forecasts : by name ("ensemble" and each member), of the same rows in the same order.
    reference : (b, q) prepared training rows, to tell how unusual an input is.
    methods : by member, how its part of the attribution was found, in words; ``missed`` by member, (m,) what that
        method missed of the member's output.
    track : what `metrics.json` of an evaluation holds, None where it is not known.
    profile : (m, w) log odds that each of the latest w bars gave, the row's own bar first; None where not measured.
    attention : by member that tells it, (m, w) weights of the latest bars, the row's own bar first, summing to 1.
    what_if : by place of the row, counterfactuals (:func:`~tradewind.explain.rationale.what_if.counterfactuals_of`).
    lime : by place of the row, the local line (:func:`~tradewind.explain.rationale.local_line.local_line_of`).
    settings : limits and words.
    """

    model: TrainedModel
    data: Dataset
    attribution: Attribution
    forecasts: Mapping[str, Forecast]
    reference: AnyArray
    methods: Mapping[str, str] = field(default_factory=dict)
    missed: Mapping[str, FloatArray] = field(default_factory=dict)
    track: Mapping[str, Any] | None = None
    profile: FloatArray | None = None
    attention: Mapping[str, FloatArray] = field(default_factory=dict)
    what_if: Mapping[int, list[dict[str, Any]]] = field(default_factory=dict)
    lime: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    settings: RationaleSettings = field(default_factory=RationaleSettings)

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        for name, forecast in self.forecasts.items():
            if not np.array_equal(forecast.rows, self.attribution.rows):
                raise ValueError(f"the forecast {name!r} is of other rows than the attribution")
        if ENSEMBLE not in self.forecasts:
            raise ValueError(f"there is no forecast {ENSEMBLE!r}")
        if self.reference.ndim != 2 or self.reference.shape[1] != len(self.attribution.names):
            raise ValueError(f"reference has shape {self.reference.shape}, expected (b, {len(self.attribution.names)})")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.attribution)

    @cached_property
    def slices(self) -> RowSlices:
        """Slices of every row of the panel."""
        return row_slices(self.data.panel)

    @cached_property
    def _widths(self) -> FloatArray:
        """(n,) width the return interval has on each bar of the panel, NaN on a symbol's first.

        The half width is a quantile times the trailing volatility, so it needs no forecast.
        """
        scale = return_scale(self.data.panel)
        lower, upper = self.model.ensemble.conformal.interval(np.zeros(len(scale)), scale)
        return upper - lower

    @cached_property
    def _widths_by_day(self) -> dict[np.datetime64, FloatArray]:
        return {}

    def usual_widths(self, place: int) -> FloatArray:
        """Sorted widths of the interval on every bar before the day of row ``place``, of all symbols."""
        panel = self.data.panel
        day = panel.time[self.attribution.rows[place]]
        if day not in self._widths_by_day:
            widths = self._widths[panel.time < day]
            self._widths_by_day[day] = np.sort(widths[np.isfinite(widths)])
        return self._widths_by_day[day]

    @cached_property
    def percentiles(self) -> FloatArray:
        """(m, q) share of reference rows below each input, ties counted half: how usual it is."""
        return (self.below + self._share("right")) / 2.0

    @cached_property
    def below(self) -> FloatArray:
        """(m, q) share of reference rows strictly below each input."""
        return self._share("left")

    def _share(self, side: Literal["left", "right"]) -> FloatArray:
        inputs = self.attribution.inputs
        found = np.empty(inputs.shape)
        for column in range(inputs.shape[1]):
            order = np.sort(self.reference[:, column])
            found[:, column] = np.searchsorted(order, inputs[:, column], side=side) / len(order)
        return found

    @cached_property
    def prepared_state(self) -> dict[str, Any]:
        """The preprocessor's fitted numbers: bounds of winsorisation and scaling, by column."""
        state = self.model.preprocessor.to_dict()
        chosen = list(self.model.preprocessor.selector.names)
        columns = list(self.model.preprocessor.names)
        bounds = state["winsoriser"]
        return {
            "low": dict(zip(chosen, bounds["low"], strict=True)),
            "high": dict(zip(chosen, bounds["high"], strict=True)),
            "quantiles": (bounds["lower"], bounds["upper"]),
            "mean": dict(zip(columns, state["mean"], strict=True)),
            "scale": dict(zip(columns, state["scale"], strict=True)),
        }
