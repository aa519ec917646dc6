"""Ranges of parameters: what a trial may try."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import optuna

Value: TypeAlias = float | int | str


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from ``low`` to ``high``, both included; even in logarithms with ``log``; whole with ``step``."""

    low: float
    high: float
    log: bool = False
    step: int | None = None

    def suggest(self, trial: optuna.Trial, name: str) -> None:
        """Let ``trial`` choose a number and call it ``name``."""
        if self.step is None:
            trial.suggest_float(name, self.low, self.high, log=self.log)
        else:
            trial.suggest_int(name, int(self.low), int(self.high), step=1 if self.log else self.step, log=self.log)

    def nearest(self, value: Value) -> Value:
        """Return the number of the range nearest to ``value``."""
        return self._at(min(max(self._place(float(value)), 0.0), 1.0))

    def grid(self, points: int) -> tuple[Value, ...]:
        """Return up to ``points`` numbers, evenly from end to end."""
        return tuple(dict.fromkeys(self._at(float(place)) for place in np.linspace(0.0, 1.0, points)))

    def moved(self, value: Value, by: float) -> Value:
        """Return ``value`` moved by the share ``by`` of the range.

        A value outside the range may stay outside on its side, but moves no further away from it.
        """
        place = self._place(float(value))
        return self._at(min(max(place + by, min(place, 0.0)), max(place, 1.0)))

    def _place(self, value: float) -> float:
        low, high = self._scaled(self.low), self._scaled(self.high)
        return (self._scaled(value) - low) / (high - low)

    def _at(self, place: float) -> Value:
        low, high = self._scaled(self.low), self._scaled(self.high)
        value = low + place * (high - low)
        value = math.exp(value) if self.log else value
        if 0.0 <= place <= 1.0:
            value = min(max(value, self.low), self.high)
        if self.step is None:
            return value
        step = 1 if self.log else self.step
        return int(self.low + step * round((value - self.low) / step))

    def _scaled(self, value: float) -> float:
        return math.log(max(value, self.low * 1e-3)) if self.log else value


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of ``options``."""

    options: tuple[str, ...]

    def suggest(self, trial: optuna.Trial, name: str) -> None:
        """Let ``trial`` choose an option and call it ``name``."""
        trial.suggest_categorical(name, self.options)

    def nearest(self, value: Value) -> Value:
        """Return ``value``, or the first option where it is none of them."""
        return value if value in self.options else self.options[0]

    def grid(self, points: int) -> tuple[Value, ...]:
        """Return every option, whatever ``points`` says."""
        del points
        return self.options


Space: TypeAlias = Mapping[str, Range | Choice]
