"""Quote stuffing: messages to slow and confuse others (MAR Annex I A; Egginton, Van Ness and Van Ness 2016)."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import Play


def stuffing(affair: Affair) -> Play:
    """Flood one symbol or some: pairs of new and cancel, batches, or one order moved to and fro; by one or by two."""
    venue, draws = affair.venue, affair.draws
    who = affair.members.some(1, draws.choice([1, 1, 1, 2]))
    count = min(draws.choice([1, 1, 2, 3, 4]), len(venue.books))
    symbols = [(affair.symbol + k) % len(venue.books) for k in range(count)]
    tactic = draws.choice(["pairs", "batches", "moves"])
    bursts, messages = draws.whole(1, 10), draws.whole(80, min(2_400, 0.07 * venue.world.events))
    usual = venue.world.events / venue.world.length / len(venue.books)
    rate = max(usual * draws.wide(8, 400), draws.wide(10, 1_000))
    near, far, size = draws.choice([0.0, draws.uniform(0, 2)]), draws.wide(0.3, 10), draws.wide(0.1, 4)
    least = draws.choice([0, 1, 1, 2])
    both, batch = draws.yes(0.5), draws.whole(2, 50) if tactic == "batches" else 1
    entered = dict.fromkeys(symbols, 0)

    def price(symbol: int, side: int) -> int:
        away = least + round(max(venue.spread[symbol], 1.0) * (near + far * draws.random()))
        return venue.touch(symbol, side) - side * away

    for _ in range(bursts):
        side, open_orders = draws.side(), list[Order]()
        for number in range(max(messages // bursts, 12)):
            symbol = symbols[number % count] if draws.yes(0.9) else draws.choice(symbols)
            side = -side if both and draws.yes(0.5) else side
            if tactic == "moves" and len(open_orders) >= 2 * count:
                order = open_orders.pop(0)
                symbol = order.symbol
                open_orders.append(affair.move(order, price(symbol, order.side)))
            else:
                shares = venue.shares(symbol, size)
                open_orders.append(affair.enter(draws.choice(who), side, price(symbol, side), shares, symbol))
            entered[symbol] += 1
            yield draws.wait(1 / rate)
            if tactic != "moves" and len(open_orders) >= batch:
                affair.withdraw(*open_orders)
                open_orders.clear()
            affair.carried(through=entered[symbol] >= 50, symbol=symbol)
        affair.withdraw(*open_orders)
        yield affair.slow(draws.wide(0.3, 60))
