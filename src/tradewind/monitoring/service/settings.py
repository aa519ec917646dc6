"""When a service counts as doing worse than it used to."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class ServiceSettings(Settings):
    """Limits of :class:`ServiceWatcher`.

    Attributes
    ----------
    memory : good slices that the baseline rests on. ``least`` : of them, before anything but a hard limit is told.
    sudden : robust standard deviations (of logarithms) above the baseline that are told of at once;
        ``lasting`` : those that are told of from the second slice in a row on.
    ratio : times the baseline's median that a latency, or one over which a throughput, must be too. A small ratio is
        no trouble, however steady the service was.
    calm : slices in a row within the limits after which a trouble counts as over (hysteresis).
    renew : slices after which what is out of bounds without a pause, and under the hard limits, is the new normal: the
        baseline begins anew from them and it is told (``new_normal``). Until then every slice is told of.
    dependency_share : share of the slowdown of the service's p99 that a dependency must explain to be named, where
        the service is slow itself.
    latency_limit : p99 seconds that are always told of.
    error_limit : share of answers of status 5xx that is always told of. ``error_chance`` : chance of as many errors
        under the usual share (binomial), below which they are told of.
    rejected_limit, rejected_chance : the same of requests refused for overload.
    lag_limit : seconds behind the log that are always told of. ``lag_floor`` : that are never.
    leak_window : slices of which the memory's trend is taken. ``leak_growth`` : growth over them, as a share, that is
        told of where the trend is significant (Kendall) at ``leak_chance`` and lasts through both halves.
    memory_limit : resident bytes that are always told of; None: no limit.
    """

    memory: int = Field(60, ge=10)
    least: int = Field(10, ge=5)
    sudden: float = Field(8.0, gt=0)
    lasting: float = Field(5.0, gt=0)
    ratio: float = Field(1.5, gt=1)
    calm: int = Field(2, ge=1)
    renew: int = Field(60, ge=10)
    dependency_share: float = Field(0.3, gt=0, le=1)
    latency_limit: float = Field(1.0, gt=0)
    error_limit: float = Field(0.05, gt=0, le=1)
    error_chance: float = Field(1e-6, gt=0, lt=1)
    rejected_limit: float = Field(0.05, gt=0, le=1)
    rejected_chance: float = Field(1e-6, gt=0, lt=1)
    lag_limit: float = Field(60.0, gt=0)
    lag_floor: float = Field(1.0, ge=0)
    leak_window: int = Field(12, ge=6)
    leak_growth: float = Field(0.1, gt=0)
    leak_chance: float = Field(1e-5, gt=0, lt=1)
    memory_limit: float | None = Field(None, gt=0)
