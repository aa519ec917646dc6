"""Automated markets drawn at random: liquid shares in the hands of machines, and what is done among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import polars as pl

from tradewind.surveillance.elsewhere.automated.book import Tape
from tradewind.surveillance.elsewhere.automated.crowd import crowd, followers, newsroom
from tradewind.surveillance.elsewhere.automated.deeds_book import layering, quote_stuffing, spoofing
from tradewind.surveillance.elsewhere.automated.deeds_hand import coordinated_accounts, front_running, wash_trading
from tradewind.surveillance.elsewhere.automated.deeds_price import marking_the_close, momentum_ignition, pump_and_dump
from tradewind.surveillance.elsewhere.automated.makers import Maker, latency_arb, nerves, pairs, peg
from tradewind.surveillance.elsewhere.automated.parents import blocks, institutions, lucky, reactors, second_thoughts
from tradewind.surveillance.elsewhere.automated.stage import Deed, perform, plan
from tradewind.surveillance.elsewhere.automated.world import SEC, Script, Sym, World
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket
from tradewind.surveillance.schemes import Scheme

PLAYS: dict[str, Callable[[Deed], Script]] = {
    f.__name__: f
    for f in (
        pump_and_dump, spoofing, layering, quote_stuffing, wash_trading, marking_the_close, momentum_ignition,
        front_running, coordinated_accounts,
    )
}  # fmt: skip


def _governor(w: World, quota: float) -> Script:
    """Keep the honest activity near the number of events wanted, slowly, so that bursts stay bursts."""
    rows, extra, weight = len(w.tape.time), w.extra, 0.0
    begun = rows - extra
    length = w.session.close - w.session.start
    step = length // 120
    smooth = quota / 120
    for k in range(119):
        weight = w.season()
        yield step
        fresh = (len(w.tape.time) - rows) - (w.extra - extra)
        rows, extra = len(w.tape.time), w.extra
        smooth = 0.6 * smooth + 0.4 * max(1.0, fresh / weight)
        left = max(1.0, quota - (rows - extra - begun)) / (119 - k)
        w.pace = max(0.1, min(8.0, w.pace * (left / smooth) ** 0.35))


def _staff(w: World, s: Sym, index: int) -> None:
    """Put everybody who lives in one symbol to work."""
    r = w.rng
    wakes = 0.5 * s.rate
    traders = w.roles["maker"]
    makers = [Maker(w, s, a, wakes / len(traders) * r.uniform(0.4, 1.8)) for a in traders]
    for m in makers:
        m.quote()
        w.push(m.run(), 1)
    nerves(w, s, makers)
    followers(w, s, w.roles["trend"])
    reactors(w, s, w.roles["bot"][:3])
    for a in w.roles["peg"]:
        w.push(peg(w, s, a, 0.25 * s.rate / len(w.roles["peg"])), SEC)
    news = newsroom(w, s)
    w.push(news, 1)
    w.push(crowd(w, s), 2)
    w.push(institutions(w, s, 0.16 * s.rate / 0.3 * w.length * s.unit), 3)
    w.push(second_thoughts(w, s), 4)
    w.push(blocks(w, s), 5)
    w.push(lucky(w, s), 6)
    if index and s.twin is w.syms[0]:
        latency_arb(w, w.syms[0], s, w.roles["arb"])
    elif index:
        for a in w.roles["stat"]:
            w.push(pairs(w, w.syms[0], s, a), SEC)


def simulate(
    seed: int,
    *,
    events: int | None = None,
    episodes: int = 9,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] = tuple(Scheme),
) -> FramedMarket:
    """One market: its tape, the deeds that came off, and those that did not."""
    w = World(seed, events)
    deeds = plan(w, seed, episodes, evasive, [name for name in PLAYS if Scheme(name) in schemes])
    for k in range(len(w.sessions)):
        w.open_session(k)
        w.tape.now = w.t
        w.push(_governor(w, w.target * 0.96 / len(w.sessions)), 1)
        for i, s in enumerate(w.syms):
            s.book.watch.clear()
            s.pullers.clear()
            _staff(w, s, i)
        for d in deeds:
            if d.session == k:
                w.push(perform(d, PLAYS[d.scheme]), d.t0 - w.t)
        w.run()
        for s in w.syms:
            for level in list(s.book.levels.values()):
                for o in list(level.orders.values()):
                    s.book.cancel(o, quiet=True)
    begun = [d for d in deeds if d.acted]
    return FramedMarket(_table(w.tape), _cases([d for d in begun if d.done]), _cases([d for d in begun if not d.done]))


def _table(tape: Tape) -> pl.DataFrame:
    body: dict[str, pl.Series] = {
        "kind": pl.Series(tape.kind, dtype=pl.String),
        "order_id": pl.Series(tape.oid, dtype=pl.Int64),
        "account": pl.Series(tape.acct, dtype=pl.String),
        "side": pl.Series(tape.side, dtype=pl.String),
        "price": pl.Series(tape.price, dtype=pl.Float64),
        "size": pl.Series(tape.size, dtype=pl.Int64),
    }
    head = {
        "timestamp_ns": pl.Series(tape.time, dtype=pl.Int64),
        "symbol": pl.Series(tape.sym, dtype=pl.String),
        "venue_seq": pl.Series(range(1, len(tape.time) + 1), dtype=pl.Int64),
    }
    return pl.DataFrame(head | {c: body[c] for c in EVENT_COLUMNS[2:]})


def _cases(deeds: list[Deed]) -> pl.DataFrame:
    rows = [
        {
            "scheme": d.scheme, "symbol": d.s.name, "accounts": sorted(d.acted), "start": d.first, "end": d.last,
            "done": d.done, "evasive": d.evasive,
        }
        for d in sorted(deeds, key=lambda d: d.first)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=cast(Any, CASE_SCHEMA))
