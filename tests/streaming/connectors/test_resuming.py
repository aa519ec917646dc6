"""Pages, cursors, faults of the log and kills: nothing is lost and nothing is written twice."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import UsageError
from tradewind.streaming.connectors.delivery import Batch, Delivery
from tradewind.streaming.connectors.mapping import Mapped
from tradewind.streaming.connectors.status import ConnectorStatus
from tradewind.streaming.connectors.store import DeadLetters, Store
from tradewind.streaming.records import Trade

TRADES: dict[str, Any] = {
    "kind": "http",
    "name": "tape",
    "topic": "trades",
    "items": "rows",
    "fields": {"symbol": "s", "time": "t", "price": "p", "size": "q", "id": "n"},
    "time": {"format": "s"},
    "limits": {"rate": 1000.0},
    "retry": {"attempts": 1},
}


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"s": "A", "t": 1_700_000_000 + n, "p": 1.0, "q": 1, "n": n} for n in numbers]


def ids(log: Any) -> list[int]:
    return [int(record.id) for record in log.records("trades")]


def test_pages_follow_the_cursor_and_the_poll_ends_with_the_last(workshop: Any) -> None:
    table = {**TRADES, "pages": {"cursor": "meta.next", "parameter": "page"}}
    pages = [{"rows": rows(1, 2), "meta": {"next": "b"}}, {"rows": rows(3), "meta": {"next": None}}]

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(*map(workshop.reply, pages), workshop.reply({"rows": []})) as server:
            await workshop.run(log, polls=2, url=server.url, **table)
            assert [asked.path for asked in server.asked] == ["/", "/?page=b", "/"]
        assert ids(log) == [1, 2, 3]

    asyncio.run(go())


def test_a_restart_goes_on_at_the_page_that_was_next(workshop: Any) -> None:
    table = {**TRADES, "pages": {"cursor": "next", "parameter": "page"}}
    first, second = {"rows": rows(1, 2), "next": "b"}, {"rows": rows(2, 3)}
    broken = b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(workshop.reply(first), broken) as server:
            await workshop.run(log, waits=1, url=server.url, **table)
        async with workshop.server(workshop.reply(second)) as server:
            await workshop.run(log, url=server.url, **table)
            assert server.asked[0].path == "/?page=b"
        assert ids(log) == [1, 2, 3]

    asyncio.run(go())


def test_a_kept_cursor_and_since_ask_only_for_what_is_new(workshop: Any) -> None:
    async def go() -> None:
        log = workshop.log()
        kept = {**TRADES, "pages": {"cursor": "next", "keep": True, "most": 1}}
        async with workshop.server(workshop.reply({"rows": rows(1), "next": "x7"})) as server:
            await workshop.run(log, polls=2, url=server.url, **kept)
            assert [asked.path for asked in server.asked] == ["/", "/?cursor=x7"]
        since = {**TRADES, "name": "other", "pages": {"since": "from", "since_format": "s", "overlap": 10.0}}
        async with workshop.server(workshop.reply({"rows": rows(5)})) as server:
            await workshop.run(log, polls=2, url=server.url, **since)
            assert [asked.path for asked in server.asked] == ["/", "/?from=1699999995"]

    asyncio.run(go())


def test_all_pages_of_a_poll_are_asked_for_since_the_same_time(workshop: Any) -> None:
    table = {**TRADES, "pages": {"cursor": "next", "since": "from", "since_format": "s"}}
    pages = [{"rows": rows(5)}, {"rows": rows(6), "next": "b"}, {"rows": rows(7), "next": "c"}]
    broken = b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(*map(workshop.reply, pages), broken) as server:
            await workshop.run(log, polls=5, waits=2, url=server.url, **table)
        async with workshop.server(workshop.reply({"rows": []})) as again:
            await workshop.run(log, polls=2, url=again.url, **table)
        asked = [part.path for part in (*server.asked, *again.asked)]
        start = 1_700_000_005
        pages_of = [f"/?cursor={at}&from={start}" for at in "bcc"]
        assert asked == ["/", f"/?from={start}", *pages_of, f"/?from={start + 2}"]
        assert ids(log) == [5, 6, 7]

    asyncio.run(go())


def test_a_kept_cursor_that_stands_still_is_no_circle(workshop: Any) -> None:
    table = {**TRADES, "pages": {"cursor": "next", "keep": True}}

    async def go() -> None:
        async with workshop.server(workshop.reply({"rows": [], "next": "x"})) as server:
            await workshop.run(workshop.log(), polls=3, url=server.url, **table)
            assert {asked.path for asked in server.asked[1:]} == {"/?cursor=x"}
        assert workshop.events == []

    asyncio.run(go())


def test_pages_that_lead_in_a_circle_end_the_poll_with_an_event(workshop: Any) -> None:
    table = {**TRADES, "pages": {"next_url": "next"}}

    async def go() -> None:
        pages = [workshop.reply({"rows": rows(n), "next": f"/p{n % 2}"}) for n in (1, 2, 3, 4)]
        async with workshop.server(*pages) as server:
            await workshop.run(workshop.log(), url=server.url, **table)
            assert [asked.path for asked in server.asked] == ["/", "/p1", "/p0"]
        assert [event.kind for event in workshop.events] == ["page_loop"]

    asyncio.run(go())


@pytest.mark.slow
@pytest.mark.parametrize("faults", [(0,), (-1,), (2,), (0, 0, -1), (1, None, 1), (2, -1, 0)])
def test_a_log_that_fails_gets_every_item_once_when_it_is_back(workshop: Any, faults: tuple[int | None, ...]) -> None:
    async def go() -> None:
        log = workshop.log(*faults)
        async with workshop.server(workshop.reply({"rows": rows(1, 2, 3)})) as server:
            connector = await workshop.run(log, url=server.url, **TRADES)
        assert sorted(ids(log)) == [1, 2, 3]
        assert connector.status.items == 3

    asyncio.run(go())


def test_the_status_says_while_the_log_takes_nothing(workshop: Any) -> None:
    async def go() -> None:
        log = workshop.log(*[0] * 40)
        async with workshop.server(workshop.reply({"rows": rows(1)})) as server:
            task = asyncio.create_task(workshop.run(log, waits=6, url=server.url, **TRADES))
            connector = await task
        assert connector.status.state == "stopped"
        assert connector.status.problem == "the log took nothing: the disk is full."
        assert ids(log) == []

    asyncio.run(go())


class Killed(BaseException):
    """Stands for a process that ends here."""


@settings(max_examples=25, deadline=None)
@given(
    pages=st.lists(st.lists(st.integers(1, 12), max_size=5), min_size=1, max_size=5),
    kills=st.lists(st.sampled_from(["before", "after", "finish", None]), max_size=6),
)
def test_kills_anywhere_lose_nothing_and_repeat_nothing(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, pages: Any, kills: Any
) -> None:
    folder = tmp_path_factory.mktemp("kills")
    log = request.getfixturevalue("part_log")()
    left = list(kills)

    def deliver(numbers: list[int]) -> None:
        kill = left.pop(0) if left else None
        with Store(folder / "s.sqlite") as store:
            producer = log.producer()
            delivery = Delivery(store, DeadLetters(folder / "dead"), producer, status(), log=log)
            delivery.recover()
            batch = Batch(mapped=[Mapped(str(n), trade(n)) for n in numbers], marks={"at": str(len(numbers))})
            flush, finish = producer.flush, store.finish

            def killed(*args: Any) -> None:
                if kill == "after":
                    flush()
                if kill in {"before", "after"}:
                    raise Killed
                flush()

            def finish_killed(*args: Any) -> None:
                raise Killed if kill == "finish" else finish(*args)  # type: ignore[misc]

            log.flush = killed
            store.finish = finish_killed if kill == "finish" else finish  # type: ignore[method-assign]
            try:
                delivery.deliver(batch)
            finally:
                log.flush = flush

    for numbers in pages:
        for _ in range(10):
            try:
                deliver(numbers)
            except Killed:
                continue
            break
    wanted = {n for numbers in pages for n in numbers}
    assert sorted(ids(log)) == sorted(wanted)


def trade(number: int) -> Trade:
    return Trade(symbol="A", time=number, price=1.0, size=1.0, id=str(number))


def status() -> ConnectorStatus:
    return ConnectorStatus(name="c", kind="http", topic="trades")


def test_old_keys_are_forgotten_and_new_ones_kept(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite", remember=3) as store:
        store.finish({"a": "", "b": ""}, {})
        store.finish({"c": "", "d": ""}, {"m": "1"})
        assert store.unseen(dict.fromkeys("abcd", "")) == {"a"}
    with Store(tmp_path / "s.sqlite", remember=3) as store:
        assert store.unseen(dict.fromkeys("abcd", "")) == {"a"}
        assert store.mark("m") == "1"


def test_one_process_at_a_time_holds_a_state(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite"), pytest.raises(UsageError, match="another process runs this connector"):
        Store(tmp_path / "s.sqlite")


def test_a_file_that_is_no_state_is_told_and_not_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "s.sqlite"
    place.write_bytes(b"not a database, but something of somebody" * 30)
    with pytest.raises(UsageError, match="is no connector state"):
        Store(place)
    assert place.read_bytes().startswith(b"not a database")
    place.unlink()
    Store(place).close()  # and the lock was let go


def test_a_full_disk_under_the_state_is_waited_out(tmp_path: Path, part_log: Any) -> None:
    log = part_log()
    with Store(tmp_path / "s.sqlite") as store:
        delivery = Delivery(store, DeadLetters(tmp_path / "dead"), log.producer(), status(), log=log)
        batch = Batch(mapped=[Mapped("1", trade(1))])
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        many = Batch(mapped=[Mapped(f"{n:0300d}", trade(n)) for n in range(2000)])
        with pytest.raises(sqlite3.OperationalError, match="full"):
            delivery.deliver(many)
        store._db.execute("PRAGMA max_page_count = 1000000")
        delivery.deliver(many)
        delivery.deliver(batch)
    assert len(log.records("trades")) == len(set(ids(log))) + 1 == 2001


def test_dead_letters_make_way_for_new_ones(tmp_path: Path) -> None:
    dead = DeadLetters(tmp_path / "d" / "x.jsonl", most=200, files=3)
    for n in range(40):
        dead.add([{"n": n}])
    names = sorted(path.name for path in (tmp_path / "d").iterdir())
    assert names == ["x.jsonl", "x.jsonl.1", "x.jsonl.2"]
    assert '"n": 39' in (tmp_path / "d" / "x.jsonl").read_text()
