"""Planned changes of the market itself: what a monitor must notice although every bar is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from tradewind.core import Settings
from tradewind.core.arrays import FloatArray, IntArray


class MarketShock(Settings):
    """One change of the market, in force for the sessions ``first`` to ``last`` (counted from 0, both included).

    Attributes
    ----------
    kind : ``volatility``: every move is ``size`` times as large (2.5: a market in panic). ``correlation``: ``size`` of
        the variance that market and sector give to a symbol is its own instead (1: symbols move alone, volatility
        unchanged); a negative size takes that share of the own variance into the market. ``rotation``: the symbols of
        the sector ``up`` rise and those of ``down`` fall with probability ``0.5 + size`` whatever the rule says.
        ``fade``: the rule's edge shrinks evenly over the span by ``size`` of itself (1: nothing is left at the end,
        2: it has turned round) and stays so afterwards; volume thins out by half of ``size`` meanwhile.
    size : see ``kind``.
    up, down : sector codes (symbol ``i`` belongs to sector ``i % sectors``); ``rotation`` only.
    """

    kind: Literal["volatility", "correlation", "rotation", "fade"]
    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]
    size: Annotated[float, Field(ge=-1.0, le=10.0)]
    up: Annotated[int, Field(ge=0)] = 0
    down: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the shock ends (session {self.last}) before it begins (session {self.first})")
        low, high = {"volatility": (0.05, 10.0), "correlation": (-1.0, 1.0), "rotation": (0.0, 0.5)}.get(
            self.kind, (0.0, 2.0)
        )
        if not low <= self.size <= high:
            raise ValueError(f"a {self.kind} shock has a size from {low:g} to {high:g}, not {self.size:g}")
        if self.kind == "rotation" and self.up == self.down:
            raise ValueError("a rotation needs two sectors, and 'up' is 'down'")
        return self

    def on(self, day: int) -> bool:
        """Return whether the shock is in force on session ``day``."""
        return self.first <= day <= self.last

    def progress(self, day: int) -> float:
        """Return how far the span has gone on session ``day``: 0 before it, 1 from its end on."""
        return float(np.clip((day - self.first + 1) / (self.last - self.first + 1), 0.0, 1.0))


def moves_scaled(shocks: Sequence[MarketShock], day: int) -> float:
    """Return by what the moves of session ``day`` are multiplied."""
    return float(np.prod([one.size for one in shocks if one.kind == "volatility" and one.on(day)]))


def volume_scaled(shocks: Sequence[MarketShock], day: int) -> float:
    """Return by what the volumes of session ``day`` are multiplied."""
    return float(np.prod([1.0 - 0.25 * one.size * one.progress(day) for one in shocks if one.kind == "fade"]))


def shared_variance(shocks: Sequence[MarketShock], day: int, share: FloatArray) -> FloatArray:
    """Return (S,) share of each symbol's variance that market and sector give on session ``day``, of its usual one."""
    for one in shocks:
        if one.kind == "correlation" and one.on(day):
            share = share * (1.0 - one.size) if one.size >= 0 else share - one.size * (1.0 - share)
    return share


def ruled(shocks: Sequence[MarketShock], day: int, probability: FloatArray, sector: IntArray) -> FloatArray:
    """Return (S,) probability of a rise after session ``day`` under the shocks in force for that move.

    ``probability`` (S,) is what the rules give, ``sector`` (S,) codes.
    """
    for one in shocks:
        if one.kind == "fade":
            probability = 0.5 + (probability - 0.5) * (1.0 - one.size * one.progress(day + 1))
        elif one.kind == "rotation" and one.on(day + 1):
            side = (sector == one.up).astype(np.float64) - (sector == one.down)
            probability = np.where(side != 0.0, 0.5 + one.size * side, probability)
    return probability
