"""Features of a symbol's own bars, updated from its newest bar alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.features.calendar import month_turns
from tradewind.features.online.memory import check_state, fingerprint
from tradewind.features.online.own_forms import CALENDAR, MOMENTUM, PRICE, REVERSAL, TREND, Form
from tradewind.features.online.own_forms_moves import VOLATILITY, VOLUME
from tradewind.features.online.own_kernel import Memory, run_logs, run_rows
from tradewind.features.online.own_plan import DAY, N_INPUTS, Plan
from tradewind.features.online.own_scale import run_scale, scale_memory
from tradewind.features.online.protocol import Slice, State

_FORMS: dict[str, Form] = {**TREND, **MOMENTUM, **REVERSAL, **VOLATILITY, **VOLUME, **PRICE, **CALENDAR}
_DAY = 86_400_000_000  # microseconds
_PRICES = ("open", "high", "low", "close", "adj_close", "volume")


def online_names() -> tuple[str, ...]:
    """Return the names of the own-bar features that have an online form."""
    return tuple(_FORMS)


class OwnBars:
    """Own-bar features of a universe of ``n_symbols``, in the order of ``names``.

    Fed with every slice of a panel, the values equal ``Feature.compute`` on the panel (float64, infinite as NaN) to the
    last bit, but for features that end in a logarithm (``dollar_volume_20``, ``amihud_20``: the last digit), and the
    scale equals ``models.past.return_scale``. Only what ``names`` need is kept and computed; memory does not grow.

    Raises
    ------
    UsageError : a name has no online form.
    """

    def __init__(self, names: Sequence[str], n_symbols: int) -> None:
        unknown = [name for name in names if name not in _FORMS]
        if unknown:
            raise UsageError(f"feature {unknown[0]!r} has no online form", fix="choose among online_names()")
        self.names = tuple(names)
        plan = Plan()
        self._columns = np.array([_FORMS[name](plan) for name in self.names], dtype=np.int64)
        self._program, self._log_program = plan.program(), plan.log_program()
        self._one_more = np.array([more for _, more in plan.logs], dtype=bool)
        self._halves = plan.halves()
        capacity = np.array(plan.capacity, dtype=np.int64)
        self._other_halves = self._halves + np.repeat(capacity, capacity)
        self._memory = Memory(
            ring=np.full((n_symbols, plan.width), np.nan),
            missing=np.full((n_symbols, len(plan.capacity)), -1, dtype=np.int64),
            slot=np.zeros((n_symbols, plan.slots)),
            seen=np.zeros(n_symbols, dtype=np.int64),
        )
        self._scale = scale_memory(n_symbols)
        self._n_symbols = n_symbols
        self._mark = fingerprint("own", self.names, n_symbols)

    def advance(self, part: Slice) -> tuple[FloatArray, FloatArray]:
        """Take in the next slice and return its values (k, q) and its scale (k,), both float64.

        Slices come in order of time. ValueError where a code is not of the universe; nothing is changed then.
        """
        code = np.array(part.code, dtype=np.int64)
        k = code.size
        if k and (code.min() < 0 or code.max() >= self._n_symbols):
            raise ValueError(f"codes of slice {part.time} must lie within 0 to {self._n_symbols - 1}")
        inputs = np.empty((N_INPUTS, k))
        for row, name in enumerate(_PRICES):
            inputs[row] = getattr(part, name)
        inputs[DAY:] = np.array(_calendar(part.time // _DAY))[:, None]
        logs = np.empty((self._one_more.size, k))
        if logs.size:
            self._take_logs(code, inputs, logs)
        values, scale = np.empty((k, len(self.names))), np.empty(k)
        run_rows(self._program, self._memory, code, (inputs, logs), self._columns, values)
        run_scale(self._scale, code, inputs[4], scale)
        return values, scale

    def _take_logs(self, code: AnyArray, inputs: FloatArray, logs: FloatArray) -> None:
        run_logs(self._log_program, self._memory, code, inputs, logs)
        with np.errstate(divide="ignore", invalid="ignore"):
            for row, one_more in zip(logs, self._one_more, strict=True):
                (np.log1p if one_more else np.log)(row, out=row)

    def snapshot(self) -> State:
        """Return a copy of the memory as named arrays."""
        memory, scale = self._memory, self._scale
        held = {"missing": memory.missing, "slot": memory.slot, "seen": memory.seen}
        held |= {"squares": scale.squares, "counts": scale.counts, "previous": scale.previous}
        state: dict[str, AnyArray] = {"fingerprint": self._mark, **held}
        return {name: array.copy() for name, array in state.items()} | {"ring": memory.ring[:, self._halves]}

    def restore(self, state: State) -> None:
        """Go back to a memory that :meth:`snapshot` gave; ValueError where it is of other features or symbols."""
        check_state(state, self._mark)
        memory, scale = self._memory, self._scale
        memory.ring[:, self._halves] = memory.ring[:, self._other_halves] = state["ring"]
        for name, array in (("missing", memory.missing), ("slot", memory.slot), ("seen", memory.seen)):
            array[...] = state[name]
        for name, array in (("squares", scale.squares), ("counts", scale.counts), ("previous", scale.previous)):
            array[...] = state[name]
        scale.seen[...] = state["seen"]


@lru_cache(maxsize=64)
def _calendar(day: int) -> tuple[float, float, float, float]:
    """Return the day since 1970, the day of the week, whether the month turns, and the month."""
    date = np.array([day], dtype=np.int64).astype("datetime64[D]")
    month = int(date.astype("datetime64[M]").astype(np.int64)[0]) % 12 + 1
    return float(day), float((day + 3) % 7), float(month_turns(date)[0]), float(month)
