"""Online features beside batch ones, from what a server keeps; the process of a night is
`python -m tradewind.cli.compared`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tradewind.cli.standing import Computed, computed
from tradewind.core import InputError, News, Panel, TradewindError, UsageError
from tradewind.core.panel import PRICE_FIELDS, UNKNOWN_SECTOR
from tradewind.streaming.features import Nightly, ParityReport, SqliteStore, parity_report
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.newsfeed import SeenItems
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.log import EventLog, open_log, replay
from tradewind.streaming.records import Bar, NewsItem

if TYPE_CHECKING:
    from tradewind.features.text import TextScorer

PARITY = "parity"
"""Folder of the reports of nights, in the state folder."""
DIFFERS = 1
"""Exit code where features are not equal."""


@dataclass(frozen=True, kw_only=True)
class Market:
    """Bars and news as batch definitions take them; ``news`` None where the server has none."""

    panel: Panel
    news: News | None


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A report, and how many bars are newer than the newest slice that is stored."""

    report: ParityReport
    newer: int


class _Columns:
    """The columns ``names`` of a store: those that have batch definitions."""

    def __init__(self, store: SqliteStore, whole: Sequence[str], names: Sequence[str]) -> None:
        self._store, self.symbols, self.names = store, store.symbols, tuple(names)
        place = {name: column for column, name in enumerate(whole)}
        self._columns = np.array([place[name] for name in names], dtype=np.int64)

    def times(self, *, start: int | None = None, stop: int | None = None) -> Sequence[int]:
        """Return the times that are kept."""
        return self._store.times(start=start, stop=stop)

    def at(self, time: int) -> FeatureBlock | None:
        """Return the rows of ``time``."""
        block = self._store.at(time)
        return None if block is None else FeatureBlock(**{**vars(block), "values": block.values[:, self._columns]})


def compare(
    state: Path, market: Market | None, span: tuple[int | None, int | None], log: str | None = None
) -> Compared:
    """Compare what the server of ``state`` stored with batch features of ``market``; None: of the bars in its log.

    ``span`` : (start, stop) in microseconds UTC; without a stop, up to the newest slice that is stored.

    Raises
    ------
    UsageError : no features are stored, or the log no longer holds its first bars. LogError : it cannot be read.
    """
    kept = computed(state)
    file = state / "features.db"
    if not file.exists():
        raise UsageError("no features are stored here", file=state, fix="let the server take in bars first")
    if market is None:
        with open_log(log or kept.log) as opened:
            market = market_of(opened, kept)
    panel = _with_sectors(market.panel, kept)
    store = SqliteStore(file, kept.symbols, kept.names)
    try:
        times = store.times()
        stop = span[1] if span[1] is not None else (times[-1] + 1 if times else 0)
        columns = cast(FeatureStore, _Columns(store, kept.names, kept.plain))
        report = parity_report(columns, panel, market.news, span=(span[0], stop), scorer=_scorer(kept))
    finally:
        store.close()
    newer = int((panel.time.astype("datetime64[us]").astype(np.int64) >= stop).sum()) if span[1] is None else 0
    return Compared(report=report, newer=newer)


def _scorer(kept: Computed) -> TextScorer | None:
    if "finbert" not in kept.scorer:
        return None
    from tradewind.features import FinBERTScorer

    return FinBERTScorer()


def _with_sectors(panel: Panel, kept: Computed) -> Panel:
    """Return the bars of the symbols that are served, with the sectors that the server knows."""
    served = dict(zip(kept.symbols, kept.sectors, strict=True))
    own = np.array([symbol in served for symbol in panel.symbols])[panel.symbol_code]
    panel = panel.select(own)
    return replace(panel, sectors=tuple(served.get(symbol, UNKNOWN_SECTOR) for symbol in panel.symbols))


def market_of(log: EventLog, kept: Computed) -> Market:
    """Return the bars and news that lie in ``log``, by the rules by which the feature service takes them.

    Of bars of one key the last counts; of repeated items one; symbols that are not served and records of the future are
    left out.
    """
    _whole(log)
    codes = {symbol: code for code, symbol in enumerate(kept.symbols)}
    bars: dict[tuple[str, int], Bar] = {}
    items: list[NewsItem] = []
    seen = SeenItems()
    ahead = int(FeatureServiceSettings.model_fields["ahead"].default * 1e6)
    for message in replay(log, ["bars", "news"] if kept.news else ["bars"]):
        record = message.record
        if isinstance(record, Bar) and record.symbol in codes and record.known_at <= message.written_at + ahead:
            bars[record.symbol, record.time] = record
        elif isinstance(record, NewsItem) and record.published_at <= message.written_at + ahead:
            code = codes.get(record.symbol)
            if code is not None and seen.add(code, record):
                items.append(record)
    if not bars:
        raise UsageError(
            "the log holds no bar of a symbol that is served", fix="send bars first: tradewind stream send"
        )
    return Market(panel=_panel(list(bars.values()), fear=kept.fear), news=_news(items) if kept.news else None)


def _whole(log: EventLog) -> None:
    from tradewind.cli.streamed import description_of

    for topic in description_of(log).topics:
        if topic.name == "bars" and any(topic.starts.values()):
            raise UsageError(
                "the log no longer holds the first bars, on which features look back",
                field="bars",
                fix="give the whole history with --prices",
            )


def _panel(bars: Sequence[Bar], *, fear: bool) -> Panel:
    columns: dict[str, Any] = {name: np.array([getattr(bar, name) for bar in bars]) for name in PRICE_FIELDS}
    columns["symbol"] = np.array([bar.symbol for bar in bars])
    for name in ("time", "known_at"):
        columns[name] = np.array([getattr(bar, name) for bar in bars], dtype=np.int64).astype("datetime64[us]")
    if fear:
        columns["fear"] = np.array([np.nan if bar.fear is None else bar.fear for bar in bars])
    return Panel.from_columns(columns)


def _news(items: list[NewsItem]) -> News:
    items = sorted(items, key=lambda item: item.published_at)
    text = np.empty(len(items), dtype=object)
    text[:] = [item.text for item in items]
    return News(
        symbol=np.array([item.symbol for item in items], dtype=str),
        published_at=np.array([item.published_at for item in items], dtype=np.int64).astype("datetime64[us]"),
        source=np.array([item.kind for item in items], dtype=str),
        text=text,
    )


def moment(text: str | None, flag: str) -> int | None:
    """Return an ISO date or time (UTC unless it says otherwise) in microseconds; UsageError names ``flag``."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{flag} {text!r} is no date", fix="write it as YYYY-MM-DD or YYYY-MM-DDTHH:MM") from error
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1e6)


def nightly(state: Path, at: str, log: str | None = None) -> Nightly:
    """Return the job of the night: it compares all that is stored, and writes into ``<state>/parity``."""

    def job(_: date) -> ParityReport:
        return compare(state, None, (None, None), log).report

    return Nightly(state / PARITY, job, at=at)


def main(arguments: list[str] | None = None) -> int:
    """Run the night's comparison if it is due; return 0, 1 where features differ, 2 where there was an error."""
    parser = argparse.ArgumentParser(prog="python -m tradewind.cli.compared", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder of the server")
    parser.add_argument("--log", help="place of its event log")
    parser.add_argument("--at", required=True, help="HH:MM UTC, from when on a night is due")
    given = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        report = nightly(given.state, given.at, given.log).tick()
    except (TradewindError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return InputError.exit_code
    return DIFFERS if report is not None and report.verdict == "differs" else 0


if __name__ == "__main__":
    sys.exit(main())
