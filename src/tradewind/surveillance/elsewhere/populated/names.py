"""What accounts and symbols are called: in each market otherwise."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_uppercase

from tradewind.surveillance.elsewhere.populated.dice import Dice

_HOUSES = ("ORION", "BLUE", "KESTREL", "NORD", "PACIFIC", "Harbor", "quay", "MERIDIAN", "elm", "SUMMIT", "Vega", "IBIS")

_STYLES: tuple[Callable[[Dice], str], ...] = (
    lambda dice: f"{dice.randrange(10**6):06d}",
    lambda dice: f"{dice.randrange(10**9, 10**10)}",
    lambda dice: f"ACC{dice.randrange(10**5):05d}",
    lambda dice: f"{dice.randrange(16**8):08x}",
    lambda dice: f"{dice.choice(_HOUSES)}-{dice.randrange(1000):03d}",
    lambda dice: f"{dice.choice(_HOUSES)}/{dice.choice('ABCDEFG')}{dice.randrange(10_000)}",
    lambda dice: "".join(dice.choice(ascii_uppercase) for _ in range(3)) + str(dice.randrange(10_000)),
    lambda dice: f"client_{dice.randrange(100_000)}",
)


def account_names(dice: Dice, count: int) -> tuple[str, ...]:
    """Return distinct names, of one style or of two."""
    styles = dice.sample(_STYLES, 2 if dice.chance(0.3) else 1)
    names: dict[str, None] = {}
    while len(names) < count:
        names[dice.choice(styles)(dice)] = None
    return tuple(names)


def symbol_names(dice: Dice, count: int) -> tuple[str, ...]:
    """Return distinct names of one to five letters, or of digits."""
    names: dict[str, None] = {}
    letters = dice.chance(0.8)
    while len(names) < count:
        if letters:
            name = "".join(dice.choice(ascii_uppercase) for _ in range(dice.randint(2, 5)))
        else:
            name = f"{dice.randrange(10_000):04d}"
        names[name] = None
    return tuple(names)
