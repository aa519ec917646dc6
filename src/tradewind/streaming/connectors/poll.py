"""Connectors that ask again and again: HTTP JSON, and the loop that feeds share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

import msgspec

from tradewind.core import Event, Severity
from tradewind.streaming.connectors.backoff import Circuit, FetchError, persist
from tradewind.streaming.connectors.delivery import Batch, Delivery
from tradewind.streaming.connectors.fetch import Answer, Fetcher
from tradewind.streaming.connectors.pace import Stopped, unless
from tradewind.streaming.connectors.paths import MISSING, items_at, look_up
from tradewind.streaming.connectors.protocol import Base, Surroundings
from tradewind.streaming.connectors.secrets import Secrets
from tradewind.streaming.connectors.settings import FeedSettings, HttpSettings, PageSettings
from tradewind.streaming.connectors.store import Store
from tradewind.streaming.connectors.times import write_time
from tradewind.streaming.log.protocol import EventLog, Producer
from tradewind.streaming.records import NewsItem

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Items of one answer, each with the key it lay under; ``next`` leads on; ``whole`` is False for a torn page."""

    items: tuple[tuple[str | None, Any], ...]
    next: str | None = None
    whole: bool = True


_Got = tuple[Answer, Page | None]
"""An answer and its page; None where nothing is new."""


class Poller(Base):
    """Polls one address, or one a symbol, page by page; a page's items and its cursor are saved in one step."""

    settings: HttpSettings | FeedSettings

    def __init__(self, settings: HttpSettings | FeedSettings, around: Surroundings) -> None:
        secrets = Secrets((*settings.headers.values(), *settings.params.values()))
        super().__init__(settings, around, kind=settings.kind, secrets=secrets)
        self.settings = settings
        self.circuit = Circuit(settings.retry, around.pace)

    def read(self, answer: Answer) -> Page:
        """Return the items of an answer; ``FetchError`` where it holds none that can be read."""
        raise NotImplementedError

    @property
    def pages(self) -> PageSettings:
        """How pages lead on; a feed has one page."""
        return PageSettings()

    async def run(self, producer: Producer, stop: asyncio.Event, *, log: EventLog | None = None) -> None:
        """Poll until ``stop`` is set; see :class:`Connector`."""
        try:
            fetcher = Fetcher(self.settings, self.secrets, self.around.host_rates(), self.around.clock)
            with self.open_store() as store:
                async with fetcher:
                    delivery = await self.open_delivery(store, producer, log)
                    while True:
                        good = await self._poll(fetcher, store, delivery, stop)
                        await unless(stop, self.around.pace.sleep(self._wait(good)))
        except Stopped:
            pass
        finally:
            self.status.state = "stopped"

    def _wait(self, good: bool) -> float:
        """Seconds to the next poll: an hourly one that failed is not left for an hour."""
        if self.circuit.open:
            return self.circuit.wait()
        interval = self.settings.interval
        return interval if good else min(interval, self.jitter.after(self.settings.retry.attempts))

    async def _poll(self, fetcher: Fetcher, store: Store, delivery: Delivery, stop: asyncio.Event) -> bool:
        self.status.state = "half-open" if self.circuit.open else "running"
        try:
            for symbol in self.settings.symbols if self.settings.symbol_from == "query" else (None,):
                await self._target(symbol, _Reach(fetcher, store, delivery, stop))
        except FetchError as error:
            self.circuit.failed(error.after)
            self.status.failures += 1
            self._note(error)
            self.status.state = "open" if self.circuit.open else "retrying"
            _LOGGER.warning("%s: %s", self.name, self.status.problem)
            return False
        self.circuit.succeeded()
        self.status.state, self.status.problem = "running", None
        return True

    async def _target(self, symbol: str | None, reach: _Reach) -> None:
        """All pages of one address."""
        place = symbol or ""
        marks = reach.store.marks(f"{place}:")
        at = marks.get(f"{place}:next")
        seen: set[str] = set()
        for _ in range(self.pages.most):
            answer, page = await self._ask(symbol, at, marks, reach)
            self.status.last_success = self.now()
            if page is None:
                return
            following = page.next if page.next not in seen | {at} else None
            if page.next and following is None and not self.pages.keep:
                self._loop(reach.delivery, page.next)
            await self._take(page, following, answer, place, reach)
            if following is None:
                return
            seen.add(following)
            at = following

    async def _take(self, page: Page, following: str | None, answer: Answer, place: str, reach: _Reach) -> None:
        batch = Batch()
        newest = int(reach.store.mark(f"{place}:newest") or 0)
        for key, item in page.items:
            for part in batch.take(self.mapper, item, place or key):
                record = part.record
                newest = max(newest, record.published_at if isinstance(record, NewsItem) else record.time)
        batch.marks[f"{place}:newest"] = str(newest) if newest else None
        if following is not None:
            batch.marks[f"{place}:next"] = following
            # pages further on are asked for with the parameters of the first, over a restart too
            if reach.store.mark(f"{place}:from") is None:
                batch.marks[f"{place}:from"] = reach.store.mark(f"{place}:newest") or ""
        else:
            batch.marks[f"{place}:from"] = None
            if not self.pages.keep:
                batch.marks[f"{place}:next"] = None
            if page.whole:
                batch.marks[f"{place}:etag"] = answer.headers.get("etag")
                batch.marks[f"{place}:modified"] = answer.headers.get("last-modified")
        await self.deliver(reach.delivery, batch, reach.stop)

    async def _ask(self, symbol: str | None, at: str | None, marks: dict[str, str], reach: _Reach) -> _Got:
        url, params = self._address(symbol, at, marks)
        headers = {"if-none-match": marks.get(f"{symbol or ''}:etag"), "if-modified-since": None}
        headers["if-modified-since"] = marks.get(f"{symbol or ''}:modified")
        # a page further on has an etag of its own, and one that changes with its query none that would fit
        sent = {} if at or self.pages.since else {name: value for name, value in headers.items() if value}

        async def get() -> _Got:
            self.status.requests += 1
            answer = await unless(reach.stop, reach.fetcher.get(url, params=params, headers=sent))
            return answer, self.read(answer) if answer.status == 200 else None

        async def sleep(seconds: float) -> None:
            await unless(reach.stop, self.around.pace.sleep(seconds))

        def before(error: BaseException) -> None:
            self.status.retries += 1
            self.status.state = "retrying"
            self._note(error)

        attempts = 1 if self.circuit.open else self.settings.retry.attempts
        return await persist(get, self.jitter, attempts=attempts, sleep=sleep, before=before)

    def _address(self, symbol: str | None, at: str | None, marks: dict[str, str]) -> tuple[str, dict[str, str]]:
        fill = quote(symbol or "", safe="")
        url = self.settings.url.replace("{symbol}", fill)
        params = {name: text.replace("{symbol}", symbol or "") for name, text in self.settings.params.items()}
        begun = marks.get(f"{symbol or ''}:from") if at else None
        newest = begun if begun is not None else marks.get(f"{symbol or ''}:newest")
        if at and self.pages.next_url:
            return urljoin(url, at), params
        if at:
            params[self.pages.parameter] = at
        if self.pages.since and newest:
            since = int(newest) - round(self.pages.overlap * 1e6)
            params[self.pages.since] = write_time(since, self.pages.since_format)
        return url, params

    def _loop(self, delivery: Delivery, place: str) -> None:
        message = f"page {place[:80]!r} leads back to a page already read; the poll ends here"
        delivery.raise_event(
            Event(kind="page_loop", severity=Severity.WARNING, message=message, evidence={"connector": self.name})
        )

    def _note(self, error: BaseException) -> None:
        self.status.problem = self.secrets.redact(str(error))


