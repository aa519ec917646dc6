"""One file a cause: what it looks at and how strongly that speaks for it. The order is that of explaining away.

Causes in the data come first: what they blame is kept from those of the market, which come before the slow ones.
"""

from collections.abc import Callable

from tradewind.monitoring.diagnosis.case import Case, Weighed
from tradewind.monitoring.diagnosis.hypotheses import (
    adversarial_news,
    correlation_break,
    feed_stops,
    gradual_drift,
    label_delay,
    sector_rotation,
    slow_dependency,
    stale_symbol,
    unadjusted_split,
    unit_change,
    volatility_shock,
    wrong_version,
)

Weigh = Callable[[Case], Weighed]

HYPOTHESES: tuple[Weigh, ...] = (
    feed_stops.weigh,
    unit_change.weigh,
    unadjusted_split.weigh,
    stale_symbol.weigh,
    label_delay.weigh,
    wrong_version.weigh,
    slow_dependency.weigh,
    volatility_shock.weigh,
    correlation_break.weigh,
    sector_rotation.weigh,
    adversarial_news.weigh,
    gradual_drift.weigh,
)

__all__ = ["HYPOTHESES", "Weigh"]
