"""Prepared values in the units of the raw features, and back."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.core import NotFittedError
from tradewind.features import SelectionSettings
from tradewind.training.preprocess import Preprocessor
from tradewind.training.settings import PreprocessSettings


def test_raw_units_come_back(fitted):
    preprocessor = fitted.model.preprocessor
    prepared = fitted.model.prepare(fitted.data, None)
    for name in ("return_5", "rsi_14"):
        own = fitted.data.features[fitted.test, fitted.data.names.index(name)].astype(np.float64)
        seen = prepared.features[fitted.test, prepared.names.index(name)]
        low, high = np.nanquantile(fitted.data.features[fitted.train, fitted.data.names.index(name)], [0.01, 0.99])
        kept = (own > low) & (own < high)  # what was winsorised comes back as the bound
        assert kept.mean() > 0.9
        assert preprocessor.to_raw(name, seen)[kept] == pytest.approx(own[kept], rel=1e-4, abs=1e-5)
        assert preprocessor.to_prepared(name, preprocessor.to_raw(name, seen)) == pytest.approx(seen, abs=1e-6)


def test_a_flag_is_nought_or_one(fitted):
    preprocessor = fitted.model.preprocessor
    prepared = fitted.model.prepare(fitted.data, None)
    found = preprocessor.to_raw("return_5_missing", prepared.features[:, prepared.names.index("return_5_missing")])
    assert set(np.round(found, 5)) == {0.0, 1.0}


def test_unknown_columns_and_unfitted_preparation_are_refused(fitted):
    with pytest.raises(KeyError, match="nothing"):
        fitted.model.preprocessor.to_raw("nothing", np.zeros(2))
    with pytest.raises(NotFittedError):
        Preprocessor(PreprocessSettings(), SelectionSettings()).to_prepared("return_5", np.zeros(2))
