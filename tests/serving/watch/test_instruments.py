"""Metrics say what was observed, in the format that Prometheus reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tradewind.serving.watch.catalogue import CATALOGUE, family
from tradewind.serving.watch.instruments import Buckets, exposition


def test_the_exposition_is_read_back_by_the_reference_parser() -> None:
    seconds = Buckets((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 3.0):
        seconds.observe(value)
    text = exposition(
        [
            lambda: [family("tradewind_http_requests_total", {('a"b', "200"): 3})],
            lambda: [family("tradewind_log_lag", 1.5), family("tradewind_predict_seconds", seconds)],
        ]
    ).decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}
    assert found["tradewind_http_requests"].samples[0].labels == {"route": 'a"b', "status": "200"}
    assert found["tradewind_http_requests"].samples[0].value == 3
    assert found["tradewind_log_lag"].samples[0].value == 1.5
    values = {(s.name, s.labels.get("le")): s.value for s in found["tradewind_predict_seconds"].samples}
    assert values[("tradewind_predict_seconds_bucket", "0.1")] == 2
    assert values[("tradewind_predict_seconds_bucket", "1.0")] == 3
    assert values[("tradewind_predict_seconds_bucket", "+Inf")] == 4
    assert values[("tradewind_predict_seconds_sum", None)] == 3.65


def test_a_metric_without_samples_yet_is_left_empty() -> None:
    assert b"tradewind_cache_hits_total{" not in exposition([lambda: [family("tradewind_cache_hits_total", {})]])


def test_the_catalogue_follows_the_rules_of_prometheus() -> None:
    for name, entry in CATALOGUE.items():
        assert name.startswith("tradewind_")
        assert (entry.kind == "counter") == name.endswith("_total"), name
        assert entry.help.endswith(".")
    with pytest.raises(ValueError, match="labels"):
        family("tradewind_http_requests_total", {("only one",): 1})


@given(st.lists(st.floats(0, 20), min_size=1), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_quantile_is_the_bound_of_the_bucket_that_holds_it(values: list[float], share: float) -> None:
    buckets = Buckets()
    for value in values:
        buckets.observe(value)
    exact = np.sort(values)[int(np.ceil(share * len(values))) - 1]
    bound = buckets.quantile(share)
    assert exact <= bound
    lower = [b for b in buckets.bounds if b < bound]
    assert not lower or exact > lower[-1]
