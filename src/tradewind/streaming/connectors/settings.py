"""What ``connectors.toml`` may say: one table a connector, checked when it is read."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from tradewind.core import Settings
from tradewind.streaming.connectors.secrets import is_secret

Topic = Literal["bars", "quotes", "trades", "news"]
SymbolSource = Literal["field", "cashtags", "query", "key"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "x-api-key"}
_REQUIRED: dict[str, tuple[str, ...]] = {
    "bars": ("time", "open", "high", "low", "close", "volume"),
    "quotes": ("time", "bid", "bid_size", "ask", "ask_size"),
    "trades": ("time", "price", "size"),
    "news": ("time", "text"),
}
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "bars": ("symbol", "id", "known_at", "adj_close", "fear"),
    "quotes": ("symbol", "id", "sequence"),
    "trades": ("symbol", "id"),
    "news": ("symbol", "id", "title", "kind"),
}


def _without_credentials(url: str) -> str:
    if (parts := urlsplit(url)).username or parts.password:
        raise ValueError("holds a user or password; give them in headers or params as env:NAME")
    return url


def _with_named_secrets(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if name.lower() in _SECRET_HEADERS and not is_secret(value):
            raise ValueError(f"{name} must be env:NAME or file:PATH, never a value written into the file")
    return headers


class TimeSettings(Settings):
    """How a vendor writes times.

    ``format`` is ``iso`` (ISO 8601), ``s``, ``ms``, ``us`` or ``ns`` since 1970, ``rfc2822``, or a pattern of
    ``strptime``. ``zone`` is that of times without one. ``bar`` is ``day`` or the seconds a bar lasts, and ``stamp``
    says which end of an intraday bar its time names; the log names the end.
    """

    format: str = "iso"
    zone: str = "UTC"
    bar: Literal["day"] | Annotated[float, Field(gt=0)] = "day"
    stamp: Literal["start", "end"] = "end"
    calendar: str | None = "XNYS"
    ahead: float = Field(default=60.0, ge=0, description="seconds a time may lie in the future")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{zone!r} is not a time zone such as 'America/New_York'") from error
        return zone


class RetrySettings(Settings):
    """Waits after faults, in seconds: exponential with full jitter, and a circuit that opens after faults in a row."""

    attempts: int = Field(default=5, ge=1, le=50)
    first: float = Field(default=1.0, gt=0)
    most: float = Field(default=60.0, gt=0)
    after_at_most: float = Field(default=900.0, gt=0, description="cap on a Retry-After header")
    open_after: int = Field(default=3, ge=1, description="failed polls in a row that open the circuit")
    cool_down: float = Field(default=30.0, gt=0)
    cool_down_most: float = Field(default=600.0, gt=0)
    seed: int = 0


class LimitSettings(Settings):
    """Bounds on what a server may do to us."""

    body: int = Field(default=16 * 2**20, gt=0, description="bytes of a body after decompression")
    message: int = Field(default=2**20, gt=0, description="bytes of one WebSocket message")
    connect: float = Field(default=10.0, gt=0, description="seconds to connect")
    read: float = Field(default=15.0, gt=0, description="seconds between two bytes")
    total: float = Field(default=60.0, gt=0, description="seconds of one request in all")
    redirects: int = Field(default=5, ge=0, le=20)
    rate: float = Field(default=2.0, gt=0, description="requests a second to one host")


class PageSettings(Settings):
    """How one page leads to the next.

    ``cursor`` is where an answer names the next page's cursor, sent as the parameter ``parameter``; or ``next_url``
    is where it names the whole address. ``keep`` asks from the last cursor at the next poll, for interfaces whose
    cursor is a place in an endless list. ``since`` is a parameter that gets the newest time delivered, as
    ``since_format`` (``iso``, ``s``, ``ms``, ``us`` or ``ns``), less ``overlap`` seconds.
    """

    cursor: str | None = None
    parameter: str = "cursor"
    next_url: str | None = None
    keep: bool = False
    since: str | None = None
    since_format: Literal["iso", "s", "ms", "us", "ns"] = "iso"
    overlap: float = Field(default=0.0, ge=0)
    most: int = Field(default=1000, ge=1, description="pages of one poll")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.cursor and self.next_url:
            raise ValueError("give cursor or next_url, not both")
        if self.keep and not self.cursor:
            raise ValueError("keep needs cursor")
        return self


class ConnectorSettings(Settings):
    """What every connector needs: a name, a topic, and how an item becomes a record.

    ``fields`` maps a record's field to a dotted path in the item (``data.last.price``, ``bars.0.c``); a path that
    begins with ``=`` is a constant. News takes ``time`` and ``text``. ``symbol_from`` says where symbols come from:
    a ``field``, ``cashtags`` in the text, the ``query`` (one request a symbol, ``{symbol}`` in the address), or the
    ``key`` under which the item lies. With ``symbols``, items of others are passed over; ``aliases`` maps a
    vendor's names to ours.
    """

    name: str
    topic: Topic
    url: str
    fields: dict[str, str] = Field(default_factory=dict)
    symbol_from: SymbolSource = "field"
    symbols: tuple[str, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict)
    time: TimeSettings = TimeSettings()
    source: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    params: dict[str, str] = Field(default_factory=dict)
    ca: str | None = Field(default=None, description="file of certificates to trust in place of the system's")
    retry: RetrySettings = RetrySettings()
    limits: LimitSettings = LimitSettings()
    remember: int = Field(default=100_000, ge=100, description="keys kept to know a repeated item")
    check: bool = Field(default=False, description="run the quality checks on bars and raise their events")

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("a name is lower-case letters, digits, - and _, at most 64: it names files")
        return name

    _no_credentials = field_validator("url")(_without_credentials)
    _named = field_validator("headers")(_with_named_secrets)

    @model_validator(mode="after")
    def _mapped(self) -> Self:
        self._check_fields()
        if self.symbol_from == "query" and ("{symbol}" not in self.query_text or not self.symbols):
            raise ValueError("symbol_from = 'query' needs symbols and {symbol} in url or params")
        if self.symbol_from == "cashtags" and self.topic != "news":
            raise ValueError("cashtags are found in news alone")
        return self

    def _check_fields(self) -> None:
        if unknown := set(self.fields) - set(_REQUIRED[self.topic]) - set(_OPTIONAL[self.topic]):
            raise ValueError(f"{self.topic} has no field {', '.join(sorted(unknown))}")
        needed = _REQUIRED[self.topic] + (("symbol",) if self.symbol_from == "field" else ())
        if missing := [name for name in needed if name not in self.fields]:
            raise ValueError(f"{self.topic} needs a path for {', '.join(missing)} in fields")

    @property
    def query_text(self) -> str:
        """Everything in which ``{symbol}`` may stand."""
        return " ".join((self.url, *self.params.values()))

    @property
    def origin(self) -> str:
        """What records give as their source."""
        return self.source if self.source is not None else self.name


class HttpSettings(ConnectorSettings):
    """Polls JSON. ``items`` is the path of the list (or of an object of lists, with ``symbol_from = "key"``)."""

    kind: Literal["http"]
    items: str = ""
    interval: float = Field(default=60.0, gt=0, description="seconds between polls")
    pages: PageSettings = PageSettings()

    @model_validator(mode="after")
    def _http(self) -> Self:
        _scheme(self.url, "http", "https")
        return self


class FeedSettings(ConnectorSettings):
    """Polls an RSS or Atom feed; its entries are read as ``id``, ``title``, ``summary``, ``published``, ``link``."""

    kind: Literal["rss"]
    topic: Topic = "news"
    interval: float = Field(default=300.0, gt=0, description="seconds between polls")
    symbol_from: SymbolSource = "cashtags"

    @model_validator(mode="before")
    @classmethod
    def _entry(cls, values: Any) -> Any:
        if isinstance(values, dict):
            usual = {"id": "id", "time": "published", "title": "title", "text": "summary"}
            return {**values, "fields": {**usual, **values.get("fields", {})}}
        return values

    @model_validator(mode="after")
    def _feed(self) -> Self:
        _scheme(self.url, "http", "https")
        if self.topic != "news":
            raise ValueError("a feed fills the topic news")
        return self


class BackfillSettings(Settings):
    """Where missed messages can be asked for; ``{symbol}``, ``{first}`` and ``{last}`` are filled into the address."""

    url: str
    items: str = ""
    headers: dict[str, str] = Field(default_factory=dict)

    _no_credentials = field_validator("url")(_without_credentials)
    _named = field_validator("headers")(_with_named_secrets)

    @model_validator(mode="after")
    def _fillable(self) -> Self:
        _scheme(self.url, "http", "https")
        if "{first}" not in self.url:
            raise ValueError("needs {first}, the first missing sequence number")
        return self


class WebSocketSettings(ConnectorSettings):
    """Subscribes to a WebSocket.

    ``subscribe`` are messages sent after connecting; secrets may stand in their values. ``resume`` is one more, sent
    when a sequence number is known, with ``{sequence}`` in a text replaced by it. ``items`` is where a message holds
    its list of items. ``where`` says what an item must hold to be read, ``error_where`` what tells that the server
    refuses us. ``sequence`` is the path of a counter without holes, counted per connection stream or per ``symbol``.
    """

    kind: Literal["websocket"]
    subscribe: tuple[dict[str, Any], ...] = ()
    resume: dict[str, Any] | None = None
    items: str = ""
    where: dict[str, str] = Field(default_factory=dict)
    error_where: dict[str, str] = Field(default_factory=dict)
    sequence: str | None = None
    sequence_by: Literal["stream", "symbol"] = "stream"
    backfill: BackfillSettings | None = None
    ping: float = Field(default=20.0, gt=0, description="seconds between pings")
    pong: float = Field(default=20.0, gt=0, description="seconds a pong may take")
    idle: float = Field(default=300.0, gt=0, description="seconds without a message after which to connect anew")
    batch: int = Field(default=500, ge=1)
    linger: float = Field(default=0.002, ge=0, description="seconds to wait for more messages of a batch")

    @model_validator(mode="after")
    def _socket(self) -> Self:
        _scheme(self.url, "ws", "wss")
        if (self.backfill or self.resume) and not self.sequence:
            raise ValueError("backfill and resume need sequence")
        if self.symbol_from == "query":
            raise ValueError("a WebSocket names symbols in subscribe, not in a query")
        return self


AnyConnectorSettings = Annotated[HttpSettings | FeedSettings | WebSocketSettings, Field(discriminator="kind")]


class ConnectorsFile(Settings):
    """The whole file: where cursors and rejected items are kept, and the connectors."""

    state: str | None = None
    connector: tuple[AnyConnectorSettings, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        names = [part.name for part in self.connector]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two connectors are called {', '.join(twice)}")
        return self


def _scheme(url: str, *allowed: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in allowed or not parts.hostname:
        raise ValueError(f"url must begin with {' or '.join(f'{name}://' for name in allowed)} and name a host")
