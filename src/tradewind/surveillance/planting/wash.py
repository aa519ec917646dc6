"""Wash trading: trades that change no ownership, by one account with itself, between two, or round a ring of them.

Securities Exchange Act section 9(a)(1); MAR article 12(1)(a); FINRA Rule 5210.02. Rings of accounts whose positions
return to where they were follow Franke et al. (2008) and Cao et al. (2016, "Detecting wash trade in financial market").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.script import SECOND, Play, SchemeScript
from tradewind.surveillance.planting.space import Range, Space
from tradewind.surveillance.schemes import Scheme

_TRAIN: Space = {
    "accounts": Range(1, 5, whole=True),
    "rounds": Range(3, 25, log=True, whole=True),
    "size": Range(0.5, 5.0, log=True),
    "uneven": Range(0.0, 0.1),
    "delay": Range(0.001, 1.0, log=True),
    "pause": Range(1.0, 40.0, log=True),
    "shuffle": Range(0.0, 0.2),
    "star": Range(0.0, 0.0),
    "parts": Range(1, 1, whole=True),
    "mixing": Range(0.0, 0.2),
}
_UNSEEN: Space = {
    **_TRAIN,
    "accounts": Range(1, 8, whole=True),
    "rounds": Range(4, 40, log=True, whole=True),
    "size": Range(0.3, 12.0, log=True),
    "delay": Range(0.0005, 4.0, log=True),
    "pause": Range(0.3, 90.0, log=True),
    "shuffle": Range(0.3, 0.7),
    "star": Range(0.0, 1.0, whole=True),
    "parts": Range(1, 3, whole=True),
}
_EVASIVE: Space = {
    **_TRAIN,
    "accounts": Range(2, 8, whole=True),
    "rounds": Range(4, 16, log=True, whole=True),
    "size": Range(0.3, 1.5, log=True),
    "uneven": Range(0.2, 0.6),
    "delay": Range(0.2, 10.0, log=True),
    "pause": Range(15.0, 240.0, log=True),
    "shuffle": Range(0.5, 1.0),
    "star": Range(0.0, 1.0, whole=True),
    "parts": Range(1, 3, whole=True),
    "mixing": Range(0.2, 0.6),
}


@dataclass(frozen=True, kw_only=True)
class WashTradingSettings(SchemeSettings):
    """Parameters of wash trading.

    Attributes
    ----------
    accounts : 1 trades with itself, 2 pass shares to and fro, more pass them round a ring.
    rounds : circuits of the ring, ``pause`` seconds between two trades.
    size : size of a trade; ``uneven`` the standard deviation of its logarithm.
    delay : seconds between the two orders of a trade.
    shuffle : chance that a circuit goes round in another order.
    star : 1 where all accounts trade with the first rather than round a ring.
    parts : orders that take the resting one.
    mixing : chance of a trade with the market between two of the ring's.
    """

    scheme: ClassVar[Scheme] = Scheme.WASH_TRADING
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    accounts: int
    rounds: int
    size: float
    uneven: float
    delay: float
    pause: float
    shuffle: float
    star: int
    parts: int
    mixing: float


class WashTrading(SchemeScript[WashTradingSettings]):
    """Trades within its own accounts; it is the scheme where two trades, a fifth of its volume, stayed there."""

    scheme = Scheme.WASH_TRADING

    def __init__(self, episode: Episode, settings: WashTradingSettings, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._matched = 0
        self._matches = 0

    def people(self) -> int:
        return self.settings.accounts

    def deed(self) -> Play:
        settings = self.settings
        legs_each = max(len(self.names), 2) if len(self.names) > 1 else 1
        total = settings.rounds * legs_each
        done = 0
        for _ in range(settings.rounds):
            volume = self.shares(settings.size * float(self.rng.lognormal(0.0, settings.uneven)))
            for seller, buyer in self._circuit():
                if self.room() < SECOND // 10:
                    return
                size = max(round(volume * float(self.rng.lognormal(0.0, 0.3 * settings.uneven))), 1)
                yield from self._pass(seller, buyer, size)
                done += 1
                if self.rng.random() < settings.mixing:
                    side = 1 if self.rng.random() < 0.5 else -1
                    self.take(seller, side, max(size // 3, 1), 1)
                if done < total:
                    yield from self.rest(self.jitter(self.fit(settings.pause, 2 * (total - done))))

    def happened(self) -> bool:
        gross = sum(self.filled(order) for order in self._orders)
        return self._matches >= 2 and 2 * self._matched >= 0.2 * gross

    def facts(self) -> dict[str, float]:
        gross = sum(self.filled(order) for order in self._orders)
        return {"matches": float(self._matches), "matched_share": 2 * self._matched / max(gross, 1)}

    def _circuit(self) -> list[tuple[str, str]]:
        """Return who sells to whom in one circuit; afterwards everybody holds what they held."""
        names = list(self.names)
        if len(names) == 1:
            return [(names[0], names[0])]
        if self.rng.random() < self.settings.shuffle:
            names = [names[i] for i in self.rng.permutation(len(names))]
        if self.settings.star and len(names) > 2:
            hub, others = self.names[0], [name for name in names if name != self.names[0]]
            return [leg for other in others for leg in ((hub, other), (other, hub))]
        return list(zip(names, names[1:] + names[:1], strict=True))

    def _pass(self, seller: str, buyer: str, size: int) -> Play:
        """Let one account rest an order inside the spread and the other take it; who rests is drawn anew each time."""
        first_side = -1 if self.rng.random() < 0.5 else 1
        resting, taking = (seller, buyer) if first_side < 0 else (buyer, seller)
        yield from self.until(self.desk.now + self.fit(5.0, 8), self._gap)
        order = self._rest(resting, first_side, size)
        if not order:
            return
        yield from self.rest(self.jitter(self.fit(self.settings.delay, 8)))
        parts = self.settings.parts
        for part in range(parts):
            wanted = self.left(order) // (parts - part)
            if wanted <= 0:
                break
            before = self.filled(order)
            price = self.desk.order(order).price
            ahead = self._ahead(price, first_side)
            if ahead > 4 * size:
                break
            self.enter(taking, -first_side, price, wanted + ahead, ioc=True)
            got = self.filled(order) - before
            self._matched += got
            self._matches += got > 0
            if part + 1 < parts:
                yield from self.rest(self.jitter(self.fit(0.3, 20)))
        self.withdraw(order)

    def _gap(self) -> bool:
        """Return whether there is room inside the spread."""
        bid, ask = self.desk.best(self.symbol, 1), self.desk.best(self.symbol, -1)
        return bid > 0 and ask > 0 and ask - bid > self.desk.tick(self.symbol)

    def _rest(self, account: str, side: int, size: int) -> int:
        """Rest an order where little is ahead of it: inside the spread, or at a price it has bought or sold out."""
        tick = self.desk.tick(self.symbol)
        bid, ask = self.desk.best(self.symbol, 1), self.desk.best(self.symbol, -1)
        if not bid or not ask:
            return 0
        if self._gap():
            steps = (ask - bid) // tick
            return self.enter(account, side, bid + tick * int(self.rng.integers(1, max(steps, 2))), size)
        opposite = self.desk.depth(self.symbol, -side, 1)
        if opposite and opposite[0][1] <= 2 * size:
            return self.enter(account, side, opposite[0][0], size + opposite[0][1])
        return self.enter(account, side, self.desk.best(self.symbol, side), size)

    def _ahead(self, price: int, side: int) -> int:
        """Return the shares of others at this price or a better one of this side."""
        own = sum(
            state.left
            for state in self.desk.open_orders()
            if state.symbol == self.symbol and state.side == side and side * (state.price - price) >= 0
        )
        book = self.desk.depth(self.symbol, side, 10)
        return max(sum(shares for at, shares in book if side * (at - price) >= 0) - own, 0)
