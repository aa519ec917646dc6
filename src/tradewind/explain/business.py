"""Attribution in the words of a business: "momentum gives 30 % of the bullish signal".

A feature group pushes a forecast up (bullish) or down (bearish) by the sum of its columns' contributions. Shares are
taken on each side apart, so the bullish shares sum to 100 % and so do the bearish ones; the two sides are never netted
into one percentage, which would explode where they nearly cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.explain.attribution import Attribution

DUST = 1e-12
"""A push smaller than this, in probability, is rounding."""


@dataclass(frozen=True, kw_only=True)
class Push:
    """One group's push in probability, > 0, and its share of its side, a fraction."""

    group: str
    push: float
    share: float


@dataclass(frozen=True, kw_only=True)
class SignalShares:
    """What drives a signal.

    Attributes
    ----------
    what : what is explained, such as "AAPL on 2015-06-01".
    base, probability : the probability where nothing is known, and the forecast; for a portfolio, their mean.
    bullish, bearish : groups that push towards a rise and towards a fall, the largest first. The shares of either side
        sum to 1.
    """

    what: str
    base: float
    probability: float
    bullish: tuple[Push, ...]
    bearish: tuple[Push, ...]

    @property
    def side(self) -> str:
        """``bullish`` where the pushes together raise the forecast above the base, else ``bearish``."""
        return "bullish" if self.probability > self.base else "bearish"

    @property
    def drivers(self) -> tuple[Push, ...]:
        """The groups on the side that won."""
        return self.bullish if self.side == "bullish" else self.bearish

    @property
    def words(self) -> str:
        """Return the drivers, and what speaks against them, as sentences."""
        if not self.drivers:
            return f"{self.what}: nothing moves the forecast from its base of {self.base:.3f}."
        other = self.bearish if self.side == "bullish" else self.bullish
        against = "bearish" if self.side == "bullish" else "bullish"
        text = f"{self.what}: {_listed(self.drivers)} of the {self.side} signal."
        if other:
            total, rest = sum(p.push for p in self.drivers), sum(p.push for p in other)
            text += (
                f" Against it stands a {against} push {rest / total:.0%} as large, led by {other[0].group} "
                f"({other[0].share:.0%} of it)."
            )
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values."""
        return {**asdict(self), "side": self.side, "words": self.words}


def _listed(pushes: Sequence[Push], most: int = 3) -> str:
    parts = [f"{push.group} gives {push.share:.0%}" for push in pushes[:most]]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def signal_shares(attribution: Attribution, row: int, *, what: str) -> SignalShares:
    """Return the shares of entry ``row`` (0 to m - 1) of ``attribution``; ``what`` names it."""
    names, values = attribution.by_group()
    return _shares(
        names, values[row], base=attribution.base, probability=float(attribution.probability[row]), what=what
    )


def portfolio_shares(
    attribution: Attribution, weights: FloatArray | None = None, *, what: str = "the portfolio"
) -> SignalShares:
    """Return the shares of all rows of ``attribution`` together: pushes are added row by row.

    A group that pushes one symbol up and another down counts on both sides; nothing cancels between symbols.

    Parameters
    ----------
    weights : (m,) size of each row's position, whose sign does not matter here; equal where None.

    Raises
    ------
    ValueError : there is no row, or the weights are all zero.
    """
    if not len(attribution):
        raise ValueError("there is no row to explain")
    size = np.ones(len(attribution)) if weights is None else np.abs(weights)
    if size.sum() <= 0:
        raise ValueError("the weights of all rows are zero")
    size = size / size.sum()
    names, values = attribution.by_group()
    up = size @ np.maximum(values, 0.0)
    down = size @ np.maximum(-values, 0.0)
    return SignalShares(
        what=what,
        base=attribution.base,
        probability=float(size @ attribution.probability),
        bullish=_side(names, up),
        bearish=_side(names, down),
    )


def _shares(names: Sequence[str], values: FloatArray, *, base: float, probability: float, what: str) -> SignalShares:
    return SignalShares(
        what=what,
        base=base,
        probability=probability,
        bullish=_side(names, np.maximum(values, 0.0)),
        bearish=_side(names, np.maximum(-values, 0.0)),
    )


def _side(names: Sequence[str], push: FloatArray) -> tuple[Push, ...]:
    """Return the groups with a push on one side, with shares that sum to 1."""
    kept = [i for i in np.argsort(-push, kind="stable") if push[i] > DUST]
    total = float(push[kept].sum())
    return tuple(Push(group=names[i], push=float(push[i]), share=float(push[i]) / total) for i in kept)
