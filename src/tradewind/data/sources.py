"""Where bars come from: one seam, and the sources behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from tradewind.core import InputError, MissingExtraError, Panel
from tradewind.core.arrays import as_time
from tradewind.core.clock import Clock, SystemClock
from tradewind.data.bars import panel_of, read_prices
from tradewind.data.calendar import DEFAULT_CALENDAR
from tradewind.data.tables import Table
from tradewind.data.universe import Universe


class BarSource(Protocol):
    """Anything that gives bars of symbols between two dates."""

    def bars(self, symbols: Sequence[str], start: object, end: object) -> Panel:
        """Return the bars of ``symbols`` from ``start`` to ``end``, both included.

        A symbol that starts late, ends early or misses days has fewer rows; InputError names symbols without any.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """Bars from a CSV or Parquet file; see :func:`tradewind.data.read_prices` for its columns and faults."""

    path: Path
    universe: Universe | None = None
    quarantine: Path | None = None
    calendar: str | None = DEFAULT_CALENDAR

    def bars(self, symbols: Sequence[str], start: object, end: object) -> Panel:
        """Return the file's bars of ``symbols``; an empty list stands for all of them."""
        panel = read_prices(self.path, universe=self.universe, quarantine=self.quarantine, calendar=self.calendar)
        return _cut(panel, symbols or panel.symbols, start, end, origin=self.path)


Download = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class YFinanceSource:
    """Daily bars from Yahoo Finance, through the extra ``yfinance``.

    Closes come adjusted for splits, ``adj_close`` for splits and dividends. The bar of a session that is still open is
    left out: it is not known yet.

    Attributes
    ----------
    universe : gives sectors and sizes.
    calendar : exchange whose closes tell when a bar is known.
    clock : tells which sessions have closed.
    download : the call that fetches, with the signature of ``yfinance.download``; None for that function itself.
    """

    universe: Universe | None = None
    calendar: str | None = DEFAULT_CALENDAR
    clock: Clock = field(default_factory=SystemClock)
    download: Download | None = None

    def bars(self, symbols: Sequence[str], start: object, end: object) -> Panel:
        """Return the bars of ``symbols`` from ``start`` to ``end``, both included.

        Raises
        ------
        MissingExtraError : yfinance is not installed.
        InputError : nothing could be fetched, or a symbol has no bar between the dates.
        """
        first, last = (as_time(moment).astype("datetime64[D]") for moment in (start, end))
        if not symbols or last < first:
            raise InputError(
                f"nothing to fetch for {list(symbols)} from {first} to {last}", fix="name symbols and dates"
            )
        answer = self._fetch(list(symbols), str(first), str(last + 1))
        frame = normalise_yfinance(answer)
        if frame.is_empty():
            raise _absent(symbols, first, last, "yfinance")
        now = self.clock.now()
        table = Table(frame=frame, file=Path("yfinance"))
        panel = panel_of(table, now=now, universe=self.universe, calendar=self.calendar)
        closed = panel.known_at <= np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
        return _cut(panel.select(closed), symbols, first, last, origin=table.file)

    def _fetch(self, symbols: list[str], start: str, end: str) -> Any:
        options = {"interval": "1d", "auto_adjust": False, "actions": False, "group_by": "column", "progress": False}
        if self.download is not None:
            return self.download(symbols, start=start, end=end, **options)
        try:
            import yfinance
            from yfinance.exceptions import YFException
        except ImportError as error:
            raise MissingExtraError("yfinance", "yfinance") from error
        try:
            return yfinance.download(symbols, start=start, end=end, **options)
        except (OSError, YFException) as error:
            raise InputError(
                f"Yahoo Finance gave no bars ({error})", fix="check the network and try again later"
            ) from error


_YAHOO_NAMES = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Adj Close": "adj_close",
    "Volume": "volume",
}


def normalise_yfinance(answer: Any) -> pl.DataFrame:
    """Return the long table of a frame as ``yfinance.download`` gives it.

    ``answer`` is a pandas frame with dates as index (with or without a zone) and two levels of columns, price and
    ticker in either order. Rows in which a ticker has no price at all are days it did not trade: they are left out.
    """
    schema: dict[str, pl.DataType] = {"symbol": pl.String(), "date": pl.Datetime("us")}
    schema |= dict.fromkeys(_YAHOO_NAMES.values(), pl.Float64())
    if answer is None or not len(answer) or answer.columns.nlevels != 2:
        return pl.DataFrame(schema=schema)
    fields = 0 if "Close" in set(answer.columns.get_level_values(0)) else 1
    tickers = list(dict.fromkeys(answer.columns.get_level_values(1 - fields)))
    index = answer.index if answer.index.tz is None else answer.index.tz_localize(None)
    dates = index.to_numpy().astype("datetime64[us]")
    parts = []
    for ticker in tickers:
        own = answer.xs(ticker, axis=1, level=1 - fields)
        columns = {ours: own[theirs].to_numpy(dtype=np.float64) for theirs, ours in _YAHOO_NAMES.items()}
        traded = ~np.all([np.isnan(columns[name]) for name in ("open", "high", "low", "close")], axis=0)
        parts.append(
            pl.DataFrame(
                {
                    "symbol": np.full(int(traded.sum()), str(ticker)),
                    "date": dates[traded],
                    **{name: values[traded] for name, values in columns.items()},
                },
                schema=schema,
            )
        )
    return pl.concat(parts)


def _cut(panel: Panel, symbols: Sequence[str], start: object, end: object, *, origin: Path) -> Panel:
    first, last = as_time(start), as_time(end).astype("datetime64[D]") + 1
    codes = [code for code, name in enumerate(panel.symbols) if name in set(symbols)]
    chosen = panel.select(np.isin(panel.symbol_code, codes) & (panel.time >= first) & (panel.time < last))
    lacking = [name for name in symbols if name not in chosen.symbols]
    if lacking:
        raise _absent(lacking, first, last - 1, origin)
    return chosen


def _absent(symbols: Sequence[str], first: np.datetime64, last: np.datetime64, origin: str | Path) -> InputError:
    days = f"{first.astype('datetime64[D]')} to {last.astype('datetime64[D]')}"
    names = ", ".join(list(symbols)[:5]) + (", ..." if len(symbols) > 5 else "")
    return InputError(
        f"no bars of {names} from {days}", file=origin, field="symbol", fix="check the symbols and the dates"
    )
