"""Where the API reads what a model is asked with: the memory of this process, or the shared feature store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import IntArray
from tradewind.serving.contracts import ModelRows, ServedModel
from tradewind.serving.node.deployment import Universe
from tradewind.serving.node.making import Subjects, model_rows
from tradewind.streaming.features.blocks import WindowRows
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.features.windows import FeatureWindows

TRIES = 5


class Rows(Protocol):
    """Gives the newest window of symbols, and of which bars it is."""

    def read(self, codes: IntArray, model: ServedModel) -> tuple[Subjects, ModelRows]:
        """Return what ``model`` reads of the symbols ``codes``; UsageError names one without a bar."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class LiveRows:
    """Reads the windows that the feature service of this process fills."""

    universe: Universe
    windows: FeatureWindows

    def read(self, codes: IntArray, model: ServedModel) -> tuple[Subjects, ModelRows]:
        """Return the newest windows."""
        window, newest = self.windows.rows_now(codes, model.features, model.window)
        _all_have_bars(self.universe, codes, window)
        subjects = _subjects(self.universe, codes, newest.time, newest.known_at)
        return subjects, model_rows(window, self.universe.sectors, codes)


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredRows:
    """Reads the feature store that another process fills."""

    universe: Universe
    store: FeatureStore

    def read(self, codes: IntArray, model: ServedModel) -> tuple[Subjects, ModelRows]:
        """Return the newest windows."""
        symbols = [self.universe.symbols[code] for code in codes]
        for _ in range(TRIES):
            before = self.store.latest(symbols)
            window = self.store.window(symbols, model.window)
            after = self.store.latest(symbols)
            if [row and (row.time, row.revision) for row in before] == [
                row and (row.time, row.revision) for row in after
            ]:
                break
        _all_have_bars(self.universe, codes, window)
        place = {name: column for column, name in enumerate(self.store.names)}
        columns = [place[name] for name in model.features]
        window = WindowRows(
            history=np.ascontiguousarray(window.history[:, :, columns]),
            count=window.count,
            scale=window.scale,
            occasion=window.occasion,
        )
        rows = [row for row in after if row is not None]
        subjects = _subjects(
            self.universe, codes, np.array([row.time for row in rows]), np.array([row.known_at for row in rows])
        )
        return subjects, model_rows(window, self.universe.sectors, codes)


def _subjects(universe: Universe, codes: IntArray, time: IntArray, known_at: IntArray) -> Subjects:
    symbols: Sequence[str] = [universe.symbols[code] for code in codes]
    return Subjects(code=codes, symbol=symbols, time=time, known_at=known_at)


def _all_have_bars(universe: Universe, codes: IntArray, window: WindowRows) -> None:
    empty = np.flatnonzero(window.count == 0)
    if len(empty):
        symbol = universe.symbols[codes[empty[0]]]
        raise UsageError(
            f"{symbol} has no bar yet", field="symbol", fix="send its bars, or give --prices with its history"
        )
