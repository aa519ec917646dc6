"""Evidence that may be looked at after every observation: the wealth of somebody who bets against a hypothesis.

If the hypothesis is true, the wealth that started as 1 exceeds 1/alpha at any time ever with probability alpha at most
(Ville 1939), however often one looks and whenever one stops. Wealth is spread evenly over several bets, so that none
has to be right beforehand. With ``restarting`` it is also spread over when the hypothesis begins to fail: the part
1/(k (k+1)) is put in at look k. A long good past then does not hide a fault that begins today: it costs a factor of
about k squared in wealth, a few observations, and the guarantee stays as it is.

Sources: Shafer 2021, "Testing by betting"; Ramdas, Grünwald, Vovk and Shafer 2023, "Game-theoretic statistics and safe
anytime-valid inference"; for change points Shin, Ramdas and Rinaldo 2023, "E-detectors".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tradewind.core import InputError
from tradewind.core.arrays import FloatArray

FLOOR = -1e6
"""Logarithm below which wealth is taken for lost."""


class Bets:
    """The wealth of ``count`` bets; ``log_e`` is the logarithm of all of it, ``peak`` the largest that it ever was."""

    def __init__(self, count: int, *, restarting: bool = False) -> None:
        self.restarting, self.looks, self.peak = restarting, 0, 0.0
        self._log: FloatArray = np.full(count, FLOOR if restarting else 0.0)

    @property
    def log_e(self) -> float:
        """Logarithm of the wealth now."""
        mean = float(np.logaddexp.reduce(self._log)) - math.log(len(self._log))
        if not self.restarting:
            return mean
        return float(np.logaddexp(mean, -math.log1p(self.looks)))  # what has not been bet yet

    def update(self, gain: FloatArray) -> None:
        """Multiply the wealth of each bet by exp(``gain``) (count,): what a bet of 1 has become at this look."""
        self.looks += 1
        if self.restarting:
            self._log = np.logaddexp(self._log, -math.log(self.looks * (self.looks + 1.0)))
        self._log = np.maximum(self._log + gain, FLOOR)
        self.peak = max(self.peak, self.log_e)

    def rejects(self, alpha: float) -> bool:
        """Return whether the hypothesis is refuted: false alarms have probability ``alpha`` over all time."""
        return self.peak >= -math.log(alpha)

    @property
    def p_value(self) -> float:
        """Always-valid p-value: the smallest alpha at which the hypothesis is refuted by now."""
        return math.exp(-self.peak)

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` takes, JSON-ready."""
        return {"log": self._log.tolist(), "looks": self.looks, "peak": self.peak}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a state.

        Raises
        ------
        InputError : it is not of bets like these.
        """
        try:
            log = np.asarray(state["log"], dtype=float)
            looks, peak = int(state["looks"]), float(state["peak"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("the evidence that was kept cannot be read", field="evidence") from error
        if log.shape != self._log.shape or not np.isfinite(log).all() or looks < 0:
            raise InputError("the evidence that was kept is of another test", field="evidence")
        self._log, self.looks, self.peak = log, looks, peak
