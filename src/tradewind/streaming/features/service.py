"""The service that turns the bars and news of a log into features: each slice once, late data in its place."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tradewind.core import UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.news import NEWS_KINDS
from tradewind.features.online.memory import BEFORE_ALL
from tradewind.features.online.protocol import SliceEngine
from tradewind.streaming.features.assembly import Bars, OpenSlice, SliceAssembler
from tradewind.streaming.features.blocks import schema_id
from tradewind.streaming.features.delivery import Delivery, micros
from tradewind.streaming.features.durable import Durable, Written
from tradewind.streaming.features.feeds import Feeds, OwnTime
from tradewind.streaming.features.intake import bars_by_time, refuse
from tradewind.streaming.features.newsfeed import NewsFeed, SeenItems
from tradewind.streaming.features.pending import Item
from tradewind.streaming.features.quarantine import Quarantine, Reason
from tradewind.streaming.features.rebuild import Hold
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.features.timeline import Timeline
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.protocol import EventLog, Message
from tradewind.streaming.records import NewsItem

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 10.0
LEAST_PATIENCE = 0.001
PRUNE_EVERY = 1024


class FeatureService:
    """Reads ``bars`` (and ``news``) of a log, closes slices, advances the engine, writes the store, tells listeners.

    What it leaves is a function of what lies in the log: replayed, repeated, late or reordered records, corrections
    and restarts leave the same features. One thread may call :meth:`step`; :meth:`status` may be called from any.

    Parameters
    ----------
    log : where records come from.
    engine : turns slices of the store's symbols into features; nothing has been fed to it yet.
    store : where features go.
    settings : of the service.
    clock : of waiting and of latencies.
    windows : filled with every row, where given.

    Attributes
    ----------
    listeners : told of every block, in order, before the step that made it ends.
    amended : told, after late data and before anything else, from which time on kept slices were taken in again.
    before_checkpoint : called in the thread that writes a checkpoint, before it; raises OutputError where what
        listeners did with the slices of the checkpoint is not kept yet: then there is no checkpoint.

    Raises
    ------
    UsageError : the store is of other features than the engine.
    """

    def __init__(
        self,
        log: EventLog,
        engine: SliceEngine,
        store: FeatureStore,
        settings: FeatureServiceSettings | None = None,
        clock: Clock | None = None,
        *,
        windows: FeatureWindows | None = None,
    ) -> None:
        if tuple(store.names) != tuple(engine.names):
            raise UsageError("the store is of other features than the engine", fix="make both from one list")
        self.log, self.store, self.windows = log, store, windows
        self.symbols = store.symbols
        self.settings = settings or FeatureServiceSettings()
        self.clock = clock or SystemClock()
        folder = self.settings.folder
        base = None if folder is None else folder / schema_id([*self.symbols, "|", *engine.names])
        self.quarantine = Quarantine(None if base is None else base / "refused.jsonl")
        if windows is not None:
            windows.clear()  # they may hold rows of a service before, that failed further on than this one begins
        self.delivery = Delivery(store, windows, self.clock)
        self.listeners = self.delivery.listeners
        self.amended: list[Callable[[int], None]] = []
        self.before_checkpoint: list[Callable[[], None]] = []
        self.codes = {symbol: code for code, symbol in enumerate(self.symbols)}
        self.assembler = SliceAssembler(len(self.symbols), self.settings)
        self.timeline = _timeline(engine, len(self.symbols), self.settings)
        self.seen = SeenItems()
        self._durable = None if base is None else Durable(base, self.settings.checkpoint_every)
        self._time = OwnTime(self.clock)
        self._read_at = micros(self.clock)
        self._counts = dict.fromkeys(("bars", "items", "late", "repeated", "items_repeated", "rebuilt"), 0)
        self._since: int | None = None
        self._hold: Hold | None = None
        self._drained = self._filled = False
        self.failure: str | None = None
        self._feeds = Feeds(log, self.settings)
        self._restore()

    def step(self, timeout: float = 0.1) -> int:
        """Read what lies ahead, at most one batch, close what may close, tell listeners; return the messages read.

        Raises
        ------
        LogError : the log cannot be read now; calling again goes on where it was.
        UsageError : the service failed before, so that what it holds is not whole.
        """
        if self.failure is not None:
            raise UsageError(f"the service failed ({self.failure})", fix="make a new one; it begins at the checkpoint")
        with self._whole_or_failed():
            self.delivery.retry()
        messages = self._feeds.bars.poll(self.settings.batch, self._patience(timeout))
        self._drained = len(messages) < self.settings.batch
        now = self._time.now()
        if messages:
            self._read_at = micros(self.clock)
            messages = self._in_step(messages)
            with self._whole_or_failed():
                self._take_bars(messages, now)
        read = len(messages) + (self._take_news(self._feeds.news) if self._feeds.news is not None else 0)
        if self._hold is not None and self._hold.begin:
            self._start_over(self._hold)
            return read
        self._settle()
        self._close_due(now)
        if self._durable is not None and self._hold is None:
            self._durable.tick(self._time.seconds, read > 0, self._capture)
        return read

    def run(self, stop: threading.Event) -> None:
        """Step until ``stop`` is set, past faults of the log; then write a checkpoint.

        Anything else that is raised, by a listener for one, ends it and is named in :meth:`status`: nothing is lost,
        a new service goes on from the last checkpoint.
        """
        pause = 0.1
        while not stop.is_set():
            try:
                self.step()
                pause = 0.1
            except LogError as error:
                logger.warning("the log cannot be read, trying again in %.1f s: %s", pause, error)
                stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except Exception as error:
                self.failure = f"{type(error).__name__}: {error}"
                logger.exception("the feature service stops")
                raise
        self.checkpoint()

    def drain(self) -> int:
        """Read the log to its end and close every open slice: for a log that is finished; return the messages read."""
        total = 0
        while (read := self.step(0.01)) or self._hold is not None or self._feeds.bars.lag():
            total += read
        while (part := self.assembler.oldest()) is not None:
            self._close(part)
        return total

    def checkpoint(self) -> None:
        """Write where the service stands; return when it is durable. Without a folder there is nothing to do.

        After a failure nothing is written either: what is in memory may be half of a step, and the last one stays.

        Raises
        ------
        OutputError : it cannot be written.
        """
        if self.failure is not None:
            logger.error("no checkpoint after a failure (%s); the one before stays", self.failure)
            return
        self._settle()
        if self._durable is not None and self._hold is None:
            self._durable.write_now(self._time.seconds, self._capture)

    def close(self) -> None:
        """Write a checkpoint and let the log go; store and listeners are the caller's."""
        try:
            self.checkpoint()
        finally:
            self._feeds.close()

    def abandon(self) -> None:
        """Let the log go as it is, without a checkpoint, as a crash would."""
        if self._durable is not None:
            self._durable.wait()
        self._feeds.close()

    def status(self) -> dict[str, Any]:
        """Return how it does, JSON-ready: lag, the last slice, what was late, repeated or refused, ages."""
        try:
            lag: int | None = self._feeds.lag()
        except LogError:
            lag = None
        timeline, last = self.timeline, self.assembler.last
        return {
            **self._counts,
            **self.delivery.status(),
            "failure": self.failure,
            "lag": lag,
            "last_slice": None if last == BEFORE_ALL else last,
            "slices": self.assembler.closed,
            "open_slices": len(self.assembler.open),
            "duplicates": self.assembler.repeated + self._counts["repeated"],
            "corrected_while_open": self.assembler.corrected,
            "refused": dict(self.quarantine.counts),
            "rebuilding": self._hold is not None,
            "slices_kept": len(timeline.parts),
            "snapshots": len(timeline.memories),
            "snapshot_age_slices": timeline.index - timeline.memories[-1].index,
            "checkpoint": None if self._durable is None else self._durable.status(self._time.seconds),
        }

    def fill(self, time: int, bars: Bars) -> int:
        """Close a slice of history; return its rows, 0 where it is there already.

        Raises
        ------
        UsageError : the stream has begun, so that slices are open.
        """
        if self.assembler.open:
            raise UsageError("the stream has begun", fix="fill in history before the first step of the service")
        if time <= self.assembler.last:
            return 0
        self._settle()
        with self._whole_or_failed():
            block = self.timeline.close(time, bars)
            self.timeline.blocks[-1] = self.delivery.filled(block)
            self.assembler.closed += 1
            self.assembler.passed(time, bars.code)
        self._filled = True
        return len(block)

    def take_item(self, item: NewsItem, *, history: bool = False) -> Reason | None:
        """Take a news item in; return why not, if not.

        Repeated items have no effect. ``history`` marks items of a table, which have no ids of their own.
        """
        code = self.codes.get(item.symbol)
        if code is None:
            return "unknown_symbol"
        if self.timeline.news.waiting(code) >= self.settings.most_news:
            return "too_many_items"
        if item.published_at <= self.timeline.forgotten[code]:
            return "too_old"
        if not self.seen.add(code, item, history=history):
            self._counts["items_repeated"] += 1
            return None
        held: Item = (item.published_at, NEWS_KINDS.index(item.kind), item.text)
        closed = self.timeline.late_item(code, held)
        if closed is not None:
            self._counts["late"] += 1
            self._mark(closed)
        return None

    @contextmanager
    def _whole_or_failed(self) -> Iterator[None]:
        """Note that the service failed where its state is left half changed: nobody may go on from it."""
        try:
            yield
        except BaseException as error:
            self.failure = f"{type(error).__name__}: {error}"
            raise

    def _take_bars(self, messages: Sequence[Message], now: float) -> None:
        self._counts["bars"] += len(messages)
        for time, bars, more in bars_by_time(messages, self.codes, self.quarantine, self.settings.ahead):
            self._counts["repeated"] += more
            if time > self.assembler.last:
                self.assembler.add(time, bars, now)
            elif time > self.timeline.oldest:
                self._amend(time, bars)
            else:
                self._too_old(time, messages)

    def _in_step(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Return what may be taken of ``messages`` while many slices are open: nothing beyond the last of these.

        Partitions of unequal numbers of bars are read at unequal pace; without this the slower ones would come late.
        """
        if self.assembler.crowded and self._hold is None:
            oldest = min(self.assembler.open)
            try:
                behind = self._feeds.bars.behind(oldest)
            except LogError:
                self._feeds.bars.unread(messages)
                raise
            if behind:
                messages = self._feeds.bars.hold_back(messages, oldest, max(self.assembler.open))
        self._feeds.bars.took(messages)
        return messages

    def _amend(self, time: int, bars: Bars) -> None:
        new = self.timeline.amend(time, bars)
        self._counts["late"] += new
        self._counts["repeated"] += len(bars.code) - new
        self.assembler.passed(time, bars.code)
        if new:
            self._mark(time)

    def _too_old(self, time: int, messages: Sequence[Message]) -> None:
        if self._can_rebuild:
            self._hold = Hold.before(self._hold, time=time)
            return
        for message in messages:
            if getattr(message.record, "time", None) == time and message.record.symbol in self.codes:
                refuse(self.quarantine, message, "too_old", f"slice {time} is no longer kept")

    def _take_news(self, feed: NewsFeed) -> int:
        """Read news up to the newest bar that has come."""
        target = max((part.known_at for part in self.assembler.open.values()), default=BEFORE_ALL)
        read = 0
        for messages in feed.read(target):
            read += len(messages)
            with self._whole_or_failed():
                for message in messages:
                    self._take_message(message)
        self._counts["items"] += read
        return read

    def _take_message(self, message: Message) -> None:
        item = message.record
        if not isinstance(item, NewsItem):
            refuse(self.quarantine, message, "wrong_kind", f"{type(item).__name__} where news is read")
            return
        if item.published_at > message.written_at + self.settings.ahead * 1e6:
            refuse(self.quarantine, message, "from_the_future", "published_at lies too far after the log took it")
            return
        reason = self.take_item(item)
        if reason == "too_old" and self._can_rebuild:
            self._hold = Hold.before(self._hold, known_at=item.published_at)
        elif reason is not None:
            refuse(self.quarantine, message, reason, f"news of {item.symbol} at {item.published_at}")

    @property
    def _can_rebuild(self) -> bool:
        """Whether the log tells everything from its start; history that was filled in is not in it."""
        return self.settings.too_old == "rebuild" and not self._filled

    def _mark(self, time: int) -> None:
        self._since = time if self._since is None else min(self._since, time)

    def _settle(self) -> None:
        """Take in again what late data changed."""
        if self._since is not None:
            since, self._since = self._since, None
            with self._whole_or_failed():
                for block, changed in self.timeline.replay(since):
                    self.delivery.changed(block, changed, self._read_at)
                for listener in self.amended:
                    listener(since)

    def _close_due(self, now: float) -> None:
        while (part := self.assembler.oldest()) is not None:
            if self._hold is not None:
                if not self._hold.passed(self._feeds.positions()):
                    if self._hold.stops(part):
                        return
                else:
                    self._hold = None
            if not (self.assembler.complete(part) or self._must_close(part, now)):
                return
            self._close(part)

    def _must_close(self, part: OpenSlice, now: float) -> bool:
        """Whether ``part`` closes as it is: it has waited long enough, or too many others wait for it."""
        if self._drained and self.assembler.overdue(part, now) and self._feeds.bars.lag() == 0:
            return True
        return self.assembler.crowded and not self._feeds.bars.behind(part.time)

    def _close(self, part: OpenSlice) -> None:
        with self._whole_or_failed():
            bars = self.assembler.close(part)
            block = self.timeline.close(part.time, bars)
            self.timeline.blocks[-1] = self.delivery.new(block, bars.written_at, self._read_at)
        if self.assembler.closed % PRUNE_EVERY == 0:
            self.seen.prune(self.timeline.forgotten)

    def _start_over(self, hold: Hold) -> None:
        """Begin the log again, for data older than what is kept."""
        logger.warning("data older than the slices kept: reading the log again from its start")
        feeds = Feeds(self.log, self.settings)  # first: where the log is away, all stays as it is
        self._counts["rebuilt"] += 1
        self._hold = hold.starting(self._feeds.positions())
        self._since = None
        self._feeds.close()
        self.delivery.known_before = max(self.delivery.known_before, self.assembler.last)
        self.assembler = SliceAssembler(len(self.symbols), self.settings)
        self.timeline.reset()
        self.seen = SeenItems()
        self._feeds = feeds

    def _patience(self, timeout: float) -> float:
        """Seconds to wait for messages: no longer than the oldest open slice has left."""
        part = self.assembler.oldest()
        if part is None or not timeout:
            return timeout
        left = self.settings.grace - (self._time.now() - self.assembler.waiting_since(part))
        return min(timeout, max(left, LEAST_PATIENCE))

    def _capture(self) -> Written:
        self.seen.prune(self.timeline.forgotten)
        meta = {
            "positions": [[*where, offset] for where, offset in self._feeds.positions().items()],
            "counts": dict(self._counts),
            "refused": dict(self.quarantine.counts),
            "filled": self._filled,
        }
        timeline, assembler, seen = self.timeline.capture(), self.assembler.state(), self.seen.state()

        def arrays() -> dict[str, Any]:
            for ready in self.before_checkpoint:
                ready()
            return {
                **{f"timeline/{name}": array for name, array in timeline.state().items()},
                **{f"assembler/{name}": array for name, array in assembler.items()},
                **{f"seen/{name}": array for name, array in seen.items()},
            }

        return meta, arrays

    def _restore(self) -> None:
        found = self._durable.read() if self._durable is not None else None
        if found is None:
            return

        def under(prefix: str) -> dict[str, Any]:
            return {k.removeprefix(prefix): array for k, array in found.arrays.items() if k.startswith(prefix)}

        try:
            blocks = self.timeline.load(under("timeline/"))
        except ValueError as error:
            logger.warning("the checkpoint does not fit (%s); reading the log from its start", error)
            self.timeline.reset()
            return
        self.delivery.restored(blocks)
        self.assembler.load(under("assembler/"), self._time.seconds)
        self.seen.load(under("seen/"))
        self._counts.update(found.meta["counts"])
        self.quarantine.counts.update(found.meta["refused"])
        positions = {(topic, int(partition)): int(offset) for topic, partition, offset in found.meta["positions"]}
        self._feeds.seek(positions)
        self._filled = bool(found.meta.get("filled"))


def _timeline(engine: SliceEngine, n_symbols: int, rules: FeatureServiceSettings) -> Timeline:
    return Timeline(engine, n_symbols, keep=rules.keep, every=rules.snapshot_every, fear=rules.fear, news=rules.news)
