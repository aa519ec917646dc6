"""From the members' Shapley values to the ensemble's, through every link between them and its probability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import factorial

import numpy as np
from scipy.special import expit

from tradewind.core.arrays import FloatArray
from tradewind.explain.shapley.part import MemberShap, settled
from tradewind.models.combine import VOTE_TIE, Combiner

Link = Callable[[FloatArray], FloatArray]
NEAR = 1e-4
"""Differences from the base below it are carried by the link's derivative."""
COALITIONS_AT_ONCE = 2**20
"""Coalitions of members whose worth is held at one time, of all rows together: 8 MiB."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Joined:
    """Shapley values of the ensemble's joined log odds.

    Attributes
    ----------
    base : joined log odds where nothing is known of a row.
    log_odds : (m,) joined log odds of the rows.
    members : by member, (m, q) its part of ``log_odds - base``.
    """

    base: float
    log_odds: FloatArray
    members: Mapping[str, FloatArray]

    @property
    def values(self) -> FloatArray:
        """(m, q) sum over the members."""
        total: FloatArray = np.sum(list(self.members.values()), axis=0)
        return total


def carried(link: Link, values: FloatArray, base: float, output: FloatArray, *, stepped: bool = False) -> FloatArray:
    """Return Shapley values (m, q) of ``link(output)`` from those of ``output`` (m,), which start from ``base``.

    The rescale rule: every value is multiplied by ``(link(output) - link(base)) / (output - base)``, by the derivative
    where the two are nearly equal (DeepLIFT: Shrikumar et al. 2017; for Shapley values through a series of models:
    Chen, Lundberg and Lee 2022). It is exact where ``link`` is a line; for one that never falls no value changes sign.

    Across a step that factor has no bound. Where ``link`` is ``stepped`` the positive values together and the negative
    ones together are therefore two players, each with its exact Shapley value (DeepLIFT's RevealCancel).
    """
    if stepped:
        return _revealed(link, values, base, output)
    ends = link(np.concatenate([[base, base - NEAR, base + NEAR], output]))
    slope = (ends[2] - ends[1]) / (2.0 * NEAR)
    away = output - base
    far = np.abs(away) > NEAR
    reached = ends[3:] - ends[0]
    factor = np.where(far, reached / np.where(far, away, 1.0), slope)
    return settled(values * factor[:, None], reached)


def _revealed(link: Link, values: FloatArray, base: float, output: FloatArray) -> FloatArray:
    up, down = np.maximum(values, 0.0), np.minimum(values, 0.0)
    rise, fall = up.sum(axis=1), down.sum(axis=1)
    start, high, low, end = link(np.full(len(values), base)), link(base + rise), link(base + fall), link(output)
    gain = 0.5 * (high - start + end - low)
    loss = 0.5 * (low - start + end - high)
    factors = [
        np.where(size != 0.0, part / np.where(size != 0.0, size, 1.0), 0.0)
        for part, size in ((gain, rise), (loss, fall))
    ]
    return settled(up * factors[0][:, None] + down * factors[1][:, None], end - start)


def join(combiner: Combiner, parts: Mapping[str, MemberShap]) -> Joined:
    """Return the Shapley values of the joined log odds of ``parts``, one for each member of ``combiner``.

    A member's values are carried to its calibrated log odds and multiplied by its weight; the sum over the members is
    exact for a weighted sum. In a vote a member's share is its exact Shapley value among the members.
    """
    own = {name: _calibrated(combiner, name, parts[name]) for name in combiner.names}
    base = np.array([own[name].base for name in combiner.names])
    logits = np.stack([own[name].output for name in combiner.names])
    start = float(combiner.joined_log_odds(base[:, None])[0])
    if combiner.settings.method == "vote":
        members = _vote(own, logits, base)
    else:
        pairs = zip(own.items(), combiner.joining, strict=True)
        members = {name: weight * part.values for (name, part), weight in pairs}
    return Joined(base=start, log_odds=combiner.joined_log_odds(logits), members=members)


def to_probability(combiner: Combiner, joined: Joined, probability: FloatArray) -> tuple[float, FloatArray]:
    """Return (base, values (m, q)) in the ensemble's ``probability`` (m,), to which they sum exactly."""
    link = combiner.final_probability
    base = float(link(np.array([joined.base]))[0])
    values = carried(link, joined.values, joined.base, joined.log_odds, stepped=combiner.final_stepped)
    return base, settled(values, probability - base)


def _calibrated(combiner: Combiner, name: str, part: MemberShap) -> MemberShap:
    """Return ``part`` carried to the log odds of the member's calibrated forecast."""

    def link(output: FloatArray) -> FloatArray:
        return combiner.member_log_odds(name, expit(output) if part.scale == "log_odds" else output)

    values = carried(link, part.values, part.base, part.output, stepped=combiner.member_stepped(name))
    ends = link(np.concatenate([[part.base], part.output]))
    return replace(part, values=values, base=float(ends[0]), output=ends[1:], scale="log_odds")


def _vote(own: Mapping[str, MemberShap], logits: FloatArray, base: FloatArray) -> dict[str, FloatArray]:
    """Return each member's part of the vote: of the mean sign, which is a sum, and of what settles ties."""
    ties = _tie_shares(logits, base)
    members = {}
    for place, (name, part) in enumerate(own.items()):
        signs = carried(np.sign, part.values, part.base, part.output, stepped=True) / len(own)
        away = part.output - part.base
        some = np.abs(away) > 1e-9
        factor = np.where(some, ties[place] / np.where(some, away, 1.0), 0.0)
        members[name] = signs + part.values * factor[:, None]
    return members


def _tie_shares(logits: FloatArray, base: FloatArray) -> FloatArray:
    """Return (members, m) exact Shapley values among the members of the tie-breaking part of a vote."""
    step = max(1, COALITIONS_AT_ONCE >> len(base))
    parts = [_ties_of(logits[:, i : i + step], base) for i in range(0, max(1, logits.shape[1]), step)]
    return np.concatenate(parts, axis=1)


def _ties_of(logits: FloatArray, base: FloatArray) -> FloatArray:
    count, m = logits.shape
    away = logits - base[:, None]
    sums = np.zeros((2**count, m))
    for coalition in range(1, 2**count):
        lowest = (coalition & -coalition).bit_length() - 1
        sums[coalition] = sums[coalition & (coalition - 1)] + away[lowest]
    worth = VOTE_TIE * np.tanh((base.sum() + sums) / count)
    every = np.arange(2**count)
    sizes = np.array([int(coalition).bit_count() for coalition in every])
    share = np.array([factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)])
    values = np.empty((count, m))
    for member in range(count):
        without = every[(every >> member) & 1 == 0]
        values[member] = share[sizes[without]] @ (worth[without | (1 << member)] - worth[without])
    return values
