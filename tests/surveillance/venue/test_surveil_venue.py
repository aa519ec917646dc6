"""Simulated markets: determinism, size, stylised facts, scripts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.core.errors import UsageError
from tradewind.surveillance.events.table import EventTable, Kind
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.venue import (
    AgentGroup,
    Desk,
    Venue,
    VenueSettings,
    iter_venue,
    sample_settings,
    simulate_venue,
)
from tradewind.surveillance.venue.dialects import ForeignStyle, in_dialect, sample_style, write_foreign
from tradewind.surveillance.venue.names import STYLES, account_names

SMALL = VenueSettings(seed=5, events=20_000)


def mids(events: EventTable, opens: int, closes: int, steps: int) -> np.ndarray:
    """Return the mid of the first symbol on a grid of time, from a plain book of best prices."""
    orders: dict[int, list[int]] = {}
    levels: dict[int, Counter[int]] = {1: Counter(), -1: Counter()}
    grid = np.linspace(opens + (closes - opens) * 0.02, closes - 1, steps)
    found, at, arrived = np.full(steps, np.nan), 0, 0
    for time, kind, order, side, price, size in zip(
        *(getattr(events, name).tolist() for name in ("time", "kind", "order", "side", "price", "size")), strict=True
    ):
        while at < steps and grid[at] < time:
            bids, asks = +levels[1], +levels[-1]
            found[at] = (max(bids) + min(asks)) / 2 if bids and asks else np.nan
            at += 1
        if kind == Kind.NEW and price > 0:
            orders[order] = [side, price]
            levels[side][price] += size
        elif order in orders:
            own, at_price = orders[order]
            levels[own][at_price] -= size
            if kind == Kind.TRADE and arrived in orders:
                levels[orders[arrived][0]][orders[arrived][1]] -= size
        if kind == Kind.NEW:
            arrived = order
    return found


def same(a: EventTable, b: EventTable) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.columns().values(), b.columns().values(), strict=True))


def test_a_seed_gives_one_market_and_another_seed_another() -> None:
    first, second = simulate_venue(SMALL), simulate_venue(SMALL)
    assert same(first.events, second.events)
    other = simulate_venue(replace(SMALL, seed=6))
    assert not np.array_equal(first.events.price[:2000], other.events.price[:2000])


def test_two_markets_at_a_time_do_not_mix() -> None:
    alone = list(iter_venue(SMALL))
    both = list(zip(iter_venue(SMALL), iter_venue(replace(SMALL, seed=9)), strict=False))
    assert same(alone[0], both[0][0])


@pytest.mark.slow
@pytest.mark.parametrize("family", ["train", "unseen"])
@pytest.mark.parametrize("seed", range(6))
def test_markets_of_both_families_hold_together(family: str, seed: int) -> None:
    settings = sample_settings(seed, family, events=15_000)  # type: ignore[arg-type]
    venue = Venue(settings)
    events = list(venue.run())
    time = np.concatenate([chunk.time for chunk in events])
    seq = np.concatenate([chunk.seq for chunk in events])
    kind = np.concatenate([chunk.kind for chunk in events])
    assert (np.diff(time) >= 0).all()
    assert np.array_equal(seq, np.arange(1, len(seq) + 1))
    assert 0.8 < len(time) / settings.events < 1.25
    assert (kind == Kind.TRADE).sum() > 0.02 * len(kind)
    assert time[0] >= settings.sessions[0][0]
    assert time[-1] <= settings.sessions[-1][1] + 1_000_000_000
    book = venue.parts.book
    assert (book.position.sum(axis=0) == 0).all()
    assert abs(book.cash.sum()) <= 1e-9 * np.abs(book.cash).sum()


@pytest.mark.slow
def test_the_market_is_as_markets_are() -> None:
    opens, closes = VenueSettings().sessions[0]
    cubes, ac1, ac5, clusters = [], [], [], []
    for seed in range(4):
        settings = VenueSettings(seed=seed, events=30_000, clustering=0.7)
        events = simulate_venue(settings).events
        prices = mids(events, opens, closes, 300)
        r = np.diff(np.log(prices[np.isfinite(prices)]))
        r = r - r.mean()
        cubes.append((r**4).mean() / (r**2).mean() ** 2)
        ac1.append(np.corrcoef(r[1:], r[:-1])[0, 1])
        ac5.append(np.corrcoef(r[5:], r[:-5])[0, 1])
        size = np.abs(r)
        clusters.append(np.mean([np.corrcoef(size[k:], size[:-k])[0, 1] for k in range(1, 10)]))
        hours = np.histogram(events.time, bins=9, range=(opens, closes))[0]
        assert hours[0] > 1.2 * hours[4]
        assert hours[8] > 1.2 * hours[4]
    assert np.mean(cubes) > 3.5  # fat tails
    assert abs(np.mean(ac5)) < 0.12  # returns do not foretell returns beyond the first lags, in which prices catch up
    assert abs(np.mean(ac1)) < 0.5
    assert np.mean(clusters) > 0.03  # large moves come together


class Buyer:
    """Buys at once, rests a sale above, cancels half of it."""

    accounts = ("outsider",)
    wake_on_fill = False

    def __init__(self) -> None:
        self.state = 0
        self.times: list[int] = []
        self.resting = 0
        self.bought = 0

    def start(self, desk: Desk) -> int | None:
        opens, closes = int(desk.sessions.opens[0]), int(desk.sessions.closes[0])
        return opens + (closes - opens) // 3

    def wake(self, now: int, desk: Desk) -> int | None:
        symbol = desk.symbols[0]
        self.state += 1
        self.times.append(now)
        if self.state == 1:
            size = int(2 * desk.typical_size(symbol))
            order = desk.submit(symbol, "outsider", 1, None, size)
            self.bought = desk.order(order).filled
            assert self.bought == desk.position("outsider", symbol) > 0
            assert desk.cash("outsider") == -desk.order(order).paid
            self.resting = desk.submit(symbol, "outsider", -1, int(1.2 * desk.mid(symbol)), 40)
            assert desk.order(self.resting).left == 40
            return now + 1_000_000_000
        if self.state == 2:
            assert desk.cancel(self.resting, 15)
            assert desk.order(self.resting).left == 25
            assert [o.order for o in desk.open_orders()] == [self.resting]
            assert desk.replace(self.resting, int(1.3 * desk.mid(symbol)), 30)
            return now + 1_000_000_000
        assert desk.cancel(self.resting)
        assert not desk.cancel(self.resting)
        return None

    def truth(self) -> tuple[Planted, ...]:
        return (
            Planted(
                scheme=Scheme.SPOOFING,
                symbol="AAA",
                accounts=self.accounts,
                start=self.times[0],
                end=self.times[-1],
            ),
        )


def test_a_script_acts_in_the_market() -> None:
    script = Buyer()
    market = simulate_venue(SMALL, scripts=(script,))
    events = market.events
    code = events.accounts.find("outsider")
    rows = events.take(events.account == code)
    assert rows.kind.tolist() == [Kind.NEW, Kind.NEW, Kind.CANCEL, Kind.CANCEL, Kind.NEW, Kind.CANCEL]
    assert rows.size[1:].tolist() == [40, 15, 25, 30, 30]
    at = int(np.flatnonzero(events.account == code)[0])
    trades = events.take(slice(at + 1, at + 40))
    run = int(np.argmax(trades.kind != Kind.TRADE))
    assert trades.size[:run].sum() == script.bought
    assert market.truth[0].start == script.times[0]
    assert script.times[0] <= int(rows.time[0]) <= script.times[0] + 1_000_000


class Waiter(Buyer):
    """Rests a bid at the best price and is woken by its execution."""

    wake_on_fill = True

    def wake(self, now: int, desk: Desk) -> int | None:
        self.state += 1
        symbol = desk.symbols[0]
        if self.state == 1:
            self.resting = desk.submit(symbol, "outsider", 1, desk.best(symbol, -1) - desk.tick(symbol), 10)
            return None
        self.times.append(now)
        return None


def test_a_script_is_woken_by_its_execution() -> None:
    script = Waiter()
    events = simulate_venue(SMALL, scripts=(script,)).events
    fills = events.time[(events.account == events.accounts.find("outsider")) & (events.kind == Kind.TRADE)]
    assert len(fills) >= 1
    assert script.times[0] == fills[0]


def test_dialects_tell_the_same_trades() -> None:
    events = simulate_venue(replace(SMALL, events=5000)).events
    trades = events.take(events.kind == Kind.TRADE)
    taker, both, none = (in_dialect(events, style) for style in ("taker", "both", "none"))  # type: ignore[arg-type]
    told = taker.take(taker.kind == Kind.TRADE)
    assert np.array_equal(told.side, -trades.side)
    assert np.array_equal(told.price, trades.price)
    twice = both.take(both.kind == Kind.TRADE)
    assert np.array_equal(twice.order[0::2], trades.order)
    assert np.array_equal(twice.order[1::2], told.order)
    assert (none.kind != Kind.TRADE).all()
    assert len(none) == len(events) - len(trades)
    entered = dict(zip(events.order[events.kind == Kind.NEW], events.account[events.kind == Kind.NEW], strict=True))
    assert all(entered[order] == account for order, account in zip(told.order, told.account, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_foreign_files_hold_every_row(tmp_path: Path, seed: int) -> None:
    events = simulate_venue(replace(SMALL, events=3000), scripts=(Buyer(),)).events
    style = sample_style(seed)
    path = write_foreign(events, tmp_path / "foreign.parquet", style)
    frame = pl.read_parquet(path)
    told = in_dialect(events, style.trades)
    name = style.columns.get("kind", "kind")
    replaced = int((frame[name] == "replace").sum())
    assert frame.height == len(told) - replaced
    assert (replaced == 1) == style.replaces
    csv = write_foreign(events, tmp_path / "foreign.csv", ForeignStyle(clock="datetime"))
    assert pl.read_csv(csv, infer_schema_length=None).height == len(events)
    with pytest.raises(UsageError):
        write_foreign(events, tmp_path / "foreign.txt", style)


@pytest.mark.parametrize("style", STYLES)
def test_account_names_differ(style: str) -> None:
    assert len(set(account_names(2000, style, 3))) == 2000


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError):
        VenueSettings(sessions=((10, 5),))
    with pytest.raises(UsageError):
        AgentGroup(kind="wizard", count=1, share=0.1)
    with pytest.raises(UsageError):
        sample_settings(1, "foreign")  # type: ignore[arg-type]
