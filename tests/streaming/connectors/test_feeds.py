"""RSS and Atom become news; a torn feed gives what it holds and is asked for again."""

from __future__ import annotations

import asyncio
from typing import Any

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>http://x</link>
<item><guid>g1</guid><title>$AAPL beats &amp;amp; raises</title>
<description>&lt;p&gt;Up &lt;b&gt;5%&lt;/b&gt;&lt;/p&gt;</description>
<pubDate>Fri, 08 Mar 2024 09:30:00 -0500</pubDate></item>
<item><guid>g2</guid><title>Nothing of ours: $ZZZ</title><pubDate>Fri, 08 Mar 2024 09:31:00 -0500</pubDate></item>
<item><guid>g3</guid><title>$MSFT without a date</title></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>u</id><updated>2024-03-08T10:00:00Z</updated>
<entry><id>a1</id><title>$MSFT and $AAPL</title><updated>2024-03-08T10:00:00Z</updated>
<content>Both rise</content></entry>
</feed>"""
FEED: dict[str, Any] = {"kind": "rss", "name": "wire", "symbols": ["AAPL", "MSFT"], "limits": {"rate": 1000.0}}


def xml(workshop: Any, text: str) -> bytes:
    answer: bytes = workshop.reply(text.encode(), raw=True, content_type="application/rss+xml", etag="e")
    return answer


def test_rss_entries_become_news_of_their_cashtags(workshop: Any) -> None:
    async def go() -> None:
        log = workshop.log()
        async with workshop.server(xml(workshop, RSS)) as server:
            connector = await workshop.run(log, polls=2, interval=300.0, url=server.url, **FEED)
        (item,) = log.records("news")
        assert (item.symbol, item.id, item.kind, item.source) == ("AAPL", "g1", "news", "wire")
        assert item.text == "$AAPL beats & raises. Up 5%"
        assert item.published_at == 1_709_908_200_000_000
        assert (connector.status.items, connector.status.skipped, connector.status.rejected) == (1, 2, 1)
        (dead,) = workshop.dead("news")
        assert dead["reason"] == "time: nothing at 'published'"

    asyncio.run(go())


def test_an_atom_entry_of_two_symbols_is_two_items(workshop: Any) -> None:
    async def go() -> None:
        log = workshop.log()
        async with workshop.server(xml(workshop, ATOM)) as server:
            await workshop.run(log, interval=300.0, url=server.url, **FEED)
        assert [(item.symbol, item.text) for item in log.records("news")] == [
            ("MSFT", "$MSFT and $AAPL. Both rise"),
            ("AAPL", "$MSFT and $AAPL. Both rise"),
        ]

    asyncio.run(go())


def test_a_torn_feed_gives_its_items_and_is_asked_for_whole_again(workshop: Any) -> None:
    torn = RSS[: RSS.index("<item><guid>g2")]

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(xml(workshop, torn), xml(workshop, RSS)) as server:
            await workshop.run(log, polls=3, interval=300.0, url=server.url, **FEED)
            assert ["if-none-match" in asked.headers for asked in server.asked] == [False, False, True]
        assert [item.id for item in log.records("news")] == ["g1"]

    asyncio.run(go())


def test_what_is_no_feed_or_defines_entities_is_a_fault(workshop: Any) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'
    table = {**FEED, "retry": {"attempts": 1}}

    async def go() -> None:
        for text, words in (("<html><body>Log in</body></html>", "is no feed"), (bomb, "defines entities")):
            async with workshop.server(xml(workshop, text)) as server:
                connector = await workshop.run(workshop.log(), waits=1, interval=300.0, url=server.url, **table)
            assert words in connector.status.problem

    asyncio.run(go())


def test_a_body_that_names_a_file_opens_none(workshop: Any, tmp_path: Any) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_text(RSS)

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(xml(workshop, str(secret))) as server:
            await workshop.run(log, waits=1, interval=300.0, url=server.url, **{**FEED, "retry": {"attempts": 1}})
        assert log.records("news") == []

    asyncio.run(go())
