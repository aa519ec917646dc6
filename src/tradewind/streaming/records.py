"""What travels through the event log: one frozen record a kind of event.

Times are integers, microseconds since 1970-01-01 UTC (nanoseconds where the name says so): cheap to compare, and the
same number on every machine. The ``time`` of a bar is that of the panel (a daily bar: its session's midnight);
``known_at`` is when it could be known.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

NewsKind = Literal["news", "social", "transcript"]
OrderKind = Literal["new", "cancel", "trade", "hidden", "halt", "resume", "news", "quote"]


class Bar(Struct, frozen=True, kw_only=True, tag="bar"):
    """One finished bar of a symbol; its key is (symbol, time), and a second one of equal key corrects the first.

    ``adj_close`` continues on the scale of the symbol's earlier bars: only its ratios are used. ``fear`` is a market
    fear index as known at ``known_at``, None where there is none.
    """

    symbol: str
    time: int
    known_at: int
    open: float
    high: float
    low: float
    close: float
    adj_close: float
    volume: float
    fear: float | None = None
    source: str = ""


class Quote(Struct, frozen=True, kw_only=True, tag="quote"):
    """Best bid and offer of a symbol; ``sequence`` counts within (source, symbol)."""

    symbol: str
    time: int
    bid: float
    bid_size: float
    ask: float
    ask_size: float
    sequence: int = 0
    source: str = ""


class Trade(Struct, frozen=True, kw_only=True, tag="trade"):
    """One trade; ``id`` is the venue's, unique within (source, symbol)."""

    symbol: str
    time: int
    price: float
    size: float
    id: str = ""
    source: str = ""


class OrderEvent(Struct, frozen=True, kw_only=True, tag="order"):
    """One event of a venue's orders, with the columns of an events file; ``venue_seq`` tells a repeated one.

    ``timestamp_ns`` counts nanoseconds, for venues do. ``price`` is dollars, 0 for a market order and where there is
    none; ``size`` is shares, of a cancel 0 for all that is left; an order id of 0 and an empty account are unknown.
    """

    symbol: str
    timestamp_ns: int
    venue_seq: int
    kind: OrderKind
    order_id: int = 0
    account: str = ""
    side: Literal["buy", "sell", ""] = ""
    price: float = 0.0
    size: int = 0
    source: str = ""

    @property
    def time(self) -> int:
        """The microsecond it happened in."""
        return self.timestamp_ns // 1_000


class NewsItem(Struct, frozen=True, kw_only=True, tag="news"):
    """What was said about a symbol; known from ``published_at`` on. ``id`` tells a repeated item from a new one."""

    symbol: str
    published_at: int
    text: str
    kind: NewsKind = "news"
    id: str = ""
    source: str = ""


class Prediction(Struct, frozen=True, kw_only=True, tag="prediction"):
    """One forecast of the symbol's move after its bar ``time``; its key is (symbol, time, model).

    ``model`` is ``name/version``. ``inputs_id`` is a hash of every value the model read and changes with the bar that
    changes them; ``revision`` counts how often the prediction of the key was replaced because late data changed
    its inputs. ``how`` says who answered: the champion, a canary, a fallback to a baseline. NaN bounds: no interval.
    ``note`` says why to look twice (``student_disagrees``), empty where nothing does.
    """

    id: str
    symbol: str
    time: int
    known_at: int
    made_at: int
    model: str
    probability: float
    expected_return: float
    lower: float
    upper: float
    inputs_id: str
    revision: int = 0
    how: str = "champion"
    note: str = ""

    @property
    def confidence(self) -> float:
        """Distance of the probability from a coin flip, scaled to [0, 1]."""
        return abs(self.probability - 0.5) * 2.0

    @property
    def key(self) -> tuple[str, int, str]:
        """What there is one prediction of."""
        return self.symbol, self.time, self.model


class MarketAlert(Struct, frozen=True, kw_only=True, tag="market_alert"):
    """One suspected episode of manipulation, or a later revision of it; its key is (id, revision).

    Times of the market count nanoseconds; ``made_at`` is the microsecond in which it was raised. The first account is
    the one most responsible; ``score`` is a calibrated probability; ``features`` are the numbers it rests on, null
    where one cannot be known; ``evidence`` are venue sequence numbers. ``model`` is the id of what judged.
    """

    id: str
    symbol: str
    scheme: str
    start_ns: int
    end_ns: int
    known_at_ns: int
    made_at: int
    score: float
    tier: str
    accounts: list[str] = field(default_factory=list)
    variant: str = ""
    revision: int = 0
    features: dict[str, float | None] = field(default_factory=dict)
    contributions: dict[str, float | None] = field(default_factory=dict)
    evidence: list[int] = field(default_factory=list)
    model: str = ""

    @property
    def time(self) -> int:
        """The microsecond of the event with which it could be known."""
        return self.known_at_ns // 1_000


Record = Bar | Quote | Trade | OrderEvent | NewsItem | Prediction | MarketAlert

TOPICS: dict[type, str] = {
    Bar: "bars",
    Quote: "quotes",
    Trade: "trades",
    OrderEvent: "orders",
    NewsItem: "news",
    Prediction: "predictions",
    MarketAlert: "alerts_surveillance",
}
"""The topic of each kind of record."""
