"""Owners, managers and brokers, and the accounts behind which they stand."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from tradewind.surveillance.elsewhere.brokered.setting import spread_over


@dataclass(frozen=True)
class Owner:
    """Who decides for some accounts; ``weight`` is how often they trade, ``scale`` how large."""

    kind: str
    accounts: tuple[str, ...]
    weight: float
    scale: float


KINDS = (
    # kind, share of owners, fewest and most accounts, weight, scale
    ("person", 0.70, 1, 1, 1.0, 0.8),
    ("family", 0.10, 2, 3, 1.3, 0.9),
    ("manager", 0.08, 3, 9, 5.0, 1.6),
    ("broker", 0.05, 1, 2, 12.0, 1.0),
    ("desk", 0.07, 2, 5, 9.0, 1.2),
)


class People:
    """All owners of a market; some accounts are opened late and do only one thing, honest or not."""

    def __init__(self, rng: Random, accounts: int) -> None:
        self._rng = rng
        self._names: set[str] = set()
        self._form = rng.choice(("{:06x}", "{:06d}", "K{:05d}", "{:07d}", "P-{:x}"))
        self.owners: list[Owner] = []
        self.scale: dict[str, float] = {}
        room = round(accounts * 0.9)
        while room > 0:
            kind, _, fewest, most, weight, scale = rng.choices(KINDS, [k[1] for k in KINDS])[0]
            many = min(rng.randint(fewest, most), room)
            names = tuple(self.fresh() for _ in range(many))
            owner = Owner(kind, names, weight * rng.lognormvariate(0, 0.9), scale * rng.lognormvariate(0, 0.4))
            self.owners.append(owner)
            self.scale.update(dict.fromkeys(names, owner.scale))
            room -= many
        self._fresh_chance = 0.4 * min(1.0, accounts / 90)
        self._new_chance = accounts / 200_000
        self._sums = list(accumulate(owner.weight for owner in self.owners))

    def fresh(self) -> str:
        """Open an account."""
        while (name := self._form.format(self._rng.randrange(1 << 19))) in self._names:
            pass
        self._names.add(name)
        return name

    def anyone(self) -> str:
        """Return an account, the busier the likelier; now and then somebody new comes once."""
        if self._rng.random() < self._new_chance:
            return self.fresh()
        owner = self.owners[min(bisect(self._sums, self._rng.random() * self._sums[-1]), len(self.owners) - 1)]
        return self._rng.choice(owner.accounts)

    def strangers(self, count: int) -> list[str]:
        """Return accounts of different owners as far as there are enough."""
        owners = self._rng.sample(self.owners, min(count, len(self.owners)))
        return [self._rng.choice(owner.accounts) for owner in owners]

    def household(self, kind: str) -> list[str]:
        """Return the accounts of an owner of a kind, or of one who opens them for it."""
        known = [owner for owner in self.owners if owner.kind == kind and len(owner.accounts) > 1]
        if known and self._rng.random() >= 0.5 * self._fresh_chance:
            return list(self._rng.choice(known).accounts)
        return [self.fresh() for _ in range(self._rng.randint(2, 5))]

    def band(self, count: int) -> list[str]:
        """Return accounts under one hand: an owner's, friends', newly opened ones or a mixture of them."""
        rng = self._rng
        large = [owner for owner in self.owners if len(owner.accounts) >= count]
        if large and rng.random() < 0.45:
            return rng.sample(rng.choice(large).accounts, count)
        share = rng.choice((0.5, 1.0)) if rng.random() < self._fresh_chance else 0.0
        known = self.strangers(count)
        names = [known[i] if i < len(known) and rng.random() >= share else self.fresh() for i in range(count)]
        rng.shuffle(names)
        return names

    def size(self, account: str) -> float:
        """Return how large this account trades, 1 as usual."""
        return self.scale.setdefault(account, spread_over(self._rng, 0.6, 1.8))
