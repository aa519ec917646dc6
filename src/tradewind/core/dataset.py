"""What models are fitted on: features and labels of a panel, row by row, with the time each label is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray, TimeArray, as_time
from tradewind.core.panel import Panel


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """Labels of every row of a panel.

    Attributes
    ----------
    start : (n,) ``datetime64[us]``; the bar at which the forecast is made (the label's information starts after it).
    end : (n,) ``datetime64[us]``; the bar at which the label is known; NaT where the symbol has no such bar.
    direction : (n,) float64; 1 rise, 0 fall, NaN where the move lies between the thresholds or is not known.
    forward_return : (n,) float64; adjusted close-to-close return from ``start`` to ``end``; NaN where not known.
    horizon : bars of the symbol from ``start`` to ``end``.
    """

    start: TimeArray
    end: TimeArray
    direction: FloatArray
    forward_return: FloatArray
    horizon: int

    def known_by(self, moment: np.datetime64 | str) -> BoolArray:
        """(n,) True where the label was known at ``moment`` (NaT counts as not known)."""
        mask: BoolArray = self.end <= as_time(moment)
        return mask


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Features and labels of a panel; rows are the panel's rows, so a sequence model can look back along them.

    Attributes
    ----------
    panel : the bars the rows came from.
    features : (n, p) float32; NaN where a feature is not yet defined.
    names : p feature names, the columns of ``features``.
    labels : labels of the same n rows.
    weight : (n,) float64 sample weights or None for equal weights.
    group : (n,) int64 code of the group (sector, size bucket) among which a model may be asked for parity, or None.
    """

    panel: Panel
    features: Float32Array
    names: tuple[str, ...]
    labels: Labels
    weight: FloatArray | None = None
    group: IntArray | None = None

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        if self.features.shape != (len(self.panel), len(self.names)):
            raise ValueError(
                f"features have shape {self.features.shape}, expected {(len(self.panel), len(self.names))}"
            )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.panel)

    @cached_property
    def bar_index(self) -> IntArray:
        """(n,) how many bars of its symbol lie before each row: a row has ``bar_index + 1`` bars to look back on."""
        return np.arange(len(self.panel)) - self.panel.offsets[self.panel.symbol_code]

    def select(self, mask: BoolArray) -> Dataset:
        """Return the dataset of the rows where boolean ``mask`` (n,) holds; kept rows keep their order."""
        labels = self.labels
        return Dataset(
            panel=self.panel.select(mask),
            features=self.features[mask],
            names=self.names,
            labels=Labels(
                start=labels.start[mask],
                end=labels.end[mask],
                direction=labels.direction[mask],
                forward_return=labels.forward_return[mask],
                horizon=labels.horizon,
            ),
            weight=None if self.weight is None else self.weight[mask],
            group=None if self.group is None else self.group[mask],
        )

    def with_features(self, features: Float32Array, names: Sequence[str]) -> Dataset:
        """Return the same rows with other features."""
        return replace(self, features=features, names=tuple(names))

    def columns(self, names: Sequence[str]) -> Dataset:
        """Return the same rows with only the named features, in that order; KeyError names a missing one."""
        index = {name: i for i, name in enumerate(self.names)}
        return self.with_features(np.ascontiguousarray(self.features[:, [index[name] for name in names]]), names)

    def labelled(self, rows: IntArray) -> IntArray:
        """Return those of ``rows`` whose direction is known and not between the thresholds."""
        return rows[~np.isnan(self.labels.direction[rows])]


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """Forecasts of some rows of a dataset, in the order of ``rows``.

    Attributes
    ----------
    rows : (m,) rows of the dataset.
    probability : (m,) probability of a rise, in [0, 1].
    expected_return : (m,) expected adjusted return to the next bar.
    lower, upper : (m,) bounds of the return interval; NaN where the model gives none.
    """

    rows: IntArray
    probability: FloatArray
    expected_return: FloatArray
    lower: FloatArray
    upper: FloatArray

    @classmethod
    def point(cls, rows: IntArray, probability: AnyArray, expected_return: AnyArray) -> Forecast:
        """Build a forecast without an interval."""
        nan = np.full(len(rows), np.nan)
        return cls(
            rows=rows,
            probability=np.asarray(probability, dtype=np.float64),
            expected_return=np.asarray(expected_return, dtype=np.float64),
            lower=nan,
            upper=nan,
        )

    @property
    def confidence(self) -> FloatArray:
        """(m,) distance of the probability from a coin flip, scaled to [0, 1]."""
        return np.abs(self.probability - 0.5) * 2.0
