"""Several stores as one: each symbol lies in one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from tradewind.core import UsageError
from tradewind.streaming.features.blocks import FeatureBlock, FeatureRow, WindowRows
from tradewind.streaming.features.stores.base import BlockStore
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.features.stores.redis import RedisSettings, RedisStore


def shard_of(symbol: str, shards: Sequence[str]) -> int:
    """Return the place of the shard of ``symbol``: the one of highest weight (rendezvous hashing, Thaler & Ravishankar
    1998), so that a shard that is added or removed moves only the symbols it gains or held."""
    weights = [hashlib.blake2b(f"{shard}\x00{symbol}".encode(), digest_size=8).digest() for shard in shards]
    return max(range(len(shards)), key=weights.__getitem__)


def open_redis(
    urls: Sequence[str], symbols: Sequence[str], names: Sequence[str], settings: RedisSettings | None = None
) -> FeatureStore:
    """Return a store over one Redis, or over several that share the symbols among them.

    Parameters
    ----------
    urls : of the servers; where a symbol lies follows from host, port and database.
    settings : of each; its ``url`` is not used.

    Raises
    ------
    UsageError : no url is given, one is given twice, or one is not of Redis.
    """
    rules = settings or RedisSettings()
    stores: dict[str, FeatureStore] = {}
    for url in urls:
        name = _name_of(url)
        if name in stores:
            raise UsageError(f"the Redis at {name} is given twice", fix="name each server once")
        stores[name] = RedisStore(rules.model_copy(update={"url": url}), symbols, names)
    return ShardedStore(stores) if len(stores) != 1 else next(iter(stores.values()))


def _name_of(url: str) -> str:
    """Return host, port and database of ``url``, without its password."""
    parts = urlsplit(url)
    try:
        name = f"{parts.hostname or ''}:{parts.port or 6379}{parts.path}"
    except ValueError:
        raise UsageError("the port of a Redis is no number", fix="give redis://host:port/0") from None
    database = parse_qs(parts.query).get("db")
    return name if database is None else f"{name}/{database[0]}"


class ShardedStore(BlockStore):
    """Cuts blocks by symbol among ``stores``, which share symbols and columns.

    Parameters
    ----------
    stores : name of the shard (stable: it decides where symbols lie) -> store.

    Raises
    ------
    UsageError : there is none, or they are of other symbols or columns.
    """

    def __init__(self, stores: Mapping[str, FeatureStore]) -> None:
        held = list(stores.values())
        if not held or any((one.symbols, one.names) != (held[0].symbols, held[0].names) for one in held):
            raise UsageError("shards need one list of symbols and of features, and at least one shard is needed")
        super().__init__(held[0].symbols, held[0].names)
        self.shards = tuple(stores)
        self._stores = held
        self._shard = np.array([shard_of(symbol, self.shards) for symbol in self._symbols], dtype=np.int64)

    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``, each in its shard."""
        shard = self._shard[block.code]
        for i, store in enumerate(self._stores):
            mine = shard == i
            if mine.any():
                store.put(block.rows(mine))

    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time`` of all shards; None where there are none."""
        whole: FeatureBlock | None = None
        for store in self._stores:
            part = store.at(time)
            if part is not None:
                whole = part if whole is None else whole.merged(part)
        return whole

    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that any shard keeps with ``start <= time < stop``, ascending."""
        return sorted(set().union(*(store.times(start=start, stop=stop) for store in self._stores)))

    def latest(self, symbols: Sequence[str]) -> list[FeatureRow | None]:
        """Return the newest row of each symbol, asking each shard once."""
        found: list[FeatureRow | None] = [None] * len(symbols)
        for i, places in self._by_shard(symbols):
            for place, row in zip(places, self._stores[i].latest([symbols[p] for p in places]), strict=True):
                found[place] = row
        return found

    def as_of(self, symbol: str, moment: int) -> FeatureRow | None:
        """Return the newest row of ``symbol`` known at ``moment`` (microseconds UTC), never a later one."""
        return self._stores[int(self._shard[self.codes([symbol])[0]])].as_of(symbol, moment)

    def window(self, symbols: Sequence[str], w: int) -> WindowRows:
        """Return the last ``w`` bars of each symbol, as far as they are kept."""
        m = len(symbols)
        history = np.empty((m, w, len(self._names)), dtype=np.float32)
        count, scale, occasion = np.empty(m, dtype=np.int64), np.empty(m), np.empty((m, w), dtype=bool)
        for i, places in self._by_shard(symbols):
            part = self._stores[i].window([symbols[p] for p in places], w)
            history[places], count[places] = part.history, part.count
            scale[places], occasion[places] = part.scale, part.occasion
        return WindowRows(history=history, count=count, scale=scale, occasion=occasion)

    def flush(self, timeout: float = 10.0) -> bool:
        """Return True when every shard has what was put."""
        return all(store.flush(timeout) for store in self._stores)

    def status(self) -> Mapping[str, Any]:
        """Return the state of each shard, and whether any is degraded."""
        each = {name: dict(store.status()) for name, store in zip(self.shards, self._stores, strict=True)}
        return {
            "kind": "sharded",
            "degraded": any(state["degraded"] for state in each.values()),
            "slices": max(state["slices"] for state in each.values()),
            "shards": each,
        }

    def close(self) -> None:
        """Close every shard."""
        for store in self._stores:
            store.close()

    def _by_shard(self, symbols: Sequence[str]) -> list[tuple[int, list[int]]]:
        shard = self._shard[self.codes(symbols)]
        return [(i, np.flatnonzero(shard == i).tolist()) for i in np.unique(shard).tolist()]
