"""News from RSS and Atom feeds."""

from __future__ import annotations

import io
import re
from calendar import timegm
from datetime import UTC, datetime
from html import unescape
from typing import Any

from tradewind.core import MissingExtraError
from tradewind.streaming.connectors.backoff import FetchError
from tradewind.streaming.connectors.fetch import Answer
from tradewind.streaming.connectors.poll import Page, Poller
from tradewind.streaming.connectors.protocol import Surroundings
from tradewind.streaming.connectors.settings import FeedSettings

_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")


class FeedConnector(Poller):
    """Polls a feed; a torn one gives what it holds and is asked for again."""

    settings: FeedSettings

    def __init__(self, settings: FeedSettings, around: Surroundings) -> None:
        try:
            import feedparser
        except ModuleNotFoundError as error:
            raise MissingExtraError("feedparser", "connect") from error
        self._parse = feedparser.parse
        super().__init__(settings, around)

    def read(self, answer: Answer) -> Page:
        """Return the entries of a feed as plain mappings."""
        if b"<!ENTITY" in answer.body:  # no feed needs them, and nested ones grow without bound
            raise FetchError("the feed defines entities, which are not read", again=False)
        # given as a file: feedparser would take bytes that look like an address or a path for one, and open it
        feed = self._parse(io.BytesIO(answer.body), response_headers={"content-type": "application/xml"})
        if not feed.version and not feed.entries:
            start = answer.body[:60].decode("utf-8", "replace")
            raise FetchError(f"is no feed but {start!r}", again=True)
        torn = bool(feed.bozo) and not isinstance(feed.get("bozo_exception"), UnicodeError)
        return Page(items=tuple((None, entry_item(entry)) for entry in feed.entries), whole=not torn)


def entry_item(entry: Any) -> dict[str, Any]:
    """Return a feed entry as ``id``, ``title``, ``summary``, ``published`` (ISO 8601, UTC), ``link``, ``author``,
    texts without markup; what an entry lacks is absent."""
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    content = " ".join(part.get("value", "") for part in entry.get("content", ()))
    values = {
        "id": entry.get("id") or entry.get("link"),
        "title": plain(entry.get("title", "")),
        "summary": plain(entry.get("summary") or content),
        "published": datetime.fromtimestamp(timegm(moment), UTC).isoformat() if moment else None,
        "link": entry.get("link"),
        "author": entry.get("author"),
    }
    return {name: value for name, value in values.items() if value}


def plain(text: str) -> str:
    """Return ``text`` without tags, with entities resolved and white space joined."""
    return " ".join(unescape(_MARKUP.sub(" ", text)).split())
