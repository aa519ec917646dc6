"""What `tradewind stream` does with the log."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tradewind.cli.inputs import InputFiles, read_market
from tradewind.core import InputError, UsageError
from tradewind.core.clock import SystemClock
from tradewind.streaming.log import EventLog, dead_letters, open_log
from tradewind.streaming.log import replay as read_again
from tradewind.streaming.log.description import Describable, LogDescription, describe
from tradewind.streaming.records import Bar, NewsItem, Quote, Record, Trade
from tradewind.streaming.schema import KINDS, SCHEMAS, UnreadableError
from tradewind.streaming.seeding import Seeded, seed_log

DEAD = ".dead"
SENT = {name: kind for name, kind in KINDS.items() if kind.record in {Bar, NewsItem, Quote, Trade}}
"""Kinds that may be sent; forecasts are the server's own."""
LONGEST = 1 << 20
"""Bytes of one line at most."""
FORM = (
    'one record a line, such as {"type": "bar", "symbol": "AAPL", "time": 1700000000000000, ...}, times in microseconds'
)


def log_place(state: Path, log: str | None) -> str:
    """Return where the log is that the flags name.

    Raises
    ------
    UsageError : there is none; a folder is not made by looking for it.
    """
    place = log or str(state / "log")
    if not place.startswith("kafka://") and not Path(place).is_dir():
        raise UsageError(
            "there is no event log", fix="name it with --state or --log, or start `tradewind serve`", file=place
        )
    return place


def opened(state: Path, log: str | None) -> EventLog:
    """Return the log that the flags name, open."""
    return open_log(log_place(state, log))


def description_of(log: EventLog) -> LogDescription:
    """Return what lies in ``log``."""
    if not isinstance(log, Describable):
        raise UsageError("this log cannot say what lies in it", fix="give a folder or kafka://HOST:PORT")
    return describe(log)


def described(log: EventLog) -> dict[str, Any]:
    """Return topics and groups, JSON-ready."""
    found = description_of(log)
    return {
        "place": found.place,
        "topics": [
            {
                "topic": topic.name,
                "messages": topic.messages,
                "end": sum(topic.ends.values()),
                "partitions": [
                    {"partition": part, "start": topic.starts.get(part, 0), "end": end}
                    for part, end in sorted(topic.ends.items())
                ],
            }
            for topic in found.topics
        ],
        "groups": [
            {
                "group": one.name,
                "members": one.members,
                "lag": found.lag(one),
                "positions": [
                    {"topic": topic, "partition": part, "offset": offset}
                    for (topic, part), offset in sorted(one.positions.items())
                ],
            }
            for one in found.groups
        ],
    }


def dead_rows(log: EventLog, topic: str | None, limit: int) -> list[dict[str, Any]]:
    """Return the newest ``limit`` dead letters of ``topic``, or of all, oldest first."""
    there = [one.name.removesuffix(DEAD) for one in description_of(log).topics if one.name.endswith(DEAD)]
    rows: deque[dict[str, Any]] = deque(maxlen=limit)
    for name in sorted(there if topic is None else {topic} & set(there)):
        for letter in dead_letters(log, name):
            rows.append(
                {
                    "topic": letter.topic,
                    "place": f"{letter.partition}:{letter.offset}",
                    "reason": letter.reason,
                    "key": letter.key,
                    "record": letter.value.decode(errors="replace"),
                }
            )
    return list(rows)


def print_records(log: EventLog, topics: Sequence[str], speed: float | None) -> None:
    """Print the records of ``topics`` as JSON lines, as `send -` takes them."""
    encode = msgspec.json.Encoder().encode
    for message in read_again(log, topics, speed=speed):
        sys.stdout.write(encode(message.record).decode() + "\n")
        if speed is not None:
            sys.stdout.flush()


def replayed_into(source: EventLog, topics: Sequence[str], place: str, speed: float | None) -> dict[str, int]:
    """Write the messages of ``topics`` into the log at ``place``, and return how many of each topic.

    Raises
    ------
    UsageError : ``place`` is the log that is read.
    """
    here = description_of(source).place
    if place == here or (not place.startswith("kafka://") and Path(place).resolve() == Path(here).resolve()):
        raise UsageError("a log is not replayed into itself", field="to", fix="give another place with --to")
    counts: Counter[str] = Counter()
    with open_log(place) as target, closing(target.producer()) as producer:
        for message in read_again(source, topics, speed=speed):
            headers = {name: value for name, value in message.headers.items() if name != "schema"}
            producer.send(message.record, headers=headers)
            counts[message.topic] += 1
        producer.flush()
    return dict(counts)


def sent_files(place: str, state: Path, prices: Path, news: Path | None, fear: Path | None) -> Seeded:
    """Write what the log lacks of the files, and return what that was."""
    market = read_market(InputFiles(prices=prices, news=news, fear=fear))
    with open_log(place) as log:
        return seed_log(log, market.panel, market.news, folder=state / "seeded")


@dataclass(frozen=True, kw_only=True)
class SentLines:
    """How many records were written, and how many lines were refused."""

    written: int
    refused: int


def send_lines(lines: Iterable[bytes], place: str, told: Callable[[InputError], None]) -> SentLines:
    """Write the record of each line into the log at ``place``; ``told`` gets the error of each line that holds none."""
    written = refused = 0
    with open_log(place) as log, closing(log.producer()) as producer:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = record_of(line, number)
            except InputError as error:
                told(error)
                refused += 1
                continue
            producer.send(record)
            written += 1
        producer.flush()
    return SentLines(written=written, refused=refused)


def record_of(line: bytes, number: int) -> Record:
    """Return the record in a line, held to what the log itself would refuse; InputError names the line and field."""

    def wrong(problem: str, field: str | None = None, fix: str = FORM) -> InputError:
        return InputError(problem, file="standard input", row=number, field=field, fix=fix)

    if len(line) > LONGEST:
        raise wrong(f"the line has {len(line)} bytes", fix=f"send lines of {LONGEST} bytes at most")
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(f"no JSON object ({error})") from error
    kind = SENT.get(str(fields.get("type")))
    if kind is None:
        raise wrong(f"type is {fields.get('type')!r}", "type", f"use {', '.join(sorted(SENT))}")
    unknown = set(fields) - {"type", *kind.record.__struct_fields__}
    if unknown:
        name = min(unknown)
        raise wrong(f"a {kind.name} has no such field", name, f"use {', '.join(kind.record.__struct_fields__)}")
    try:
        record: Record = SCHEMAS.decode(kind.schema, line, int(SystemClock().now().timestamp() * 1e6))
    except UnreadableError as error:
        problem, _, path = str(error).removeprefix(f"no {kind.schema}: ").partition(" - at `$.")
        raise wrong(problem, path.rstrip("`") or _named(problem), "mend the line and send it again") from error
    return record


def _named(problem: str) -> str | None:
    """Return the field in ``Object missing required field `close```, or at the head of what is impossible."""
    _, quote, rest = problem.partition("required field `")
    if quote:
        return rest.partition("`")[0]
    first = problem.partition(" ")[0]
    return first if any(first in kind.record.__struct_fields__ for kind in SENT.values()) else None
