"""Writing a panel and its news into the log: what is not there yet, and what was corrected since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tradewind.core import News, NoProgress, Panel, Progress
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.streaming.log import EventLog
from tradewind.streaming.records import Bar, NewsItem
from tradewind.streaming.seeding.identity import bar_digests, items_of
from tradewind.streaming.seeding.marker import Marker
from tradewind.streaming.seeding.witness import Witness

CHUNK = 200_000
ROUNDING = 1e-6
"""Relative difference that a file's rounding may leave between two scales of one symbol's ``adj_close``."""
SOURCE = "history"
STAGE = "history into the log"


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What was written: ``bars``, of which ``corrected`` replace a bar written before, and news ``items``."""

    bars: int = 0
    corrected: int = 0
    items: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Rows of a panel to write, in order of time: ``row`` (k,) of the panel, ``adj_close`` (k,) on the log's scale."""

    row: IntArray
    adj_close: FloatArray
    corrected: int


def seed_log(
    log: EventLog,
    panel: Panel,
    news: News | None,
    *,
    folder: Path,
    progress: Progress | None = None,
    chunk: int = CHUNK,
) -> Seeded:
    """Write the bars of ``panel`` and ``news`` into ``log`` in order of time, each once, and return what was written.

    What lies in the log is remembered in ``folder``: from the same file a second call writes nothing, from a longer one
    the new bars and items, and those bars that say something else than before. Nothing is taken back. Where the file
    gives a symbol's ``adj_close`` on another scale than before (a dividend since), its new bars continue on the scale
    of those in the log. A call that was interrupted goes on; what it wrote twice has no effect. A log that does not
    hold what is remembered, because it is another or was emptied, gets everything.

    Parameters
    ----------
    log : its topics ``bars`` and ``news`` are written.
    news : None without.
    folder : of the marker, one a log.
    chunk : bars after which what was written is made durable and remembered.

    Raises
    ------
    LogError : the log cannot be written. OutputError : the folder cannot be written.
    """
    watcher = progress or NoProgress()
    marker = Marker.load(folder)
    if marker.witness is None or not marker.witness.stands(log):
        marker = Marker()
    marker = marker.over(panel.symbols)
    digest = bar_digests(panel)
    rows = _missing(panel, digest, marker)
    items, said = items_of(news) if news is not None else ([], np.empty(0, dtype=np.uint64))
    fresh = np.flatnonzero(~np.isin(said, marker.items))
    total = len(rows.row) + len(fresh)
    if not total:
        return Seeded()
    codes = np.searchsorted(np.array(marker.symbols), np.array(panel.symbols))
    time = panel.time.astype("datetime64[us]").astype(np.int64)
    done = 0
    watcher.update(STAGE, done, total)
    with closing(log.producer()) as producer:
        for bars, spoken in _chunks(panel, rows, items, fresh, chunk):
            part = rows.row[bars]
            # Items before the bars that they belong to: a reader who is there already finds nothing late.
            producer.send_many(items[i] for i in spoken)
            producer.send_many(_bars(panel, part, rows.adj_close[bars]))
            producer.flush()
            place = codes[panel.symbol_code[part]]
            marker = marker.with_bars(place, time[part], digest[part], rows.adj_close[bars]).with_items(said[spoken])
            replace(marker, witness=Witness.of(log)).save(folder)
            done += len(part) + len(spoken)
            watcher.update(STAGE, done, total)
    return Seeded(bars=len(rows.row), corrected=rows.corrected, items=len(fresh))


def _chunks(
    panel: Panel, rows: _Rows, items: list[NewsItem], fresh: IntArray, chunk: int
) -> Iterator[tuple[slice, IntArray]]:
    """Iterate over places in ``rows`` and the items to write before them; the last chunk has all that are left."""
    published = np.array([items[i].published_at for i in fresh], dtype=np.int64)
    known = panel.known_at[rows.row].astype("datetime64[us]").astype(np.int64)
    at = 0
    for first in range(0, max(1, len(rows.row)), chunk):
        part = slice(first, min(first + chunk, len(rows.row)))
        last = part.stop == len(rows.row)
        until = len(fresh) if last else int(np.searchsorted(published, known[part].max(), side="right"))
        until = max(at, until)
        yield part, fresh[at:until]
        at = until


def _missing(panel: Panel, digest: AnyArray, marker: Marker) -> _Rows:
    """Return the rows that the log lacks or has otherwise, by time, then symbol."""
    time = panel.time.astype("datetime64[us]").astype(np.int64)
    adj_close = panel.adj_close.copy()
    wanted, known = np.ones(len(panel), dtype=bool), np.zeros(len(panel), dtype=bool)
    names = np.array(marker.symbols)
    for s, symbol in enumerate(panel.symbols):
        own = slice(int(panel.offsets[s]), int(panel.offsets[s + 1]))
        held = marker.of(int(np.searchsorted(names, symbol)))
        if held.start == held.stop:
            continue
        place = np.minimum(np.searchsorted(marker.time[held], time[own]), held.stop - held.start - 1) + held.start
        both = marker.time[place] == time[own]
        scale = _scale(panel.adj_close[own][both], marker.adj_close[place[both]])
        adj_close[own] /= scale
        tolerance = 0.0 if scale == 1.0 else ROUNDING
        same = both & (marker.digest[place] == digest[own])
        same &= _close(adj_close[own], marker.adj_close[place], tolerance)
        wanted[own], known[own] = ~same, both
    row = np.flatnonzero(wanted)
    row = row[np.lexsort((panel.symbol_code[row], time[row]))]
    return _Rows(row=row, adj_close=adj_close[row], corrected=int((wanted & known).sum()))


def _scale(new: FloatArray, old: FloatArray) -> float:
    """Return by how much most of a symbol's adjusted closes differ from those in the log."""
    usable = np.isfinite(new) & np.isfinite(old) & (old > 0) & (new > 0)
    return float(np.median(new[usable] / old[usable])) if usable.any() else 1.0


def _close(new: FloatArray, old: FloatArray, tolerance: float) -> BoolArray:
    close: BoolArray = (np.abs(new - old) <= tolerance * np.abs(old)) | (np.isnan(new) & np.isnan(old))
    return close


def _bars(panel: Panel, rows: IntArray, adj_close: FloatArray) -> Iterator[Bar]:
    """Iterate over the records of ``rows``."""
    names = panel.symbols
    fields = [getattr(panel, name)[rows].tolist() for name in PRICE_FIELDS if name != "adj_close"]
    fear: list[float | None] = [None] * len(rows)
    if panel.fear is not None:
        fear = [None if value != value else value for value in panel.fear[rows].tolist()]
    columns = zip(
        panel.symbol_code[rows].tolist(),
        panel.time[rows].astype("datetime64[us]").astype(np.int64).tolist(),
        panel.known_at[rows].astype("datetime64[us]").astype(np.int64).tolist(),
        *fields,
        adj_close.tolist(),
        fear,
        strict=True,
    )
    for code, time, known_at, open_, high, low, close, volume, adjusted, index in columns:
        yield Bar(
            symbol=names[code],
            time=time,
            known_at=known_at,
            open=open_,
            high=high,
            low=low,
            close=close,
            adj_close=adjusted,
            volume=volume,
            fear=index,
            source=SOURCE,
        )
