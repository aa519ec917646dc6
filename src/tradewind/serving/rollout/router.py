"""Who gets which version: sticky, decided by a hash, and moving as few as possible when shares change."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from tradewind.core import InputError, UsageError
from tradewind.serving.contracts import Assignment
from tradewind.serving.rollout.settings import Experiment

BUCKETS = 10_000
"""Subjects fall into this many buckets; a share is a whole number of them."""
REMEMBERED = 100_000
"""Subjects whose assignment is remembered; beyond it all are worked out anew."""


def _counts(shares: Sequence[float]) -> list[int]:
    """Return whole buckets a share, BUCKETS in all: rounded down, what is left to the largest remainders."""
    exact = [share * BUCKETS for share in shares]
    found = [int(value + 1e-9) for value in exact]
    order = sorted(range(len(shares)), key=lambda arm: found[arm] - exact[arm])
    for arm in order[: BUCKETS - sum(found)]:
        found[arm] += 1
    return found


def layout(shares: Sequence[float]) -> bytes:
    """Return the arm of each bucket for ``shares``, which sum to 1."""
    if abs(sum(shares) - 1.0) > 1e-6 or min(shares) < 0:
        raise UsageError(f"shares must sum to 1 and not be negative, not {list(shares)}", field="share")
    return b"".join(bytes([arm]) * count for arm, count in enumerate(_counts(shares)))


def reshare(table: bytes, shares: Sequence[float]) -> bytes:
    """Return ``table`` changed to ``shares``; no more buckets move than the shares differ by, which is the fewest."""
    goal = _counts(shares)
    if abs(sum(shares) - 1.0) > 1e-6 or min(shares) < 0 or max(table) >= len(shares):
        raise UsageError(f"shares must sum to 1 and name every arm, not {list(shares)}", field="share")
    spare = [table.count(arm) - wanted for arm, wanted in enumerate(goal)]
    found, takers = bytearray(table), [arm for arm, extra in enumerate(spare) for _ in range(-extra)]
    place = BUCKETS
    for taker in takers:
        place -= 1
        while spare[found[place]] <= 0 or found[place] == taker:
            place -= 1
        spare[found[place]] -= 1
        found[place] = taker
    return bytes(found)


class Buckets:
    """Puts subjects into buckets by a hash with ``salt``; the same on every machine."""

    def __init__(self, salt: str) -> None:
        self._begun = blake2b(digest_size=8, salt=blake2b(salt.encode(), digest_size=16).digest())

    def of(self, subject: str) -> int:
        """Return the bucket of ``subject``."""
        hashed = self._begun.copy()
        hashed.update(subject.encode())
        return int.from_bytes(hashed.digest(), "big") % BUCKETS


class Router:
    """Assigns callers or symbols to arms; threads may share it, :meth:`choose` takes no lock.

    Parameters
    ----------
    champion : version that answers where no experiment runs.
    experiment : the experiment, if one runs.
    table : buckets as :meth:`table` gave them, where it ran before.

    Raises
    ------
    InputError : the table is not one of this experiment.
    """

    def __init__(self, champion: str, experiment: Experiment | None = None, table: bytes | None = None) -> None:
        self._champion = Assignment(model=champion)
        self._by_symbol = experiment is not None and experiment.subject == "symbol"
        self._table, self._buckets = b"", Buckets("")
        self._arms: tuple[Assignment, ...] = ()
        if experiment is not None:
            self._buckets = Buckets(f"{experiment.name}\0{experiment.salt}")
            self._arms = tuple(
                Assignment(model=arm.model, arm=arm.name, experiment=experiment.name) for arm in experiment.arms
            )
            self._table = layout(first_shares(experiment)) if table is None else table
            if len(self._table) != BUCKETS or max(self._table) >= len(self._arms):
                raise InputError("the buckets that were kept are not of this experiment", field="table")
        self._known: dict[str, Assignment] = {}

    def choose(self, caller: str, symbol: str) -> Assignment:
        """Return the version that answers ``caller`` (the id of its key) about ``symbol``."""
        known = self._known
        subject = symbol if self._by_symbol else caller
        found = known.get(subject)
        return self._assign(subject, known) if found is None else found

    def _assign(self, subject: str, known: dict[str, Assignment]) -> Assignment:
        if not self._arms:
            return self._champion
        if len(known) >= REMEMBERED:
            known.clear()
        # read after `known`: what an old table says can only be remembered in the dict that goes with it
        found = self._arms[self._table[self._buckets.of(subject)]]
        known[subject] = found
        return found

    @property
    def table(self) -> bytes:
        """The arm of each bucket; to be kept with the experiment."""
        return self._table

    def share(self, shares: Sequence[float]) -> None:
        """Change the shares of the arms; the next :meth:`choose` follows them."""
        self._table = reshare(self._table, shares)
        self._known = {}

    @property
    def shares(self) -> dict[str, float]:
        """The share of each arm by name."""
        return {arm.arm: self._table.count(place) / BUCKETS for place, arm in enumerate(self._arms)}


def first_shares(experiment: Experiment) -> tuple[float, ...]:
    """Return the shares with which ``experiment`` begins."""
    if experiment.kind == "ab":
        return tuple(arm.share for arm in experiment.arms)
    if experiment.kind == "canary":
        return 1.0 - experiment.ramp.shares[0], experiment.ramp.shares[0]
    return (1.0, *(0.0 for _ in experiment.arms[1:]))
