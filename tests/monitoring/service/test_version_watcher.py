"""The version that answers, the answers that are missing and those that differ: within one slice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from tradewind.core import Severity
from tradewind.core.arrays import FloatArray
from tradewind.monitoring.service import VersionWatcher
from tradewind.monitoring.slices import ServedForecasts, Slice


def recompute(one: Slice, served: ServedForecasts) -> FloatArray | None:
    """The model of the slices: the served probability is a function of feature 0."""
    return ndtr(0.3 * one.features[:, 0].astype(np.float64)) if served.version == "demo/1" else None


def test_a_right_version_is_not_told(make_slices: Any) -> None:
    watcher = VersionWatcher(recompute=recompute)
    assert not [f for one in make_slices(20, 8, 1, challengers={"demo/2": 0.1}) for f in watcher.observe(one)]
    assert watcher.state()["served"] == ["demo/1", "demo/2"]


def test_a_wrong_version_is_told_in_its_slice(make_slices: Any) -> None:
    def hook(day: int, one: Slice) -> Slice:
        return replace(one, served=(replace(one.served[0], version="demo/0"),)) if day == 5 else one

    watcher = VersionWatcher()
    found = [(day, f) for day, one in enumerate(make_slices(10, 8, 1, hook=hook)) for f in watcher.observe(one)]
    assert [(day, f.kind, f.about, f.severity) for day, f in found] == [
        (5, "wrong_version", "version=demo/0", Severity.CRITICAL)
    ]


def test_a_champion_that_does_not_answer_is_told(make_slices: Any) -> None:
    one = make_slices(1, 8, 1)[0]
    one = replace(one, served=(replace(one.served[0], role="fallback"),))
    assert [f.kind for f in VersionWatcher().observe(one)] == ["wrong_version"]
    assert not VersionWatcher().observe(replace(one, champion=None))


def test_missing_forecasts_are_told_with_their_symbols(make_slices: Any) -> None:
    one = make_slices(1, 8, 1)[0]
    made = one.served[0]
    fewer = replace(
        made,
        **{name: getattr(made, name)[2:] for name in ("symbol", "probability", "expected_return", "lower", "upper")},
    )
    for served, missing in (((fewer,), ["S000", "S001"]), ((), one.symbol.tolist())):
        found = VersionWatcher().observe(replace(one, served=served))
        assert [f.kind for f in found] == ["forecasts_missing"]
        assert found[0].evidence["symbols"] == missing


def test_a_challenger_stands_in_for_nobody(make_slices: Any) -> None:
    one = make_slices(1, 8, 1)[0]
    kinds = {f.kind for f in VersionWatcher().observe(replace(one, served=(replace(one.served[0], role="shadow"),)))}
    assert kinds == {"wrong_version", "forecasts_missing"}


def test_answers_that_differ_are_told_and_rounding_is_not(make_slices: Any) -> None:
    one = make_slices(1, 8, 1)[0]
    made = one.served[0]
    watcher = VersionWatcher(recompute=recompute)
    for gap, kinds in ((1e-6, []), (0.01, ["answers_differ"]), (np.nan, ["forecasts_missing", "answers_differ"])):
        probability = made.probability.copy()
        probability[3] += gap
        found = watcher.observe(replace(one, served=(replace(made, probability=probability),)))
        assert [f.kind for f in found] == kinds
    assert found[1].evidence["symbols"] == ["S003"]
