"""The last events of a candidate's accounts, as tokens that mean the same in any market."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import AnyArray, Float32Array
from tradewind.core.errors import UsageError
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.sequences.token_kernel import advance
from tradewind.surveillance.sequences.token_layout import (
    KEPT,
    LENGTH,
    MARKS,
    MOST,
    PLACES,
    USUAL,
    WIDTH,
    Asked,
    Rings,
    Rows,
)


class TokenReader:
    """Keeps the last events of the pairs of account and symbol that were active last; 5.1 KB each.

    Parameters
    ----------
    places : pairs kept at once; beyond it one long silent goes.
    """

    def __init__(self, places: int = PLACES) -> None:
        if places < 2:
            raise UsageError(f"{places} places", field="places", fix="choose 2 at least")
        self._rings = Rings(
            events=np.zeros((places, LENGTH, KEPT), np.float32),
            times=np.zeros((places, LENGTH), np.int64),
            marks=np.zeros((places, LENGTH, MARKS), np.int64),
            state=np.zeros((places, 4), np.int64),
            of_pair=np.zeros(1024, np.int32),
            finder=np.zeros((1 << (2 * places).bit_length(), 2), np.int64),
            clock=np.zeros(2, np.int64),
            symbols=np.zeros((16, USUAL)),
            now=np.zeros((16, MARKS), np.int64),
        )

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Read the next rows; return (candidates, LENGTH, WIDTH), each from the tape up to its candidate's ``row``."""
        rows = Rows(*(np.ascontiguousarray(getattr(tape, name)) for name in Rows._fields))
        pairs = 1 + max(int(rows.pair.max(initial=-1)), int(rows.taker_pair.max(initial=-1)))
        symbols = 1 + max([int(rows.symbol.max(initial=-1)), *(c.symbol for c in candidates)])
        if pairs > len(self._rings.of_pair):
            self._rings = self._rings._replace(of_pair=_longer(self._rings.of_pair, pairs))
        if symbols > len(self._rings.symbols):
            self._rings = self._rings._replace(
                symbols=_longer(self._rings.symbols, symbols), now=_longer(self._rings.now, symbols)
            )
        accounts = np.full((len(candidates), MOST), -1, np.int64)
        for k, candidate in enumerate(candidates):
            accounts[k, : len(candidate.accounts[:MOST])] = candidate.accounts[:MOST]
        asked = Asked(
            row=np.array([c.row - tape.first_row if len(tape) else -1 for c in candidates], dtype=np.int64),
            symbol=np.array([c.symbol for c in candidates], dtype=np.int64),
            start=np.array([c.start for c in candidates], dtype=np.int64),
            accounts=accounts,
        )
        out = np.zeros((len(candidates), LENGTH, WIDTH), np.float32)
        advance(rows, self._rings, asked, out)
        return out


def _longer(array: AnyArray, length: int) -> AnyArray:
    """Return ``array`` with zeros at its end, ``length`` rows or somewhat more."""
    grown = np.zeros((1 << (length - 1).bit_length(), *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown
