"""Metrics say what was observed, in the format that Prometheus reads."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tradewind.serving.watch.instruments import Buckets, counter, exposition, gauge, histogram


def test_the_exposition_is_read_back_by_the_reference_parser() -> None:
    seconds = Buckets((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 3.0):
        seconds.observe(value)
    text = exposition(
        [
            lambda: [counter("tw_requests_total", "Requests.", {(("route", 'a"b'), ("status", "200")): 3})],
            lambda: [gauge("tw_lag", "Lag.", 1.5), histogram("tw_seconds", "Seconds.", seconds)],
        ]
    ).decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}
    assert found["tw_requests"].samples[0].labels == {"route": 'a"b', "status": "200"}
    assert found["tw_requests"].samples[0].value == 3
    assert found["tw_lag"].samples[0].value == 1.5
    values = {(s.name, s.labels.get("le")): s.value for s in found["tw_seconds"].samples}
    assert values[("tw_seconds_bucket", "0.1")] == 2
    assert values[("tw_seconds_bucket", "1.0")] == 3
    assert values[("tw_seconds_bucket", "+Inf")] == 4
    assert values[("tw_seconds_sum", None)] == 3.65


def test_a_metric_without_samples_yet_is_left_empty() -> None:
    assert b"tw_none_total{" not in exposition([lambda: [counter("tw_none_total", "None.", {})]])


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
