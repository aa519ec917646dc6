"""Instruments cheap enough for a request that takes microseconds: plain numbers, read when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

LATENCY = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Bucket bounds in seconds."""
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Buckets:
    """A histogram; ``bounds`` ascending, a value counts in the first bucket whose bound it does not exceed."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float] = LATENCY) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count ``value`` ``times`` times."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times

    def quantile(self, share: float) -> float:
        """Return the bound under which ``share`` of the values lie; NaN without values, infinity beyond the last."""
        count = sum(self.counts)
        if count == 0:
            return float("nan")
        seen, wanted = 0, share * count
        for bound, number in zip((*self.bounds, float("inf")), self.counts, strict=True):
            seen += number
            if seen >= wanted:
                return bound
        return float("inf")

    def cumulated(self) -> list[tuple[str, float]]:
        """Return (bound as text, how many values do not exceed it), the last for all."""
        found, seen = [], 0
        for bound, number in zip((*map(repr, map(float, self.bounds)), "+Inf"), self.counts, strict=True):
            seen += number
            found.append((bound, float(seen)))
        return found


Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One value of a metric with its labels; a :class:`Buckets` for a histogram."""

    value: float | Buckets
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Family:
    """A metric: ``kind`` is counter, gauge or histogram; the name of a counter ends in ``_total``."""

    name: str
    help: str
    kind: str
    samples: Sequence[Sample]


Source = Callable[[], Iterable[Family]]


class _Collector(Collector):
    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        """Yield what the sources hold now."""
        for source in self._sources:
            for family in source():
                yield _metric(family)


def _metric(family: Family) -> Metric:
    names = tuple(family.samples[0].labels) if family.samples else ()
    metric: CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
    if family.kind == "histogram":
        metric = HistogramMetricFamily(family.name, family.help, labels=names)
    elif family.kind == "counter":
        metric = CounterMetricFamily(family.name.removesuffix("_total"), family.help, labels=names)
    else:
        metric = GaugeMetricFamily(family.name, family.help, labels=names)
    for sample in family.samples:
        labels = [str(sample.labels[name]) for name in names]
        if isinstance(metric, HistogramMetricFamily):
            assert isinstance(sample.value, Buckets)
            metric.add_metric(labels, sample.value.cumulated(), sum_value=sample.value.total)
        else:
            assert not isinstance(sample.value, Buckets)
            metric.add_metric(labels, sample.value)
    return metric


def exposition(sources: Sequence[Source]) -> bytes:
    """Return what the ``sources`` hold now in the text format that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(sources))
    text: bytes = generate_latest(registry)
    return text
