"""Momentum ignition (MAR Annex II 1 A(f); SEC 2010 concept release): start a move, and sell to those who follow."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import Play


def ignition(affair: Affair) -> Play:
    """Ignite a few times, by one account or two, one way or both by turns.

    By a burst of takes, by sweeps through levels, or by takes with quotes shown behind them that are not meant.
    """
    draws = affair.draws
    gang, side = affair.members.some(1, draws.choice([1, 1, 1, 2, 3])), draws.side()
    tactic = draws.choice(["burst", "sweeps", "quotes", "quotes"])
    turns, pause = draws.choice([0.0, 1.0, draws.random()]), affair.slow(draws.wide(10, 300))
    apart = draws.yes(0.3) and len(gang) > 1
    for _ in range(draws.choice([1, 1, 2, 3, 4])):
        early = gang[:1] if apart else gang
        yield from _once(affair, gang, early, side, tactic)
        yield pause * draws.wide(0.4, 2)
        side = -side if draws.yes(turns) else side


def _once(affair: Affair, gang: list[str], lighters: list[str], side: int, tactic: str) -> Play:
    draws, began, before = affair.draws, affair.mid(), affair.held()
    orders = draws.randint(2, 6) if tactic == "sweeps" else draws.whole(5, 50)
    span, aim, top = draws.wide(0.05, 20), draws.wide(1.5, 9), 0.0
    size = affair.queue() * draws.wide(0.8, 4) if tactic == "sweeps" else draws.wide(0.5, 5)
    if draws.yes(0.3):  # some is had beforehand
        yield from affair.gather(gang, side, draws.wide(1, 8), draws.whole(1, 6), affair.slow(draws.wide(1, 30)))
    shown: list[Order] = []
    for number in range(orders):
        if tactic == "quotes" and number % 3 == 0:
            affair.withdraw(*[order for order in shown if draws.yes(0.5)])
            price = affair.touch(side) - side * draws.choice([0, 1, 2])
            shown.append(affair.enter(draws.choice(lighters), side, price, affair.shares(affair.queue() * 1.5)))
        affair.take(draws.choice(lighters), side, affair.shares(size * draws.wide(0.6, 1.7)))
        moved = side * (affair.mid() - began) / affair.spread
        top = max(top, moved)
        size = min(size * 1.3, 5 * affair.queue()) if moved < aim * number / orders else size
        if top >= aim:
            break
        yield draws.wait(span / orders)
    wait = affair.slow(draws.wide(0.3, 40))
    affair.crowd.follow(affair.symbol, side, draws.choice([0, draws.whole(1, 12), draws.whole(3, 30)]), wait)
    bought = side * (affair.held() - before)
    for _ in range(4):
        yield wait / 4
        top = max(top, side * (affair.mid() - began) / affair.spread)
    affair.withdraw(*shown)
    bought = max(bought, side * (affair.held() - before))
    yield from affair.leave(gang, side, draws.whole(1, 16), affair.slow(draws.wide(0.5, 100)))
    affair.carried(through=bought > 0 and top >= 1.2 and side * (affair.held() - before) <= 0.4 * bought)
