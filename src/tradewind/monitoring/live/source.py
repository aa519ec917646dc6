"""Slices from a live event log, as they close."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.core.arrays import AnyArray
from tradewind.core.clock import Clock, SystemClock
from tradewind.features import LabelSettings
from tradewind.features.online import OnlineFeatures
from tradewind.monitoring.live.arrivals import ForecastDesk, LabelDesk, NewsDesk, bars_of, moment_of
from tradewind.monitoring.slices import ServiceSample, Slice
from tradewind.streaming.features import ClosedSlice, FeatureService, FeatureServiceSettings, MemoryStore
from tradewind.streaming.log import EventLog
from tradewind.streaming.records import Bar, NewsItem, Prediction


class LiveSettings(Settings):
    """Settings of :class:`LiveSlices`.

    Attributes
    ----------
    symbols, sectors : the universe, sorted, and the sector of each.
    features : names of the features in the slices; those of the model.
    grace : seconds a slice waits for missing bars.
    patience : seconds a closed slice waits for forecasts of all its symbols; then it is given with those there are.
    label : how the forecasts are judged; that of the model.
    fear, news : whether the log has a fear index, and news.
    """

    symbols: tuple[str, ...]
    sectors: tuple[str, ...]
    features: tuple[str, ...] = ()
    grace: Annotated[float, Field(ge=0.0)] = 0.25
    patience: Annotated[float, Field(ge=0.0)] = 5.0
    label: LabelSettings = LabelSettings()
    fear: bool = False
    news: bool = False


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is asked with every slice that is not in the log: ``champion`` of the registry, how the ``service`` did."""

    champion: Callable[[], str | None] = lambda: None
    service: Callable[[], ServiceSample | None] = lambda: None


class LiveSlices:
    """Reads a log from its start, closes slices as a server does, and gives each once, in order.

    A restart reads the log again, so that features, labels and memories are those of the first run; slices up to
    ``after`` were given by an earlier process (see :meth:`Journal.last`) and are passed over. Late bars do not change a
    slice that was given: it is what was known.

    Raises
    ------
    UsageError : a feature is unknown. LogError : the log cannot be read.
    """

    def __init__(
        self,
        log: EventLog,
        settings: LiveSettings,
        *,
        after: np.datetime64 | None = None,
        beside: Beside | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings, self._beside, self._clock = settings, beside or Beside(), clock or SystemClock()
        self._after = None if after is None else int(after.astype("datetime64[us]").astype(np.int64))
        engine = OnlineFeatures(
            settings.symbols, settings.sectors, settings.features, fear=settings.fear, news=settings.news
        )
        store = MemoryStore(settings.symbols, settings.features)
        rules = FeatureServiceSettings(grace=settings.grace, fear=settings.fear, news=settings.news)
        self._service = FeatureService(log, engine, store, rules, self._clock)
        self._service.listeners.append(self._closed)
        self._reader = log.consumer(["bars", "predictions", "news"], group=None)
        self._names: AnyArray = np.array(settings.symbols, dtype=str)
        self._sectors: AnyArray = np.array(settings.sectors, dtype=str)
        self._bars: dict[int, dict[str, Bar]] = {}
        self._ready: deque[tuple[ClosedSlice, float]] = deque()
        self._forecasts, self._labels, self._news = ForecastDesk(), LabelDesk(settings.label), NewsDesk()

    def step(self, timeout: float = 0.1) -> Iterator[Slice]:
        """Read on, at most ``timeout`` seconds of waiting, and yield the slices that are whole now."""
        self._service.step(timeout)
        self._read()
        while self._ready:
            told, since = self._ready[0]
            waited = self._clock.now().timestamp() - since
            behind = self._forecasts.count(told.block.time) < len(told.block)
            if behind and waited < self.settings.patience and self._is_new(told.block.time):
                return
            self._ready.popleft()
            made = self._made(told)
            if self._is_new(told.block.time):
                yield made

    def lag(self) -> int:
        """Return how many messages of the log are not read yet."""
        return self._reader.lag()

    def close(self) -> None:
        """Let the log go; the log itself is the caller's."""
        self._reader.close()
        self._service.abandon()

    def _is_new(self, time: int) -> bool:
        return self._after is None or time > self._after

    def _closed(self, told: ClosedSlice) -> None:
        if told.cause == "live":
            self._ready.append((told, self._clock.now().timestamp()))

    def _read(self) -> None:
        while messages := self._reader.poll(5000, 0.0):
            for message in messages:
                record = message.record
                if isinstance(record, Bar):
                    self._bars.setdefault(record.time, {}).setdefault(record.symbol, record)
                elif isinstance(record, Prediction):
                    self._forecasts.take(record)
                elif isinstance(record, NewsItem):
                    self._news.take(record)

    def _made(self, told: ClosedSlice) -> Slice:
        block, time = told.block, told.block.time
        held = self._bars.get(time, {})
        self._bars = {at: bars for at, bars in self._bars.items() if at > time}
        there = np.array([name in held for name in self._names[block.code].tolist()], dtype=bool)
        code = block.code[there]
        rows = [held[name] for name in self._names[code].tolist()]
        known = max((row.known_at for row in rows), default=time)
        new = self._is_new(time)
        return Slice(
            time=np.datetime64(time, "us"),
            known_at=moment_of(known),
            symbol=self._names[code],
            sector=self._sectors[code],
            expected=self.settings.symbols,
            feed=np.array([row.source for row in rows], dtype=str),
            bars=bars_of(rows),
            names=self.settings.features,
            features=block.values[there],
            champion=self._beside.champion() if new else None,
            served=self._forecasts.give(time),
            labels=self._labels.take(time, {row.symbol: row.adj_close for row in rows}),
            news=self._news.give(known),
            service=self._beside.service() if new else None,
        )
