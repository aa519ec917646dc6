"""Columns that stand for a group: from their value alone one can tell the sector, size or place of a symbol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features.slices import UNKNOWN

CLEAR = 0.25
BINS = 10
SAMPLE = 20_000
LEAST_ROWS = 50
DEALS = 20


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """How well one column tells groups of a kind apart.

    Attributes
    ----------
    uncertainty : share of the uncertainty (entropy) about the group that the column's value takes away, 0 to 1
        (Theil's U on deciles), less what it takes away on average where symbols change groups by chance.
    clear : above :data:`CLEAR`.
    """

    by: str
    column: str
    uncertainty: float
    clear: bool


def find_proxies(
    data: Dataset, rows: IntArray, by: str, group: AnyArray, *, seed: int = 7, top: int = 10
) -> list[Proxy]:
    """Return the ``top`` columns of ``data`` that tell the most about ``group`` (m,) of ``rows``, the clearest first.

    A slow column tells the symbol, and with it any group of few symbols, whatever it has to do with the group. So
    chance is what it tells of groups whose symbols are dealt anew, :data:`DEALS` times; shuffled rows would hide it.
    Groups need two symbols and :data:`LEAST_ROWS` rows to count. Empty where fewer than two groups are left.
    """
    keep = _comparable(data, rows, group)
    rows, group = rows[keep], group[keep]
    if len(np.unique(group)) < 2:
        return []
    rng = np.random.default_rng(seed)
    _, code = np.unique(group, return_inverse=True)
    dealt = _dealt(data, rows, code, rng)
    if len(rows) > SAMPLE:
        some = np.sort(rng.choice(len(rows), SAMPLE, replace=False))
        rows, code, dealt = rows[some], code[some], dealt[:, some]
    found = []
    for column, name in enumerate(data.names):
        bins = _deciles(data.features[rows, column].astype(np.float64))
        chance = float(np.mean([_uncertainty(bins, one) for one in dealt]))
        value = float(np.clip(_uncertainty(bins, code) - chance, 0.0, 1.0))
        found.append(Proxy(by=by, column=name, uncertainty=value, clear=value > CLEAR))
    return sorted(found, key=lambda proxy: (-proxy.uncertainty, proxy.column))[:top]


def _dealt(data: Dataset, rows: IntArray, code: IntArray, rng: np.random.Generator) -> IntArray:
    """(:data:`DEALS`, m) group of each row where each symbol takes another one's: of that day, else its usual one."""
    _, symbol = np.unique(data.panel.symbol_code[rows], return_inverse=True)
    _, day = np.unique(data.panel.time[rows], return_inverse=True)
    symbols = int(symbol.max()) + 1
    count = np.zeros((symbols, int(code.max()) + 1))
    np.add.at(count, (symbol, code), 1.0)
    table = np.tile(count.argmax(axis=1), (int(day.max()) + 1, 1))
    table[day, symbol] = code
    return np.stack([table[day, rng.permutation(symbols)[symbol]] for _ in range(DEALS)])


def _comparable(data: Dataset, rows: IntArray, group: AnyArray) -> AnyArray:
    names, code = np.unique(group, return_inverse=True)
    symbols = data.panel.symbol_code[rows]
    enough = np.array(
        [
            name != UNKNOWN and np.sum(code == g) >= LEAST_ROWS and len(np.unique(symbols[code == g])) >= 2
            for g, name in enumerate(names)
        ]
    )
    return enough[code]


def _deciles(values: FloatArray) -> IntArray:
    """(m,) decile of each value, missing ones in a bin of their own."""
    known = np.isfinite(values)
    out = np.full(len(values), BINS, dtype=np.int64)
    if known.any():
        edges = np.unique(np.quantile(values[known], np.linspace(0, 1, BINS + 1)[1:-1]))
        out[known] = np.searchsorted(edges, values[known], side="right")
    return out


def _uncertainty(bins: IntArray, code: IntArray) -> float:
    """Return Theil's uncertainty coefficient U(code | bins)."""
    groups = int(code.max()) + 1
    joint = np.bincount(bins * groups + code, minlength=(BINS + 1) * groups).reshape(BINS + 1, groups) / len(code)
    own, column = joint.sum(axis=0), joint.sum(axis=1)
    whole = -np.sum(own[own > 0] * np.log(own[own > 0]))
    known = joint > 0
    given = -np.sum(joint[known] * np.log((joint / np.maximum(column[:, None], 1e-300))[known]))
    return float((whole - given) / whole) if whole > 0 else 0.0
