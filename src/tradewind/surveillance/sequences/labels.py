"""What the accounts of a candidate really did: labels for sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.sequences.model import CLASSES
from tradewind.surveillance.truth import Planted


def sequence_labels(
    candidates: Sequence[Candidate], truth: Sequence[Planted], symbols: Names, accounts: Names
) -> IntArray:
    """Return (n,) positions in :data:`~.model.CLASSES`: the scheme its accounts were planted in, there and then.

    Whatever scheme the candidate names: the sequence of events is the same, and the net is to tell what it is. A
    planted episode counts where it names the symbol and one of the accounts and the spans meet; of several the one that
    the candidate names, else the first.
    """
    by_symbol: dict[int, list[tuple[frozenset[int], Planted]]] = {}
    for planted in truth:
        codes = frozenset(accounts.find(name) for name in planted.accounts)
        by_symbol.setdefault(symbols.find(planted.symbol), []).append((codes, planted))
    labels = np.zeros(len(candidates), dtype=np.int64)
    for row, candidate in enumerate(candidates):
        met = [
            planted.scheme
            for codes, planted in by_symbol.get(candidate.symbol, [])
            if candidate.start <= planted.end and planted.start <= candidate.end and codes & set(candidate.accounts)
        ]
        if met:
            labels[row] = CLASSES.index((candidate.scheme if candidate.scheme in met else met[0]).value)
    return labels
