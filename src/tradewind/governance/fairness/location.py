"""Where a symbol is listed, as far as its name tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import AnyArray

HOME = "no suffix"
_SUFFIXES = {
    "AS": "Amsterdam", "AX": "Australia", "BE": "Berlin", "BO": "Mumbai", "BR": "Brussels", "CO": "Copenhagen",
    "DE": "Germany", "F": "Germany", "HE": "Helsinki", "HK": "Hong Kong", "IR": "Dublin", "IS": "Istanbul",
    "JK": "Jakarta", "JO": "Johannesburg", "KL": "Kuala Lumpur", "KQ": "Korea", "KS": "Korea", "L": "London",
    "LS": "Lisbon", "MC": "Madrid", "MI": "Milan", "MX": "Mexico", "NS": "Mumbai", "NZ": "New Zealand", "OL": "Oslo",
    "PA": "Paris", "SA": "Sao Paulo", "SI": "Singapore", "SS": "Shanghai", "ST": "Stockholm", "SW": "Zurich",
    "SZ": "Shenzhen", "T": "Tokyo", "TA": "Tel Aviv", "TO": "Toronto", "TW": "Taiwan", "V": "Toronto", "VI": "Vienna",
}  # fmt: skip


def locations(symbols: Sequence[str]) -> AnyArray:
    """(S,) place of listing by the suffix data vendors put after a dot (``VOD.L``); :data:`HOME` without a known one.

    A share class (``BRK.B``) is no place and is not taken for one.
    """
    found = [_SUFFIXES.get(symbol.rpartition(".")[2], HOME) if "." in symbol else HOME for symbol in symbols]
    return np.array(found, dtype=str)
