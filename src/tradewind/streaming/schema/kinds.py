"""The kinds of record the log carries, each with the version of its schema and the way from older versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, field

from tradewind.core import UsageError
from tradewind.streaming.records import TOPICS, Bar, MarketAlert, NewsItem, OrderEvent, Prediction, Quote, Trade
from tradewind.streaming.schema.checks import CHECKS, Check

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the fields of one version into those of the next."""


class DeadLetter(Struct, frozen=True, kw_only=True, tag="dead"):
    """A message that could not be read: where it lay, why, and its bytes as they were (base64 in JSON),
    as many as fit into one record.

    ``group`` is the consumer group that met it; each group that meets it writes a letter of its own. ``offset`` is that
    of the message, of a damaged stretch the first offset in it.
    """

    topic: str
    partition: int
    offset: int
    reason: str
    value: bytes
    key: str = ""
    group: str = ""
    written_at: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of record.

    Parameters
    ----------
    name : its name in the ``schema`` header, before the slash.
    record : its newest struct.
    topic : where records of it go; "" where the record says so itself.
    version : of ``record``; every change of the struct's fields is a new one.
    upgrades : ``upgrades[i]`` turns the fields of version ``i + 1`` into those of ``i + 2``.
    missing : fields that may be missing: NaN in the record, null in JSON, which knows no NaN.
    check : says what is impossible about a record, or None.
    """

    name: str
    record: type[Struct]
    topic: str = ""
    version: int = 1
    upgrades: tuple[Upgrade, ...] = ()
    missing: frozenset[str] = frozenset()
    check: Check | None = None

    def __post_init__(self) -> None:
        if len(self.upgrades) != self.version - 1:
            raise UsageError(
                f"kind {self.name!r} has version {self.version} and {len(self.upgrades)} upgrades",
                fix="give one upgrade for every older version",
            )

    @property
    def schema(self) -> str:
        """The newest version as the header says it, such as ``bar/1``."""
        return f"{self.name}/{self.version}"


def _kind(record: type[Struct], *missing: str) -> Kind:
    """Return version 1 of one of the market's kinds."""
    name = str(record.__struct_config__.tag)
    return Kind(name=name, record=record, topic=TOPICS[record], missing=frozenset(missing), check=CHECKS.get(record))


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(Bar, "open", "high", "low", "adj_close", "volume"),
        _kind(Quote),
        _kind(Trade),
        _kind(OrderEvent),
        _kind(NewsItem),
        _kind(Prediction, "lower", "upper"),
        _kind(MarketAlert),
        Kind(name="dead", record=DeadLetter),
    )
}
"""Every kind by its name."""
