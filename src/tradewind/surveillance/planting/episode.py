"""One scheme to be planted in a market: its parameters, when, where and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal, Self

import numpy as np

from tradewind.core.errors import UsageError
from tradewind.surveillance.planting.space import Range, Space, draw, hull
from tradewind.surveillance.schemes import Scheme

Family = Literal["train", "unseen"]
"""Markets to learn from, and markets of other ranges and other tactics to be judged on."""


@dataclass(frozen=True, kw_only=True)
class SchemeSettings:
    """Parameters of one scheme; every one is a number, so that an adversary can search among them.

    Durations are seconds in a market of ten events a second; the script stretches them where less happens. Sizes are
    multiples of the symbol's typical order. A subclass names its scheme, and its ranges for ``train``, ``unseen`` and
    ``evasive``.
    """

    scheme: ClassVar[Scheme]
    spaces: ClassVar[Mapping[str, Space]]

    def __post_init__(self) -> None:
        whole = hull(self.spaces)
        for field in fields(self):
            value, allowed = getattr(self, field.name), whole[field.name]
            if not allowed.low <= value <= allowed.high:
                raise UsageError(
                    f"{field.name} of {self.scheme} is {value}, outside {allowed.low} to {allowed.high}",
                    field=field.name,
                    fix=f"choose a value from {allowed.low} to {allowed.high}",
                )

    @classmethod
    def space(cls, family: Family = "train", *, evasive: bool = False) -> Space:
        """Return the ranges of a family; those of evasive play are the same in both."""
        return cls.spaces["evasive" if evasive else family]

    @classmethod
    def full_space(cls) -> dict[str, Range]:
        """Return for each parameter the range that holds every allowed value."""
        return hull(cls.spaces)

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Self:
        """Return settings of these values, clipped to what is allowed; whole numbers where they are meant."""
        space = cls.full_space()
        kept: dict[str, Any] = {}
        for name, value in values.items():
            clipped = space[name].clip(value)
            kept[name] = int(clipped) if space[name].whole else clipped
        return cls(**kept)

    @classmethod
    def sample(cls, rng: np.random.Generator, family: Family = "train", *, evasive: bool = False) -> Self:
        """Draw settings from a family's ranges."""
        return cls.of(draw(cls.space(family, evasive=evasive), rng))

    def numbers(self) -> dict[str, float]:
        """Return every parameter by name."""
        return {name: float(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the accounts of a scheme trade besides, so that they are more than their deed.

    Attributes
    ----------
    orders : ordinary orders of one account over the whole market; 0 for an account that does nothing else.
    during : share of them that also comes in the deed's symbol while the deed goes on.
    background : chance that an account is one of the market's own, which goes on trading as it does.
    """

    orders: float = 0.0
    during: float = 0.0
    background: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One scheme, planted once.

    Attributes
    ----------
    settings : the scheme's parameters; their class says which scheme.
    begin : when it starts, as a share of the market's open time, in [0, 1].
    symbol : number of the symbol, taken modulo how many there are.
    crew : episodes of one number are played by the same people.
    habits : what these do besides.
    evasive : what the truth says of it.
    seed : of everything random in it.
    """

    settings: SchemeSettings
    begin: float = 0.5
    symbol: int = 0
    crew: int = 0
    habits: Habits = Habits()
    evasive: bool = False
    seed: int = 0
