"""Cuts the rows that explain alerts out of a source of events, in one pass for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from tradewind.core.arrays import BoolArray, IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.book import BookReplay, DepthSeries, Snapshot, Tape, detect_style, join_tapes
from tradewind.surveillance.events import EventTable, Kind, Problems, read_events
from tradewind.surveillance.explain.extract import Extract, Outline, Span

MOMENTS = 120
"""Moments of a span at which the book's depth is kept."""
PARTS = 160
"""Parts of a span in which messages are counted."""
LEVELS = 8
MOST_POINTS = 4_000
"""Points of the best prices that are kept."""
CHUNK = 100_000

Source: TypeAlias = EventTable | Path | Callable[[], Iterable[EventTable]]
"""Events in memory, a file of them, or what yields them chunk by chunk from the first one on."""

SCRAP = np.dtype(
    [(name, np.int64) for name in ("time", "kind", "bid", "ask", "price", "size", "side", "buyer", "seller")]
)
"""What is kept of every row of the symbol within a span until it is summed up."""


class EvidenceStore:
    """Reads a source once and keeps what explains the given alerts.

    The book is replayed from the first event, because an execution's other side and the depth rest on all that came
    before. Memory grows with the rows within the spans of the alerts, not with the source.

    Parameters
    ----------
    source : the events the alerts were raised on.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    def cut(self, alerts: Sequence[Alert]) -> tuple[Extract, ...]:
        """Return what explains each alert, in the order given.

        Raises
        ------
        UsageError : an alert names a symbol that no event does. InputError, SchemaError : as the reader of the file.
        """
        problems = Problems()
        cuts = [_Cut(alert, Span.around(alert)) for alert in alerts]
        stops = np.unique(np.concatenate([cut.moments for cut in cuts])) if cuts else np.empty(0, dtype=np.int64)
        replay: BookReplay | None = None
        since = np.iinfo(np.int64).min
        for events in self._chunks(problems):
            if not len(events):
                continue
            if replay is None:
                style = detect_style(events)
                replay = BookReplay(events.symbols, events.accounts, problems=problems, style=style)
            last = int(events.time[-1])
            _read(replay, events, cuts, stops[(stops >= since) & (stops < last)])
            since = last
            if cuts and last > max(cut.span.end for cut in cuts):
                break  # what follows explains nothing
        if replay is not None:
            _take(replay.finish(), cuts)
            for cut in cuts:
                cut.complete(replay)
        return tuple(cut.extract(problems.counts()) for cut in cuts)

    def _chunks(self, problems: Problems) -> Iterator[EventTable]:
        if isinstance(self.source, EventTable):
            table = self.source
            yield from (table.take(slice(i, i + CHUNK)) for i in range(0, len(table), CHUNK))
        elif isinstance(self.source, Path):
            yield from read_events(self.source, problems=problems)
        else:
            yield from self.source()


def _read(replay: BookReplay, events: EventTable, cuts: Sequence[_Cut], due: IntArray) -> None:
    """Replay a chunk, stopping where a picture of the book is wanted: it shows all events up to its moment."""
    done = 0
    for end, moment in zip(np.searchsorted(events.time, due, side="right").tolist(), due.tolist(), strict=True):
        if end > done:
            _take(replay.update(events.take(slice(done, end))), cuts)
            done = end
        for cut in cuts:
            cut.picture(replay, moment)
    _take(replay.update(events.take(slice(done, None))), cuts)


def _take(tape: Tape, cuts: Sequence[_Cut]) -> None:
    if len(tape):
        for cut in cuts:
            cut.take(tape)


@dataclass(eq=False)
class _Cut:
    """One alert's rows as they are gathered."""

    alert: Alert
    span: Span
    tapes: list[Tape] = field(default_factory=list)
    scraps: list[np.ndarray[tuple[int], np.dtype[np.void]]] = field(default_factory=list)
    shots: dict[int, Snapshot] = field(default_factory=dict)
    like: Tape | None = None

    def __post_init__(self) -> None:
        self.moments = self.span.bins(MOMENTS)

    def take(self, tape: Tape) -> None:
        """Keep the rows of a run that lie in the span."""
        self.like = tape.rows(0, 0)
        low, high = np.searchsorted(tape.time, [self.span.start, self.span.end + 1])
        symbol = tape.symbols.find(self.alert.symbol)
        if high <= low or symbol < 0:
            return
        run = tape.rows(int(low), int(high))
        here = run.symbol == symbol
        accounts = self.codes(run)
        own = here & (np.isin(run.account, accounts) | np.isin(run.taker, accounts))
        if own.any():
            self.tapes.append(_pick(run, own))
        if here.any():
            self.scraps.append(_scrap(_pick(run, here)))

    def codes(self, tape: Tape) -> IntArray:
        """Return the codes of the alert's accounts known so far."""
        found = [tape.accounts.find(name) for name in self.alert.accounts]
        return np.array([code for code in found if code >= 0], dtype=np.int64)

    def picture(self, replay: BookReplay, moment: int) -> None:
        """Keep the book as it stands where ``moment`` is one of this span's."""
        place = int(np.searchsorted(self.moments, moment))
        if place < len(self.moments) and self.moments[place] == moment:
            self._shoot(replay, moment)

    def complete(self, replay: BookReplay) -> None:
        """Picture the book as it stood at the end of the source for moments after it."""
        for moment in self.moments.tolist():
            if moment not in self.shots:
                self._shoot(replay, moment)

    def _shoot(self, replay: BookReplay, moment: int) -> None:
        symbol = -1 if self.like is None else self.like.symbols.find(self.alert.symbol)
        self.shots[moment] = replay.snapshot(symbol, LEVELS)

    def extract(self, problems: dict[str, int]) -> Extract:
        """Return what was gathered."""
        if self.like is None or self.like.symbols.find(self.alert.symbol) < 0:
            raise UsageError(
                f"alert {self.alert.id} is about {self.alert.symbol!r}, which no event names",
                field="source",
                fix="give the events that the alert was raised on",
            )
        tape = join_tapes(self.tapes) if self.tapes else self.like
        rows = np.concatenate(self.scraps) if self.scraps else np.empty(0, dtype=SCRAP)
        return Extract(
            alert=self.alert,
            span=self.span,
            accounts=self.codes(self.like),
            tape=tape,
            outline=_outline(rows, self.alert, self.span),
            depth=self._depth(),
            problems=problems,
        )

    def _depth(self) -> DepthSeries:
        sides = np.zeros((4, len(self.moments), LEVELS), dtype=np.int64)
        for place, moment in enumerate(self.moments.tolist()):
            shot = self.shots.get(moment)
            if shot is None:
                continue
            for side, values in zip(sides, (shot.bid, shot.bid_size, shot.ask, shot.ask_size), strict=True):
                side[place, : len(values)] = values
        return DepthSeries(time=self.moments, bid=sides[0], bid_size=sides[1], ask=sides[2], ask_size=sides[3])


