"""Markets that a venue hands on as tables, in words of its own: their form, and how a reader takes them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import polars as pl

from tradewind.surveillance.elsewhere.market import ToldMarket
from tradewind.surveillance.events.read import read_all
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.truth_files import read_truth

EVENT_COLUMNS = ("timestamp_ns", "symbol", "kind", "order_id", "account", "side", "price", "size")
CASE_SCHEMA: Mapping[str, pl.DataType] = {
    "scheme": pl.String(),
    "symbol": pl.String(),
    "accounts": pl.List(pl.String()),
    "start": pl.Int64(),
    "end": pl.Int64(),
    "done": pl.Boolean(),
    "evasive": pl.Boolean(),
}
SIZES = (25_000, 80_000)
"""Events of a market to learn from, about: smaller than these venues draw by themselves, for more of them in a time."""
EVASIVE = 0.25
"""Share of the deeds to learn from that are played to hide."""


@dataclass(frozen=True, eq=False)
class FramedMarket:
    """Events as the venue saw them, what was carried through (``truth``), and what was only tried (``attempts``)."""

    events: pl.DataFrame
    truth: pl.DataFrame
    attempts: pl.DataFrame


def size_of(seed: int) -> int:
    """Return about how many events the market ``seed`` to learn from has: spread evenly over the logarithm."""
    low, high = SIZES
    return int(low * (high / low) ** ((seed * 0.6180339887) % 1))


def as_read(market: FramedMarket) -> ToldMarket:
    """Return a market as a reader finds it: through a file, its words and sessions learned from it alone."""
    with tempfile.TemporaryDirectory() as folder:
        events, truth, attempts = (Path(folder) / f"{part}.parquet" for part in ("events", "truth", "attempts"))
        market.events.write_parquet(events)
        market.truth.write_parquet(truth)
        market.attempts.write_parquet(attempts)
        table = read_all(events)
        return ToldMarket(
            events=table,
            truth=read_truth(truth),
            attempts=_undone(read_truth(attempts)),
            sessions=Sessions.of_times(table.time),
        )


class Simulate(Protocol):
    """A simulator that hands on tables: about ``events`` of them, ``evasive`` of the deeds played to hide."""

    def __call__(self, seed: int, *, events: int, evasive: float, schemes: Sequence[Scheme]) -> FramedMarket: ...


def to_learn_from(simulate: Simulate, seed: int, schemes: Sequence[Scheme]) -> ToldMarket:
    """Return the market ``seed``, of a size and with a share of hidden deeds as models learn from."""
    return as_read(simulate(seed, events=size_of(seed), evasive=EVASIVE, schemes=schemes))


def _undone(deeds: tuple[Planted, ...]) -> tuple[Planted, ...]:
    return tuple(replace(deed, done=False) for deed in deeds)
