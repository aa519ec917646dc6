"""From the event log to the feature store: the online feature service."""

from tradewind.streaming.features.backfill import backfill, backfill_store
from tradewind.streaming.features.blocks import ClosedSlice, FeatureBlock, FeatureRow, WindowRows, schema_id
from tradewind.streaming.features.delivery import Listener
from tradewind.streaming.features.nightly import Nightly
from tradewind.streaming.features.parity import FeatureParity, ParityReport, parity_report
from tradewind.streaming.features.quarantine import Quarantined
from tradewind.streaming.features.service import FeatureService
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores import (
    FeatureStore,
    MemoryStore,
    RedisSettings,
    RedisStore,
    ShardedStore,
    SqliteStore,
    StoreError,
    TieredStore,
    open_redis,
)
from tradewind.streaming.features.windows import FeatureWindows

__all__ = [
    "ClosedSlice",
    "FeatureBlock",
    "FeatureParity",
    "FeatureRow",
    "FeatureService",
    "FeatureServiceSettings",
    "FeatureStore",
    "FeatureWindows",
    "Listener",
    "MemoryStore",
    "Nightly",
    "ParityReport",
    "Quarantined",
    "RedisSettings",
    "RedisStore",
    "ShardedStore",
    "SqliteStore",
    "StoreError",
    "TieredStore",
    "WindowRows",
    "backfill",
    "backfill_store",
    "open_redis",
    "parity_report",
    "schema_id",
]
