"""Who the orders belong to: members of different weight and taste, and people who join for business of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from tradewind.surveillance.elsewhere.reactive.venue import Venue


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One account of the crowd.

    ``lean`` : the side it is on today, or none; ``scale`` and ``favourites`` : what sizes it likes; ``hours`` : the
    part of the session in which it acts.
    """

    name: str
    lean: float = 0.0
    scale: float = 1.0
    favourites: tuple[float, ...] = ()
    hours: tuple[float, float] = (0.0, 1.0)


@dataclass
class Members:
    """Deals orders out: taking and placing, by symbol, follow different weights."""

    venue: Venue
    _all: list[Member] = field(default_factory=list)
    _takers: list[list[float]] = field(default_factory=list)
    _placers: list[list[float]] = field(default_factory=list)
    _joined: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        world, draws = self.venue.world, self.venue.draws
        peculiar = world.tastes
        busy = [1.0 / (place + 1) ** world.zipf for place in range(world.members)]
        taste = [draws.random() if draws.yes(peculiar) else 0.5 for _ in busy]
        if draws.yes(0.4):
            taste = [float(t > 0.5) if draws.yes(peculiar) else t for t in taste]
        self._all = [self._member(name) for name in world.names[: world.members]]
        self._spare = iter(world.names[world.members :])
        for _ in world.papers:
            here = [b * (draws.wide(0.02, 4) if draws.yes(peculiar) else 1.0) for b in busy]
            self._takers.append(list(accumulate(w * t + 1e-9 for w, t in zip(here, taste, strict=True))))
            self._placers.append(list(accumulate(w * (1 - t) + 1e-9 for w, t in zip(here, taste, strict=True))))

    def _member(self, name: str) -> Member:
        draws, peculiar = self.venue.draws, self.venue.world.tastes
        begins = draws.uniform(0.0, 0.7)
        return Member(
            name=name,
            lean=draws.choice([0.0, draws.uniform(-1, 1)]) if draws.yes(peculiar) else 0.0,
            scale=draws.wide(0.4, 2.5) if draws.yes(peculiar) else 1.0,
            favourites=tuple(draws.wide(0.3, 5) for _ in range(draws.randint(1, 3))) if draws.yes(peculiar / 3) else (),
            hours=(begins, draws.uniform(begins + 0.1, 1.0)) if draws.yes(peculiar / 3) else (0.0, 1.0),
        )

    def taker(self, symbol: int, side: int) -> Member:
        """Draw who takes."""
        return self._draw(self._takers[symbol], side)

    def placer(self, symbol: int, side: int) -> Member:
        """Draw who places an order."""
        return self._draw(self._placers[symbol], side)

    def _draw(self, weights: list[float], side: int) -> Member:
        draws, venue = self.venue.draws, self.venue
        found = self._all[0]
        share = min(0.003 * len(self._joined), 0.25)
        for _ in range(3):
            if self._joined and draws.random() < share:
                found = draws.choice(self._joined)
            else:
                found = draws.choices(self._all, cum_weights=weights)[0]
            place = venue.now % venue.session / venue.session
            if found.hours[0] <= place <= found.hours[1] and draws.random() < 0.5 + 0.5 * side * found.lean:
                break
        return found

    def size(self, symbol: int, who: Member) -> int:
        """Draw the size of an order."""
        draws = self.venue.draws
        if who.favourites and draws.random() < 0.8:
            return max(round(draws.choice(who.favourites) * self.venue.paper(symbol).unit), 1)
        tail = self.venue.world.sizes
        return self.venue.shares(symbol, who.scale * 0.6 * draws.heavy(tail, 40.0))

    def usual(self, symbol: int) -> int:
        """Draw the size of an order of nobody in particular."""
        return self.venue.shares(symbol, 0.6 * self.venue.draws.heavy(self.venue.world.sizes, 40.0))

    # ----------------------------------------------------------------------------------------- people for a business
    def newcomer(self) -> str:
        """Return a name that nobody has used; a member's once there are none left."""
        return next(self._spare, None) or self.venue.draws.choice(self._all).name

    def somebody(self) -> str:
        """Choose whoever has a business: a busy member, any member, or somebody new with other business or without.

        Honest and other business is given to people in the same way.
        """
        draws = self.venue.draws
        what = draws.random()
        if what < 0.25:
            return draws.choices(self._all, cum_weights=self._takers[0])[0].name
        if what < 0.55:
            return draws.choice(self._all).name
        name = self.newcomer()
        if draws.yes(0.75):
            member = self._member(name)
            self._joined.extend([member] * draws.whole(1, 12))
        return name

    def some(self, least: int, most: int) -> list[str]:
        """Choose ``least`` to ``most`` people."""
        wanted = self.venue.draws.randint(least, most)
        chosen = dict.fromkeys(self.somebody() for _ in range(wanted))
        for _ in range(50):
            if len(chosen) >= wanted:
                break
            chosen[self.newcomer()] = None
        return list(chosen)

    def other(self, *than: str) -> str:
        """Choose somebody else."""
        for _ in range(30):
            found = self.somebody()
            if found not in than:
                return found
        return self.newcomer()
