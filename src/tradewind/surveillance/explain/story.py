"""What a chain of evidence is made of: steps in time, tables, roles, and the numbers the words rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_STEPS = 24
"""Steps told one by one; of more, the first and the last are kept and those between evenly."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One link of the chain.

    Attributes
    ----------
    time : nanoseconds. ``seq`` : the venue's sequence number, -1 where it sums several events up.
    who : the account's name; empty where it is the market's doing.
    what : what happened, with its numbers. ``why`` : what it means in this scheme.
    order : order id, 0 where there is none.
    """

    time: int
    seq: int
    who: str
    what: str
    why: str
    order: int = 0


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A small table of words; the first ``left`` columns are names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    left: int = 1


@dataclass(frozen=True, kw_only=True)
class Story:
    """What the events say in the light of one scheme.

    Attributes
    ----------
    summary : sentences. ``steps`` in time order. ``roles`` : account name -> part it played.
    facts : the numbers the sentences give, by name, so that they can be checked against the events.
    left_out : steps that were not told one by one.
    """

    summary: tuple[str, ...]
    steps: tuple[Step, ...]
    roles: Mapping[str, str]
    facts: Mapping[str, float]
    grids: tuple[Grid, ...] = ()
    left_out: int = field(default=0)


def thinned(steps: Sequence[Step]) -> tuple[tuple[Step, ...], int]:
    """Return at most :data:`MOST_STEPS` steps in time order, and how many were left out."""
    ordered = sorted(steps, key=lambda step: (step.time, step.seq))
    if len(ordered) <= MOST_STEPS:
        return tuple(ordered), 0
    last, most = len(ordered) - 1, MOST_STEPS - 1
    kept = sorted({round(i * last / most) for i in range(MOST_STEPS)})
    return tuple(ordered[i] for i in kept), len(ordered) - len(kept)


def told(
    record_summary: Sequence[str],
    steps: Sequence[Step],
    roles: Mapping[str, str],
    facts: Mapping[str, float],
    grids: Sequence[Grid] = (),
) -> Story:
    """Return a story with its steps in order and few enough to read."""
    kept, left_out = thinned(steps)
    return Story(
        summary=tuple(record_summary), steps=kept, roles=roles, facts=facts, grids=tuple(grids), left_out=left_out
    )


def count_of(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun in the right number."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def names_of(names: Sequence[str], most: int = 4) -> str:
    """Return names as a sentence lists them."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "nobody"
