"""From a vendor's item to records of the log, or one clear reason why not."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.core.clock import Clock, SystemClock
from tradewind.streaming.connectors.paths import MISSING, look_up
from tradewind.streaming.connectors.settings import ConnectorSettings
from tradewind.streaming.connectors.times import bar_times, parse_time
from tradewind.streaming.records import Bar, NewsItem, NewsKind, Quote, Record, Trade

_CASHTAG = re.compile(r"(?<![\w$])\$([A-Za-z]{1,6}(?:[.-][A-Za-z]{1,2})?)(?![\w$])")
_SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^/:=_-]{0,31}")
_LONGEST_TEXT, _LONGEST_ID = 100_000, 1_000
_NEWS_KINDS: tuple[NewsKind, ...] = ("news", "social", "transcript")


class RejectedItem(ValueError):
    """An item that no record can be made of; the message says why, and names the field."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record, the ``key`` by which a repeated one is known, and the ``version`` by which a corrected one is."""

    key: str
    record: Record
    version: str = ""


class Mapper:
    """Makes records of items by the settings' paths, and refuses what cannot be true of a market."""

    def __init__(self, settings: ConnectorSettings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self._clock = clock or SystemClock()
        self._universe = frozenset(settings.symbols)
        makers: dict[str, Callable[[Any, str], Record]] = {
            "bars": self._bar,
            "quotes": self._quote,
            "trades": self._trade,
            "news": self._news,
        }
        self._make = makers[settings.topic]

    def map(self, item: Any, *, symbol: str | None = None) -> list[Mapped]:
        """Return the records of ``item``: one, none where its symbols are not ours, several for several cashtags.

        Parameters
        ----------
        symbol : the one asked for or under whose key the item lay; None where the item says.

        Raises
        ------
        RejectedItem : a field is missing, of the wrong type, or impossible.
        """
        if not isinstance(item, (Mapping, list)):
            raise RejectedItem(f"an item must be an object or a list, not {type(item).__name__}")
        try:
            return [self._mapped(item, record) for record in self._records(item, symbol)]
        except UnicodeEncodeError as error:
            raise RejectedItem(f"a text holds half a character ({error})") from error

    def _records(self, item: Any, symbol: str | None) -> list[Record]:
        if self.settings.symbol_from == "cashtags":
            text = self._text(item)
            found = [self._ours(match) for match in _CASHTAG.findall(text)]
        else:
            found = [self._ours(symbol if symbol is not None else self._value(item, "symbol"))]
        wanted = dict.fromkeys(name for name in found if not self._universe or name in self._universe)
        return [self._make(item, name) for name in wanted]

    def _mapped(self, item: Any, record: Record) -> Mapped:
        """Know a bar by symbol and time and its correction by its values, other items by the vendor's id, or else by
        all they say."""
        digest = _digest(msgspec.json.encode(record).decode())
        if isinstance(record, Bar):
            return Mapped(f"{record.symbol}|{record.time}", record, digest)
        given = look_up(item, self.settings.fields["id"]) if "id" in self.settings.fields else MISSING
        if isinstance(given, (str, int)) and not isinstance(given, bool) and given != "":
            key = f"{given}|{record.symbol}"
            return Mapped(key if len(key.encode()) <= 200 else _digest(key), record)
        return Mapped(digest, record)

    def _bar(self, item: Any, symbol: str) -> Bar:
        stamp = self._moment(item, "time", check=False)
        try:
            time, known_at = bar_times(stamp, self.settings.time)
        except (ValueError, OverflowError) as error:  # beyond the year 9999, or what the calendar can count
            raise RejectedItem(f"time: {error}") from error
        if "known_at" in self.settings.fields:
            known_at = self._moment(item, "known_at")
        prices = {name: self._price(item, name) for name in ("open", "high", "low", "close")}
        if prices["high"] < max(prices.values()) or prices["low"] > min(prices.values()):
            raise RejectedItem(f"open, high, low and close contradict each other: {prices}")
        if time > self._now() + self._ahead:
            raise RejectedItem("time: the bar lies in the future")
        fear = self._number(item, "fear") if self._has(item, "fear") else None
        return Bar(
            symbol=symbol,
            time=time,
            known_at=known_at,
            **prices,
            adj_close=self._price(item, "adj_close") if self._has(item, "adj_close") else prices["close"],
            volume=self._size(item, "volume"),
            fear=fear,
            source=self.settings.origin,
        )

    def _quote(self, item: Any, symbol: str) -> Quote:
        return Quote(
            symbol=symbol,
            time=self._moment(item, "time"),
            bid=self._price(item, "bid"),
            bid_size=self._size(item, "bid_size"),
            ask=self._price(item, "ask"),
            ask_size=self._size(item, "ask_size"),
            sequence=int(self._size(item, "sequence")) if self._has(item, "sequence") else 0,
            source=self.settings.origin,
        )

    def _trade(self, item: Any, symbol: str) -> Trade:
        return Trade(
            symbol=symbol,
            time=self._moment(item, "time"),
            price=self._price(item, "price"),
            size=self._size(item, "size"),
            id=self._id(item),
            source=self.settings.origin,
        )

    def _news(self, item: Any, symbol: str) -> NewsItem:
        given = look_up(item, self.settings.fields["kind"]) if "kind" in self.settings.fields else "news"
        kind = next((known for known in _NEWS_KINDS if known == given), None)
        if kind is None:
            raise RejectedItem(f"kind: {_short(given)} is none of {', '.join(_NEWS_KINDS)}")
        text, published_at = self._text(item), self._moment(item, "time")
        return NewsItem(
            symbol=symbol,
            published_at=published_at,
            text=text,
            kind=kind,
            id=self._id(item) or _digest(f"{published_at}|{text}"),
            source=self.settings.origin,
        )

    def _has(self, item: Any, name: str) -> bool:
        value = look_up(item, self.settings.fields[name]) if name in self.settings.fields else MISSING
        return value is not MISSING and value is not None

    def _value(self, item: Any, name: str) -> Any:
        value = look_up(item, self.settings.fields[name])
        if value is MISSING or value is None:
            raise RejectedItem(f"{name}: nothing at {self.settings.fields[name]!r}")
        return value

    def _number(self, item: Any, name: str) -> float:
        value = self._value(item, name)
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise RejectedItem(f"{name}: {_short(value)} is not a number")
        try:
            number = float(value)
        except (ValueError, OverflowError) as error:
            raise RejectedItem(f"{name}: {_short(value)} is not a number") from error
        if not math.isfinite(number):
            raise RejectedItem(f"{name}: {_short(value)} is not finite")
        return number

    def _price(self, item: Any, name: str) -> float:
        if (number := self._number(item, name)) <= 0:
            raise RejectedItem(f"{name}: {number:g} is not above 0")
        return number

    def _size(self, item: Any, name: str) -> float:
        if (number := self._number(item, name)) < 0:
            raise RejectedItem(f"{name}: {number:g} is below 0")
        return number

    def _moment(self, item: Any, name: str, *, check: bool = True) -> int:
        try:
            moment = parse_time(self._value(item, name), self.settings.time)
        except RejectedItem:
            raise
        except ValueError as error:
            raise RejectedItem(f"{name}: {error}") from error
        if check and moment > self._now() + self._ahead:
            raise RejectedItem(f"{name}: lies in the future")
        return moment

    def _text(self, item: Any) -> str:
        parts = [
            look_up(item, self.settings.fields[name]) for name in ("title", "text") if name in self.settings.fields
        ]
        if any(part is not MISSING and part is not None and not isinstance(part, str) for part in parts):
            raise RejectedItem("text: is not a text")
        text = ". ".join(dict.fromkeys(part.strip() for part in parts if isinstance(part, str) and part.strip()))
        if not text:
            raise RejectedItem("text: is empty")
        if len(text) > _LONGEST_TEXT:
            raise RejectedItem(f"text: has {len(text)} characters, more than {_LONGEST_TEXT}")
        return text

    def _id(self, item: Any) -> str:
        if not self._has(item, "id"):
            return ""
        value = self._value(item, "id")
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise RejectedItem(f"id: {_short(value)} is neither a text nor a whole number")
        if len(text := str(value)) > _LONGEST_ID:
            raise RejectedItem(f"id: has {len(text)} characters, more than {_LONGEST_ID}")
        return text

    def _ours(self, name: Any) -> str:
        """Return our name of a vendor's symbol, wherever that came from: a field, a text, or a key of the answer."""
        if not isinstance(name, str):
            raise RejectedItem(f"symbol: {_short(name)} is no symbol")
        if self.settings.symbol_from == "cashtags":
            name = name.upper()
        ours: str = self.settings.aliases.get(name, name)
        if not _SYMBOL.fullmatch(ours):
            raise RejectedItem(f"symbol: {_short(ours)} is no symbol")
        return ours

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1e6)

    @property
    def _ahead(self) -> int:
        return int(self.settings.time.ahead * 1e6)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
