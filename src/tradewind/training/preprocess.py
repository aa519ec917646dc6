"""From raw features to the finite columns models see: select, winsorise, impute with flags, scale."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tradewind.core import Dataset, NotFittedError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.features import FeatureSelector, SelectionSettings
from tradewind.quality import Imputer, Winsoriser
from tradewind.training.settings import PreprocessSettings


class Preprocessor:
    """Prepares feature columns with statistics of the training rows alone.

    Order: selection of columns, winsorisation at training quantiles, imputation with training medians and one
    flag column per often-missing column, scaling to mean 0 and standard deviation 1 of the training rows.
    """

    def __init__(self, settings: PreprocessSettings, selection: SelectionSettings) -> None:
        self.settings = settings
        self.selector = FeatureSelector(selection)
        self._winsoriser = Winsoriser(lower=settings.winsor_lower, upper=settings.winsor_upper)
        self._imputer = Imputer()
        self._flagged: AnyArray = np.empty(0, dtype=np.int64)
        self._mean: FloatArray | None = None
        self._scale: FloatArray | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns :meth:`transform` gives: selected features, then their missing flags."""
        chosen = tuple(self.selector.names)
        return chosen + tuple(f"{chosen[i]}_missing" for i in self._flagged)

    def fit(self, data: Dataset, rows: IntArray, *, seed: int, occasions: BoolArray | None = None) -> Self:
        """Fit every statistic on ``rows`` of ``data``.

        ``occasions`` : (n,) True on rows of a known event (earnings, a burst of news), whose values are kept as they
        are and not winsorised.
        """
        self.selector.fit(data, rows, seed=seed)
        values = data.columns(self.selector.names).features
        self._winsoriser.fit(values, rows)
        clipped = self._winsoriser.transform(values[rows], keep=None if occasions is None else occasions[rows])
        every = np.arange(len(rows))
        self._imputer.fit(clipped, every)
        filled = self._imputer.transform(clipped)
        share = filled.missing.mean(axis=0)
        self._flagged = np.flatnonzero((share >= self.settings.flag_share) & (share < 1.0))
        table = self._with_flags(filled.values, filled.missing)
        self._mean = table.mean(axis=0, dtype=np.float64)
        deviation = table.std(axis=0, dtype=np.float64)
        self._scale = np.where(deviation > 1e-12, deviation, 1.0)
        return self

    def transform(self, data: Dataset, *, occasions: BoolArray | None = None) -> Dataset:
        """Return ``data`` with the prepared columns: (n, q) finite float32; ``occasions`` as in :meth:`fit`."""
        if self._mean is None or self._scale is None:
            raise NotFittedError("the preprocessor is used before it is fitted")
        values = data.columns(self.selector.names).features
        filled = self._imputer.transform(self._winsoriser.transform(values, keep=occasions))
        table = self._with_flags(filled.values, filled.missing)
        scaled = (table - self._mean.astype(np.float32)) / self._scale.astype(np.float32)
        return data.with_features(np.ascontiguousarray(scaled, dtype=np.float32), self.names)

    def to_raw(self, column: str, values: AnyArray) -> FloatArray:
        """Return prepared ``values`` (any shape) of ``column`` in the units of the raw feature; a flag's are 0 and 1.

        Scaling is undone; winsorised and imputed values come back as what they were replaced by.

        Raises
        ------
        KeyError : there is no such prepared column. NotFittedError : not fitted yet.
        """
        mean, scale = self._of(column)
        return np.asarray(values, dtype=np.float64) * scale + mean

    def to_prepared(self, column: str, values: AnyArray) -> FloatArray:
        """Return raw ``values`` (any shape) of ``column`` as the models see them; the inverse of :meth:`to_raw`."""
        mean, scale = self._of(column)
        return (np.asarray(values, dtype=np.float64) - mean) / scale

    def _of(self, column: str) -> tuple[float, float]:
        if self._mean is None or self._scale is None:
            raise NotFittedError("the preprocessor is used before it is fitted")
        try:
            place = self.names.index(column)
        except ValueError:
            raise KeyError(column) from None
        return float(self._mean[place]), float(self._scale[place])

    def _with_flags(self, values: AnyArray, missing: AnyArray) -> AnyArray:
        return np.concatenate([values, missing[:, self._flagged].astype(np.float32)], axis=1, dtype=np.float32)

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted state, JSON-ready."""
        if self._mean is None or self._scale is None:
            raise NotFittedError("the preprocessor is saved before it is fitted")
        return {
            "settings": self.settings.model_dump(mode="json"),
            "selector": self.selector.to_dict(),
            "winsoriser": self._winsoriser.to_dict(),
            "imputer": self._imputer.to_dict(),
            "flagged": self._flagged.tolist(),
            "mean": self._mean.tolist(),
            "scale": self._scale.tolist(),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return the preprocessor that :meth:`to_dict` described."""
        one = cls(PreprocessSettings(**state["settings"]), SelectionSettings())
        one.selector = FeatureSelector.from_dict(state["selector"])
        one._winsoriser = Winsoriser.from_dict(state["winsoriser"])
        one._imputer = Imputer.from_dict(state["imputer"])
        one._flagged = np.array(state["flagged"], dtype=np.int64)
        one._mean = np.array(state["mean"], dtype=np.float64)
        one._scale = np.array(state["scale"], dtype=np.float64)
        return one
