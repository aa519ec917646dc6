"""The quick professionals in large shares: in and out within seconds."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.largecaps.setting import SECOND
from tradewind.surveillance.elsewhere.largecaps.world import Actor, World


class Quick:
    """A professional without a view: snipes stale quotes, follows moves or the weight of the book, and gets out."""

    def __init__(self, world: World, account: str, symbol: int) -> None:
        rng = world.rng
        self.world, self.account, self.symbol = world, account, symbol
        self.style = rng.choice(("stale", "stale", "move", "weight"))
        self.edge = rng.uniform(0.15, 0.9)
        self.units = rng.uniform(1.0, 6.0)
        self.window = rng.choice((0.5, 2.0, 10.0, 40.0))
        self.holds = rng.lognormvariate(2.0, 1.2)
        self.limit = rng.uniform(8, 30) * world.setting.units[symbol]
        self.busy = self.leaving = False
        hooks = {"stale": world.on_news, "move": world.on_touch, "weight": world.on_press}[self.style]
        hooks[symbol].append(self.wake)

    def wake(self, _symbol: int) -> None:
        """Look soon, if not looking already."""
        if not self.busy and self.world.rng.random() < min(0.9, 0.5 * self.world.setting.followers):
            self.busy = True
            self.world.later(self.world.react() * self.world.rng.choice((1, 3, 30, 1000)), self._look)

    def live(self) -> Actor:
        """Look at the market now and then."""
        while True:
            yield self.world.pause(10.0)
            self._act()

    def _look(self) -> None:
        self.busy = False
        self._act()

    def _act(self) -> None:
        world, symbol = self.world, self.symbol
        book = world.book(symbol)
        if book.bid is None or book.ask is None:
            return
        buy, wish = self._wish(book.bid, book.ask)
        held = world.venue.holding[symbol].get(self.account, 0)
        if wish <= 0 or (held if buy else -held) > self.limit:
            return
        shown = book.size_at(not buy, book.ask if buy else book.bid)
        size = min(world.size(symbol, self.units * min(2.0, wish), 0.4), max(shown, world.setting.lot))
        world.take(self.account, symbol, buy, size, 1 if wish > 1.5 else 0)
        self._soon_out()

    def _soon_out(self) -> None:
        if not self.leaving:
            self.leaving = True
            self.world.later(self.world.rng.expovariate(0.7) * self.holds * SECOND, self._leave)

    def _wish(self, bid: int, ask: int) -> tuple[bool, float]:
        world, symbol = self.world, self.symbol
        fair = world.fair(symbol)
        if self.style == "stale":
            up, down = fair - ask - self.edge + 0.1, bid - fair - self.edge + 0.1
            return up > down, max(up, down) * 2
        signal = world.moved(symbol, self.window) / 2.5 if self.style == "move" else 1.6 * world.lean(symbol)
        sensible = (fair > bid - 0.4) if signal > 0 else (fair < ask + 0.4)
        return signal > 0, (abs(signal) - self.edge) if sensible else 0.0

    def _leave(self) -> None:
        world, rng = self.world, self.world.rng
        self.leaving = False
        held = world.venue.holding[self.symbol].get(self.account, 0)
        if not held:
            return
        if rng.random() < 0.5:
            world.take(self.account, self.symbol, held < 0, abs(held))
        else:
            order = world.place(self.account, self.symbol, held < 0, rng.choice((-1, 0, 0)), abs(held))
            world.later(rng.expovariate(1.0) * self.holds * SECOND, lambda: world.venue.cancel(order))
            self._soon_out()
