"""What was written into the log from files, remembered beside it."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.core.files import atomic_path
from tradewind.streaming.seeding.witness import Witness

logger = logging.getLogger(__name__)

FILE = "seeded.npz"
FORMAT = 1


def _none(kind: type) -> AnyArray:
    return np.empty(0, dtype=kind)


@dataclass(frozen=True, kw_only=True, eq=False)
class Marker:
    """Bars and items that lie in the log.

    Attributes
    ----------
    symbols : sorted names.
    code, time : (n,) int64 place in ``symbols`` and microseconds of each bar, by symbol, then time; each once.
    digest : (n,) uint64 of its other values. adj_close : (n,) float64 as written.
    items : (m,) uint64 digests of news, sorted.
    witness : a message by which the log is recognised; None before anything was written.
    """

    symbols: tuple[str, ...] = ()
    code: IntArray = field(default_factory=lambda: _none(np.int64))
    time: IntArray = field(default_factory=lambda: _none(np.int64))
    digest: AnyArray = field(default_factory=lambda: _none(np.uint64))
    adj_close: FloatArray = field(default_factory=lambda: _none(np.float64))
    items: AnyArray = field(default_factory=lambda: _none(np.uint64))
    witness: Witness | None = None

    def over(self, names: tuple[str, ...]) -> Marker:
        """Return the same with ``names`` among its symbols."""
        symbols = tuple(sorted({*self.symbols, *names}))
        place = {name: code for code, name in enumerate(symbols)}
        codes = np.array([place[name] for name in self.symbols], dtype=np.int64)
        return replace(self, symbols=symbols, code=codes[self.code] if len(codes) else self.code)

    def of(self, code: int) -> slice:
        """Return the rows of a symbol."""
        first, last = np.searchsorted(self.code, [code, code + 1])
        return slice(int(first), int(last))

    def with_bars(self, code: IntArray, time: IntArray, digest: AnyArray, adj_close: FloatArray) -> Marker:
        """Return the same with bars that were written since; one of a known key takes the place of the former."""
        new = {"code": code, "time": time, "digest": digest, "adj_close": adj_close}
        joined = {name: np.concatenate([getattr(self, name), values]) for name, values in new.items()}
        order = np.lexsort((np.arange(len(joined["code"])), joined["time"], joined["code"]))
        symbol, moment = joined["code"][order], joined["time"][order]
        last = np.ones(len(order), dtype=bool)
        last[:-1] = (symbol[1:] != symbol[:-1]) | (moment[1:] != moment[:-1])
        kept = {name: values[order[last]] for name, values in joined.items()}
        return Marker(symbols=self.symbols, items=self.items, witness=self.witness, **kept)

    def with_items(self, digests: AnyArray) -> Marker:
        """Return the same with items that were written since."""
        return replace(self, items=np.union1d(self.items, digests))

    def save(self, folder: Path) -> None:
        """Write it, whole or not at all, and onto the disk; OutputError where that fails."""
        about = {"format": FORMAT, "witness": None if self.witness is None else vars(self.witness)}
        with atomic_path(folder / FILE) as draft, draft.open("wb") as out:
            np.savez(
                out,
                about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
                symbols=np.array(self.symbols, dtype=np.str_),
                code=self.code,
                time=self.time,
                digest=self.digest,
                adj_close=self.adj_close,
                items=self.items,
            )
            out.flush()
            os.fsync(out.fileno())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return what is remembered in ``folder``; nothing where there is none, or it is damaged.

        Writing everything again is always right, for a record that is repeated has no effect.
        """
        path = folder / FILE
        try:
            with path.open("rb") as source, np.load(source, allow_pickle=False) as arrays:
                about = json.loads(arrays["about"].tobytes())
                if about["format"] != FORMAT:
                    return cls()
                names = ("code", "time", "digest", "adj_close", "items")
                witness = None if about["witness"] is None else Witness(**about["witness"])
                symbols = tuple(str(name) for name in arrays["symbols"])
                return cls(symbols=symbols, witness=witness, **{name: arrays[name] for name in names})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            logger.warning("%s cannot be read (%s); the history is written again", path, error)
            return cls()
