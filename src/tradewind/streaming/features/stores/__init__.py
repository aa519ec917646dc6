"""Where online features are kept and read back: in memory, in Redis, on disk; alone or cut by symbol."""

from tradewind.streaming.features.stores.errors import DamagedRowsError, StoreError
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.features.stores.protocol import FeatureStore, blocks
from tradewind.streaming.features.stores.redis import RedisSettings, RedisStore
from tradewind.streaming.features.stores.sharded import ShardedStore, open_redis, shard_of
from tradewind.streaming.features.stores.sqlite import SqliteStore
from tradewind.streaming.features.stores.tiered import TieredStore

__all__ = [
    "DamagedRowsError",
    "FeatureStore",
    "MemoryStore",
    "RedisSettings",
    "RedisStore",
    "ShardedStore",
    "SqliteStore",
    "StoreError",
    "TieredStore",
    "blocks",
    "open_redis",
    "shard_of",
]