def _pick(tape: Tape, rows: BoolArray) -> Tape:
    """Return the rows of a mask; ``first_row`` no longer numbers them."""
    picked: Mapping[str, object] = {name: column[rows] for name, column in tape.columns().items()}
    return replace(tape, **picked)  # type: ignore[arg-type]


def _scrap(tape: Tape) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    rows = np.empty(len(tape), dtype=SCRAP)
    for name in ("time", "kind", "bid", "ask", "price", "size"):
        rows[name] = getattr(tape, name)
    trade = np.isin(tape.kind, (Kind.TRADE, Kind.HIDDEN))
    side = np.where(tape.taker_side != 0, tape.taker_side, -tape.side)
    rows["side"] = np.where(trade, side, tape.side)
    rows["buyer"] = np.where(side > 0, tape.taker, tape.account)
    rows["seller"] = np.where(side > 0, tape.account, tape.taker)
    return rows


def _outline(rows: np.ndarray[tuple[int], np.dtype[np.void]], alert: Alert, span: Span) -> Outline:
    kind = rows["kind"]
    trade = (kind == Kind.TRADE) | (kind == Kind.HIDDEN)
    entered, gone = kind == Kind.NEW, kind == Kind.CANCEL
    inside = (rows["time"] >= alert.start) & (rows["time"] <= alert.end)
    quoted = (rows["bid"] > 0) & (rows["ask"] > rows["bid"])
    changed = np.flatnonzero(
        np.append(True, (np.diff(rows["bid"]) != 0) | (np.diff(rows["ask"]) != 0)) if len(rows) else []
    )
    if len(changed) > MOST_POINTS:
        changed = changed[np.linspace(0, len(changed) - 1, MOST_POINTS).astype(int)]
    edges = span.bins(PARTS)
    trades = rows[trade]
    return Outline(
        time=rows["time"][changed],
        bid=rows["bid"][changed],
        ask=rows["ask"][changed],
        trade_time=trades["time"],
        trade_price=trades["price"],
        trade_size=trades["size"],
        trade_side=trades["side"],
        trade_buyer=trades["buyer"],
        trade_seller=trades["seller"],
        edges=edges,
        messages=np.histogram(rows["time"][entered | gone], bins=edges)[0].astype(np.int64),
        news=rows["time"][kind == Kind.NEWS],
        typical_order=_median(rows["size"][entered]),
        typical_spread=_median((rows["ask"] - rows["bid"])[quoted]),
        rows=int(inside.sum()),
        entered=int((inside & entered).sum()),
        volume=int(rows["size"][inside & trade].sum()),
    )


def _median(values: IntArray) -> float:
    return float(np.median(values)) if len(values) else 0.0
