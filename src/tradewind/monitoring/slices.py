"""What a monitor is shown: everything that was known when the bars of one time were closed.

A slice holds nothing from later. Labels come in the slice in which they became known, which may be long after the
forecast they belong to. Files (research, diagnosis), a live event log and a replay all yield the same slices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, TimeArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """The bars that arrived, as the slice's ``symbol``: (m,) float64 each, NaN where a field is missing."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    adj_close: FloatArray
    volume: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ServedForecasts:
    """What one version answered for the bars of a slice.

    Attributes
    ----------
    version : ``name/version``.
    role : what it was served as: ``champion``, ``challenger``, ``canary``, ``shadow``, ``fallback``.
    symbol : (k,) str; ``probability``, ``expected_return``, ``lower``, ``upper`` : (k,) float64, NaN bounds: none.
    made_at : when the answers were made (UTC, aware).
    """

    version: str
    role: str
    symbol: AnyArray
    probability: FloatArray
    expected_return: FloatArray
    lower: FloatArray
    upper: FloatArray
    made_at: datetime

    def __len__(self) -> int:
        """Return the number of forecasts."""
        return len(self.symbol)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelArrival:
    """Labels that became known: the truth about forecasts made earlier.

    Attributes
    ----------
    symbol : (k,) str. ``time`` : (k,) ``datetime64[us]``, the bar at which the forecast was made.
    direction : (k,) 1 rise, 0 fall, NaN where the move lies between the label's thresholds.
    forward_return : (k,) realised adjusted return from ``time`` to the label's end.
    """

    symbol: AnyArray
    time: TimeArray
    direction: FloatArray
    forward_return: FloatArray

    def __len__(self) -> int:
        """Return the number of labels."""
        return len(self.symbol)


@dataclass(frozen=True, kw_only=True, eq=False)
class NewsArrival:
    """News that became known since the slice before: (k,) each; ``score`` in [-1, 1] by the lexicon, 0 neutral."""

    symbol: AnyArray
    published_at: TimeArray
    source: AnyArray
    text: AnyArray
    score: FloatArray

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.symbol)


@dataclass(frozen=True, kw_only=True)
class ServiceSample:
    """How the service did since the slice before.

    Attributes
    ----------
    seconds : length of the time looked at.
    requests, errors, rejected : answers in all, those of status 5xx, and those refused for overload.
    latency_p50, latency_p99 : seconds; NaN without requests.
    memory : resident bytes; NaN where unknown.
    lag : seconds the feature service is behind the log; NaN where unknown.
    dependencies : p99 seconds of each dependency (``feature_store``, ``cache``, ``audit_log``, ``event_log``...).
    """

    seconds: float
    requests: int = 0
    errors: int = 0
    rejected: int = 0
    latency_p50: float = float("nan")
    latency_p99: float = float("nan")
    memory: float = float("nan")
    lag: float = float("nan")
    dependencies: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """Everything known when the bars of ``time`` were closed.

    Attributes
    ----------
    time : the bars' time (``datetime64[us]``). ``known_at`` : when the slice was closed (UTC, aware).
    symbol : (m,) str, sorted: symbols whose bar arrived. ``sector`` : (m,) str.
    expected : symbols whose bar should have arrived, sorted.
    feed : (m,) str; the source each bar came from (``""`` where there is but one).
    bars : the bars as they arrived, before any cleaning.
    names : p feature names. ``features`` : (m, p) float32, NaN where not defined; what the model was given.
    champion : ``name/version`` that the registry says is to be served, None where there is no registry.
    served : what was answered; versions that were served to callers first.
    labels, news, service : what arrived since the slice before; None where there was none or it is not known.
    """

    time: np.datetime64
    known_at: datetime
    symbol: AnyArray
    sector: AnyArray
    expected: tuple[str, ...]
    feed: AnyArray
    bars: Bars
    names: tuple[str, ...]
    features: Float32Array
    champion: str | None = None
    served: tuple[ServedForecasts, ...] = ()
    labels: LabelArrival | None = None
    news: NewsArrival | None = None
    service: ServiceSample | None = None

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        m = len(self.symbol)
        if self.features.shape != (m, len(self.names)):
            raise ValueError(f"features have shape {self.features.shape}, expected {(m, len(self.names))}")
        if len(self.sector) != m or len(self.feed) != m or len(self.bars.close) != m:
            raise ValueError(f"sector, feed and bars must have {m} rows as symbol has")

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.symbol)
