"""Plant faults in a clean panel, apart from one another, and say exactly where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from tradewind.core import Panel, UsageError
from tradewind.core.arrays import IntArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.simulator.fault_kinds import LASTING, PLANTS, Draft, Fault, FaultKind
from tradewind.data.simulator.market import SimulatedMarket
from tradewind.data.simulator.streams import Stream, stream

SPAN = 20  # no fault but a lasting one touches more bars
APART = 30
HEAD, TAIL = 60, 10  # bars at a symbol's start and end that stay clean
RATIO_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class FaultyPanel:
    """A panel with faults: ``faults`` in order of symbol and time, ``source`` (m,) the clean row of each row."""

    panel: Panel
    faults: tuple[Fault, ...]
    source: IntArray


def inject_faults(
    market: SimulatedMarket, kinds: Sequence[FaultKind | str] | None = None, *, seed: int = 0, per_kind: int = 1
) -> SimulatedMarket:
    """Return ``market`` with faults; see :func:`inject_panel_faults`.

    The true probabilities and regimes go along with the rows and stay those of the clean market, as do the ceilings.
    """
    faulty = inject_panel_faults(market.panel, kinds, seed=seed, per_kind=per_kind)
    return replace(
        market,
        panel=faulty.panel,
        faults=faulty.faults,
        probability=market.probability[faulty.source],
        observer_probability=market.observer_probability[faulty.source],
        regime=market.regime[faulty.source],
    )


def inject_panel_faults(
    panel: Panel, kinds: Sequence[FaultKind | str] | None = None, *, seed: int = 0, per_kind: int = 1
) -> FaultyPanel:
    """Plant ``per_kind`` faults of each kind.

    Parameters
    ----------
    panel : clean bars; it is left as it is.
    kinds : kinds to plant, all when None.
    seed : the same seed gives the same faults.
    per_kind : faults of each kind.

    Two faults of one symbol lie at least 30 clean bars apart; the first 60 and last 10 bars of a symbol and bars near
    a split or dividend stay clean. An unadjusted split changes every later bar of its symbol and is the symbol's last.

    Raises
    ------
    UsageError : a kind is unknown, or the panel has no room for so many faults.
    """
    wanted = _kinds(kinds)
    rng = stream(seed, Stream.FAULTS)
    slots = [slot for code in range(panel.n_symbols) for slot in _slots(panel, code)]
    places = _assign(panel, slots, [kind for kind in wanted for _ in range(per_kind)], rng)
    columns = {name: getattr(panel, name).copy() for name in ("time", "known_at", *PRICE_FIELDS)}
    draft = Draft(columns=columns, copies=np.ones(len(panel), dtype=np.int64))
    faults = [(rows.start, _plant(panel, draft, kind, rows, rng)) for kind, rows in places]
    source = np.repeat(np.arange(len(panel)), draft.copies)
    counts = np.bincount(panel.symbol_code[source], minlength=panel.n_symbols)
    planted = replace(
        panel,
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        fear=None if panel.fear is None else panel.fear[source],
        **{name: values[source] for name, values in columns.items()},
    )
    return FaultyPanel(panel=planted, faults=tuple(fault for _, fault in sorted(faults, key=_start)), source=source)


def _start(item: tuple[int, Fault]) -> int:
    return item[0]


def _kinds(kinds: Sequence[FaultKind | str] | None) -> list[FaultKind]:
    """Resolve names of kinds."""
    try:
        return list(FaultKind) if kinds is None else [FaultKind(kind) for kind in kinds]
    except ValueError as error:
        raise UsageError(str(error), field="kinds", fix=f"choose from {', '.join(FaultKind)}") from error


def _slots(panel: Panel, code: int) -> list[slice]:
    """Stretches of ``SPAN`` bars of one symbol, ``APART`` bars from the next, with no corporate action in or beside."""
    first, last = int(panel.offsets[code]), int(panel.offsets[code + 1])
    ratio = panel.adj_close[first:last] / panel.close[first:last]
    acts = np.zeros(last - first, dtype=bool)
    acts[1:] = np.abs(np.diff(ratio)) > RATIO_TOLERANCE * np.abs(ratio[:-1])
    starts = range(HEAD, last - first - TAIL - SPAN + 1, SPAN + APART)
    return [slice(first + s, first + s + SPAN) for s in starts if not acts[s - 3 : s + SPAN + 3].any()]


def _assign(
    panel: Panel, slots: list[slice], kinds: list[FaultKind], rng: np.random.Generator
) -> list[tuple[FaultKind, slice]]:
    """Give each fault a slot of its own; a lasting fault takes a symbol's last slot and all bars after it."""
    order = rng.permutation(len(slots))
    free = [slots[i] for i in order]
    places: list[tuple[FaultKind, slice]] = []
    ends: dict[int, slice] = {}
    for slot in free:
        code = int(panel.symbol_code[slot.start])
        if code not in ends or slot.start > ends[code].start:
            ends[code] = slot
    lasting, passing = [k for k in kinds if k in LASTING], [k for k in kinds if k not in LASTING]
    if len(lasting) > len(ends) or len(kinds) > len(free):
        raise UsageError(
            f"the panel has room for {len(free)} faults, of them {len(ends)} lasting ones; "
            f"{len(kinds)} and {len(lasting)} were asked for",
            field="per_kind",
            fix="ask for fewer faults or simulate more symbols or days",
        )
    for kind, code in zip(lasting, ends, strict=False):
        slot = ends[code]
        places.append((kind, slice(slot.start, int(panel.offsets[code + 1]))))
        free.remove(slot)
    return places + list(zip(passing, free, strict=False))


def _plant(panel: Panel, draft: Draft, kind: FaultKind, rows: slice, rng: np.random.Generator) -> Fault:
    """Plant one fault and describe it by the clean panel's dates."""
    done = PLANTS[kind](draft, rows, rng)
    return Fault(
        kind=kind,
        symbol=panel.symbols[int(panel.symbol_code[rows.start])],
        time=_moment(panel, done.rows.start),
        end=_moment(panel, done.rows.stop - 1),
        bars=done.rows.stop - done.rows.start,
        field=done.field,
        detail=done.detail,
    )


def _moment(panel: Panel, row: int) -> datetime:
    """Return the time of a row of the clean panel."""
    moment: datetime = panel.time[row].item()
    return moment
