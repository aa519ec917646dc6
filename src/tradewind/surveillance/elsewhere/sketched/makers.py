"""Makers: quotes on both sides, on one or several levels, leaning against their inventory, gone on a shock."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.crowd import Crowd
from tradewind.surveillance.elsewhere.sketched.exchange import SECOND, Order, Play
from tradewind.surveillance.elsewhere.sketched.sketch import loguniform


def make_market(crowd: Crowd, account: str, symbol: int) -> Play:
    """One maker in one symbol, for the whole time."""
    rng, exchange, sketch, paper = crowd.rng, crowd.exchange, crowd.sketch, crowd.sketch.papers[symbol]
    levels = rng.choice((1, 1, 1, 2, 3, 5))
    half = max(0.5, paper.spread * rng.uniform(0.4, 1.0))
    size = crowd.people.rounded(sketch.usual * loguniform(rng, 1, 6))
    lean, knows, nervous = rng.uniform(0.02, 0.3), rng.uniform(0.2, 0.9), rng.random() < 0.6
    rate = sketch.pace * paper.share * sketch.maker_part / sketch.makers / (3.2 * levels)
    quotes: list[Order] = []
    stock, seen = 0, 0
    while True:
        yield rng.expovariate(rate * crowd.tempo * crowd.shape())
        stock += sum(order.side * order.filled for order in quotes)
        day_end = sketch.seconds - exchange.now / SECOND % sketch.seconds < 0.05
        if day_end:
            continue
        pulled = nervous and crowd.shock[symbol] > seen
        if pulled:
            seen = crowd.shock[symbol]
        centre = knows * crowd.value[symbol] + (1 - knows) * exchange.mid(symbol)
        centre -= lean * half * max(-6.0, min(6.0, stock / size))
        for order in quotes:
            exchange.cancel(order)
        quotes = []
        if pulled:
            yield rng.uniform(0.2, 6)
            continue
        for side in rng.sample((1, -1), 2):
            for level in range(levels):
                price = round(centre - side * (half + level * max(1, paper.spread * 0.5)))
                quote = crowd.lay(symbol, account, side, price, size)
                quotes.extend([quote] if quote else [])