@dataclass(frozen=True)
class _Reach:
    """What one poll works with."""

    fetcher: Fetcher
    store: Store
    delivery: Delivery
    stop: asyncio.Event


class HttpConnector(Poller):
    """Polls JSON over HTTP."""

    settings: HttpSettings

    def __init__(self, settings: HttpSettings, around: Surroundings) -> None:
        super().__init__(settings, around)

    @property
    def pages(self) -> PageSettings:
        """How pages lead on."""
        return self.settings.pages

    def read(self, answer: Answer) -> Page:
        """Return the items of a JSON body."""
        content = decode_json(answer.body, answer.headers.get("content-type", ""))
        step = self.pages.cursor or self.pages.next_url
        leads = look_up(content, step) if step else MISSING
        usable = isinstance(leads, (str, int)) and not isinstance(leads, bool) and leads != ""
        return Page(items=tuple(self._items(content)), next=str(leads) if usable else None)

    def _items(self, content: Any) -> Iterator[tuple[str | None, Any]]:
        try:
            yield from items_at(content, self.settings.items, keyed=self.settings.symbol_from == "key")
        except LookupError as error:
            raise FetchError(f"the answer has {error}", again=False) from error


def decode_json(body: bytes, media: str) -> Any:
    """Return what ``body`` decodes to.

    Raises
    ------
    FetchError : it is no JSON; often it is a page of a proxy, or torn, so that asking again may help.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        start = body[:60].decode("utf-8", "replace")
        raise FetchError(f"is not JSON but {media or 'of no type'}, {start!r} ({error})", again=True) from error
