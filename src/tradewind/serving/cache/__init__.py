"""Predictions ready to be sent: in process, in Redis, in a store."""

from tradewind.serving.cache.cache import PredictionCache, open_cache
from tradewind.serving.cache.entry import Entry, body_of, entry_of, rank
from tradewind.serving.cache.loading import Loading
from tradewind.serving.cache.memory import Memory
from tradewind.serving.cache.settings import CacheSettings, LoadingSettings
from tradewind.serving.cache.shared import SharedLevel
from tradewind.serving.cache.store import PredictionStore

__all__ = [
    "CacheSettings",
    "Entry",
    "Loading",
    "LoadingSettings",
    "Memory",
    "PredictionCache",
    "PredictionStore",
    "SharedLevel",
    "body_of",
    "entry_of",
    "open_cache",
    "rank",
]
