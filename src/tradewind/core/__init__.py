"""Records passed between packages, ids, settings, clock and the error tree; imports nothing of ours."""

from tradewind.core.dataset import Dataset, Forecast, Labels
from tradewind.core.errors import (
    InputError,
    LeakageError,
    MissingExtraError,
    NotFittedError,
    OutputError,
    SchemaError,
    TradewindError,
    UsageError,
)
from tradewind.core.events import Event, Severity
from tradewind.core.news import News
from tradewind.core.outcomes import Outcomes
from tradewind.core.panel import Panel
from tradewind.core.progress import NoProgress, Progress
from tradewind.core.settings import Settings

__all__ = [
    "Dataset",
    "Event",
    "Forecast",
    "InputError",
    "Labels",
    "LeakageError",
    "MissingExtraError",
    "News",
    "NoProgress",
    "NotFittedError",
    "Outcomes",
    "OutputError",
    "Panel",
    "Progress",
    "SchemaError",
    "Settings",
    "Severity",
    "TradewindError",
    "UsageError",
]
