"""The ensemble: members joined by what they earned on rows they had not seen, with an interval for the return."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, Forecast, NoProgress, NotFittedError, Progress, Settings, UsageError
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.models.calibration import CalibrationSettings
from tradewind.models.combine import Combiner, CombinerSettings
from tradewind.models.conformal import ConformalInterval, ConformalSettings
from tradewind.models.past import return_scale
from tradewind.models.protocol import Forecaster
from tradewind.models.registry import load_model
from tradewind.models.storage import read_artefact, write_artefact
from tradewind.validation import purged_blocks

Prepare = Callable[[IntArray], Dataset]


class EnsembleSettings(Settings):
    """``inner_folds`` : purged, expanding blocks inside the training rows on which members are judged, with ``embargo``
    sessions before each. ``alpha`` : share of returns that may miss the interval; ``adaptation`` : step of its adaptive
    miss rate. ``method``, ``shrink``, ``calibration`` : see :class:`~tradewind.models.combine.CombinerSettings`.
    """

    method: Literal["weights", "stack", "vote"] = "weights"
    inner_folds: int = Field(default=3, ge=1)
    embargo: int = Field(default=0, ge=0)
    shrink: float = Field(default=0.01, gt=0.0)
    calibration: CalibrationSettings = CalibrationSettings()
    alpha: float = Field(default=0.1, gt=0.0, lt=1.0)
    adaptation: float = Field(default=0.03, ge=0.0, le=1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class OutOfFold:
    """Forecasts of training rows by members that had not seen them.

    Attributes
    ----------
    rows : (m,) rows of the dataset, later than the first inner block.
    members : forecast of each member by name.
    ensemble : the joined forecast; the members are out of fold, the handful of numbers that join them is not.
    """

    rows: IntArray
    members: Mapping[str, Forecast]
    ensemble: Forecast


class Ensemble:
    """Several forecasters as one, itself a :class:`~tradewind.models.protocol.Forecaster`.

    :meth:`fit` forecasts expanding blocks of the training rows with members fitted on labels known before each block,
    fits weights, calibration and interval scores on those forecasts alone, then fits every member on all rows.
    """

    name = "ensemble"

    def __init__(
        self,
        members: Sequence[Forecaster],
        settings: EnsembleSettings | None = None,
        *,
        progress: Progress | None = None,
    ) -> None:
        names = [member.name for member in members]
        if not names or len(set(names)) != len(names):
            raise UsageError(
                f"an ensemble needs members of different names, it was given {names}",
                field="models",
                fix="name each model once",
            )
        self.settings = settings or EnsembleSettings()
        self._templates = tuple(members)
        self._members: tuple[Forecaster, ...] = ()
        self._progress = progress or NoProgress()
        self._combiner = Combiner(names, _combiner_settings(self.settings))
        self._conformal = ConformalInterval(_conformal_settings(self.settings))
        self._usual_scale = np.nan
        self._oof: OutOfFold | None = None

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each member in the direction, summing to 1; NotFittedError before :meth:`fit`."""
        return self._combiner.weights

    @property
    def members(self) -> dict[str, Forecaster]:
        """The fitted members by name."""
        return {member.name: member for member in self._fitted()}

    @property
    def combiner(self) -> Combiner:
        """What joins the members' forecasts, link by link."""
        return self._combiner

    @property
    def conformal(self) -> ConformalInterval:
        """The interval of the return, calibrated out of fold."""
        return self._conformal

    @property
    def oof(self) -> OutOfFold:
        """Out-of-fold forecasts of the last :meth:`fit`; NotFittedError where there was none (a loaded ensemble)."""
        if self._oof is None:
            raise NotFittedError("out-of-fold forecasts exist only where the ensemble was fitted, they are not saved")
        return self._oof

    def fresh(self) -> Self:
        """Return a new, not fitted ensemble of fresh members."""
        return type(self)([member.fresh() for member in self._templates], self.settings, progress=self._progress)

    def fit(self, data: Dataset, rows: IntArray, *, prepare: Prepare | None = None) -> Self:
        """Fit members, weights, calibration and interval on ``rows`` of ``data``.

        ``prepare`` gives the dataset as it is prepared (features selected, scaled) from the rows it is given alone;
        with it, a member that forecasts an inner block has not seen that block's labels through selection either.

        Raises
        ------
        UsageError : ``rows`` span too few times for even one inner block.
        """
        rows = rows[~np.isnat(data.labels.end[rows])]
        blocks = self._blocks(data, rows)
        steps = (len(blocks) + 1) * len(self._templates)
        parts: dict[str, list[Forecast]] = {member.name: [] for member in self._templates}
        done = 0
        for fitted, block in blocks:
            inner = data if prepare is None else prepare(fitted)
            for member in self._templates:
                parts[member.name].append(member.fresh().fit(inner, fitted).predict(inner, block))
                done += 1
                self._progress.update("ensemble", done, steps)
        held = {name: _joined(forecasts) for name, forecasts in parts.items()}
        self._fit_join(data, held)
        members = []
        for member in self._templates:
            members.append(member.fresh().fit(data, rows))
            done += 1
            self._progress.update("ensemble", done, steps)
        self._members = tuple(members)
        return self

    def _blocks(self, data: Dataset, rows: IntArray) -> list[tuple[IntArray, IntArray]]:
        """Return the inner (fit rows, block rows); fewer blocks than asked for where the history is short."""
        labels, s = data.labels, self.settings
        for count in range(s.inner_folds, 0, -1):
            try:
                blocks = list(purged_blocks(rows, labels.start, labels.end, count, s.embargo))
            except UsageError:
                if count == 1:
                    raise
                continue
            if count == 1 or all(len(data.labelled(part)) for pair in blocks for part in pair):
                return blocks
        raise AssertionError("unreachable: a count of 1 returns or raises")

    def _fit_join(self, data: Dataset, held: Mapping[str, Forecast]) -> None:
        rows = next(iter(held.values())).rows
        labels = data.labels
        returns = labels.forward_return[rows]
        self._combiner.fit(held, labels.direction[rows], returns, labels.start[rows])
        probability, expected = self._combiner.combine(held)
        scale = return_scale(data.panel)[rows]
        known = scale[np.isfinite(scale)]
        self._usual_scale = float(np.median(known)) if len(known) else 0.01
        self._conformal.fit(returns, expected, self._scale(data, rows))
        forecast = self._with_interval(data, Forecast.point(rows, probability, expected))
        self._oof = OutOfFold(rows=rows, members=held, ensemble=forecast)

    def rejoined(self, data: Dataset, rows: IntArray, members: Mapping[str, Forecaster] | None = None) -> Self:
        """Return an ensemble of the same fitted members whose weights, calibration and interval are fitted anew.

        ``rows`` : rows that no member has learned from; ``members`` : fitted ones that take the place of those of the
        same name. NotFittedError before :meth:`fit`.
        """
        one = self.with_members(members or {})
        one._combiner, one._conformal = (
            Combiner(self._combiner.names, _combiner_settings(self.settings)),
            ConformalInterval(_conformal_settings(self.settings)),
        )
        one._fit_join(data, one.member_forecasts(data, rows))
        return one

    def with_members(self, members: Mapping[str, Forecaster]) -> Self:
        """Return the ensemble with fitted ``members`` in the place of those of the same name, joined as before."""
        one = copy(self)
        one._members = tuple(members.get(member.name, member) for member in self._fitted())
        return one

    def member_forecasts(self, data: Dataset, rows: IntArray) -> dict[str, Forecast]:
        """Return the forecast of each member alone, by name, uncalibrated as the member gives it."""
        return {member.name: member.predict(data, rows) for member in self._fitted()}

    def combine(self, data: Dataset, members: Mapping[str, Forecast]) -> Forecast:
        """Return the ensemble's forecast from :meth:`member_forecasts`, which saves forecasting twice."""
        self._fitted()
        probability, expected = self._combiner.combine(members)
        rows = next(iter(members.values())).rows
        return self._with_interval(data, Forecast.point(rows, probability, expected))

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data`` with an interval; NotFittedError before :meth:`fit`."""
        return self.combine(data, self.member_forecasts(data, rows))

    def adapted(self, data: Dataset, forecast: Forecast) -> Forecast:
        """Return ``forecast`` with intervals that learn day by day from labels known when each forecast was made."""
        self._fitted()
        rows, labels = forecast.rows, data.labels
        lower, upper = self._conformal.intervals_over_time(
            labels.forward_return[rows],
            forecast.expected_return,
            self._scale(data, rows),
            start=labels.start[rows],
            end=labels.end[rows],
        )
        return replace(forecast, lower=lower, upper=upper)

    def _with_interval(self, data: Dataset, forecast: Forecast) -> Forecast:
        scale = self._scale(data, forecast.rows)
        lower, upper = self._conformal.interval(forecast.expected_return, scale)
        return replace(forecast, lower=lower, upper=upper)

    def _scale(self, data: Dataset, rows: IntArray) -> FloatArray:
        """(m,) trailing volatility of ``rows``; the usual one where a symbol has no past return."""
        scale = return_scale(data.panel)[rows]
        return np.where(np.isfinite(scale), scale, self._usual_scale)

    def save(self, folder: Path) -> None:
        """Write the ensemble and its members into ``folder``."""
        members = self._fitted()
        for member in members:
            member.save(folder / member.name)
        state = {
            "settings": self.settings.model_dump(mode="json"),
            "members": [member.name for member in members],
            "combiner": self._combiner.to_dict(),
            "usual_scale": self._usual_scale,
        }
        interval = json.dumps(self._conformal.to_dict()).encode()
        write_artefact(folder, self.name, state, {"interval.json": interval})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read an ensemble that :meth:`save` wrote, with every member."""
        artefact = read_artefact(folder, cls.name)
        state = artefact.state
        members = tuple(load_model(folder / name) for name in state["members"])
        one = cls(members, EnsembleSettings(**state["settings"]))
        one._members = members
        one._combiner = Combiner.from_dict(state["combiner"])
        one._conformal = ConformalInterval.from_dict(json.loads(artefact.files["interval.json"]))
        one._usual_scale = float(state["usual_scale"])
        return one

    def _fitted(self) -> tuple[Forecaster, ...]:
        if not self._members:
            raise NotFittedError("the ensemble is used before it is fitted")
        return self._members


def _joined(parts: Sequence[Forecast]) -> Forecast:
    """Return forecasts of several blocks of rows as one, in order of the blocks."""
    return Forecast.point(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.expected_return for part in parts]),
    )


def _combiner_settings(settings: EnsembleSettings) -> CombinerSettings:
    return CombinerSettings(method=settings.method, shrink=settings.shrink, calibration=settings.calibration)


def _conformal_settings(settings: EnsembleSettings) -> ConformalSettings:
    return ConformalSettings(alpha=settings.alpha, rate=settings.adaptation)
