"""Are the rows that were given online those of the batch definitions? Compared row by row, feature by feature."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tradewind.core import News, Panel
from tradewind.core import page as frame
from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tradewind.core.files import write_json_file, write_text
from tradewind.features import compute_features
from tradewind.features.text.protocol import TextScorer
from tradewind.streaming.features.stores.protocol import FeatureStore, blocks

Verdict = Literal["equal", "differs", "nothing to compare"]
MOST_EXAMPLES = 20
TOLERANCE = 1e-6
"""Both sides are float32, which holds about seven digits: equal to 1e-9 before rounding leaves 1.2e-7 after it."""

LEAST = 1e-6
"""Usual size below which a feature is taken for what rounding leaves of nothing."""


@dataclass(frozen=True, kw_only=True)
class FeatureParity:
    """One feature: differences where both sides have a value, relative to the batch value, or to the feature's usual
    size where that is larger: values near zero are what cancelled out, and those of some features are all small.

    ``beyond`` counts rows whose difference is above the tolerance, ``nan_mismatches`` rows where one side alone has a
    value; ``worst`` names the row of the largest difference.
    """

    name: str
    max_difference: float
    mean_difference: float
    beyond: int
    nan_mismatches: int
    worst: str


@dataclass(frozen=True, kw_only=True)
class ParityReport:
    """Online rows beside batch rows of the span ``start <= time < stop``.

    ``missing`` rows are in the panel and not in the store, ``extra`` rows the other way round; examples name some.
    """

    start: str
    stop: str
    tolerance: float
    compared: int
    missing: int
    extra: int
    missing_examples: tuple[str, ...]
    extra_examples: tuple[str, ...]
    features: tuple[FeatureParity, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether all rows are there and equal."""
        if self.missing or self.extra or any(one.beyond or one.nan_mismatches for one in self.features):
            return "differs"
        return "equal" if self.compared else "nothing to compare"

    def to_dict(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {"verdict": self.verdict, **asdict(self)}

    def page(self) -> str:
        """Return it as one HTML page that needs no other file."""
        worst = sorted(self.features, key=lambda one: (-one.beyond - one.nan_mismatches, -one.max_difference))
        return frame.render("tradewind.streaming.features", "parity.html.j2", report=self, features=worst)

    def write(self, folder: str | Path, name: str = "parity") -> tuple[Path, Path]:
        """Write ``<name>.json`` and ``<name>.html`` to ``folder``; return their paths."""
        place = Path(folder)
        return write_json_file(place / f"{name}.json", self.to_dict()), write_text(place / f"{name}.html", self.page())


def parity_report(
    store: FeatureStore,
    panel: Panel,
    news: News | None = None,
    *,
    span: tuple[int | None, int | None] = (None, None),
    tolerance: float = TOLERANCE,
    scorer: TextScorer | None = None,
) -> ParityReport:
    """Compare the rows in ``store`` with the batch definitions on ``panel`` and ``news``.

    Parameters
    ----------
    store : rows that were given online.
    panel : the bars as they are known now, from the first one the online features were fed with: those before the span
        are what features look back on.
    span : (start, stop) in microseconds UTC; rows with ``start <= time < stop`` are compared. None: the panel's.
    tolerance : largest difference that counts as equal, relative as in :class:`FeatureParity`.
    """
    time = panel.time.astype("datetime64[us]").astype(np.int64)
    start, stop = span
    first = int(time.min()) if start is None and len(time) else start or 0
    last = int(time.max()) + 1 if stop is None and len(time) else stop or 0
    batch = _Batch(store, panel, compute_features(panel, news, names=store.names, scorer=scorer).values, (first, last))
    tally = _Tally(batch.usual, tolerance)
    missing, extra = _Rows(store.symbols), _Rows(store.symbols)
    seen = set()
    for block in blocks(store, start=first, stop=last):
        seen.add(block.time)
        code, expected = batch.at(block.time)
        place = np.minimum(np.searchsorted(block.code, code), max(len(block) - 1, 0))
        held = block.code[place] == code if len(block) else np.zeros(len(code), dtype=bool)
        missing.add(block.time, code[~held])
        extra.add(block.time, block.code[~np.isin(block.code, code)])
        tally.add(block.time, code[held], block.values[place[held]], expected[held])
    for moment in sorted(batch.times - seen):
        missing.add(moment, batch.at(moment)[0])
    return ParityReport(
        start=_iso(first),
        stop=_iso(last),
        tolerance=tolerance,
        compared=tally.rows,
        missing=missing.count,
        extra=extra.count,
        missing_examples=tuple(missing.examples),
        extra_examples=tuple(extra.examples),
        features=tally.features(store.names, store.symbols),
    )


class _Batch:
    """Rows of the batch definitions by time, with codes of the store's universe."""

    def __init__(self, store: FeatureStore, panel: Panel, values: Float32Array, span: tuple[int, int]) -> None:
        place = {symbol: code for code, symbol in enumerate(store.symbols)}
        code = np.array([place.get(symbol, -1) for symbol in panel.symbols], dtype=np.int64)[panel.symbol_code]
        time = panel.time.astype("datetime64[us]").astype(np.int64)
        rows = np.flatnonzero((code >= 0) & (time >= span[0]) & (time < span[1]))
        self._rows = rows[np.lexsort((code[rows], time[rows]))]
        self._time, self._code, self._values = time[self._rows], code[self._rows], values
        self.times = set(np.unique(self._time).tolist())
        self.usual = np.array([_usual(values[self._rows, j]) for j in range(values.shape[1])])

    def at(self, time: int) -> tuple[IntArray, Float32Array]:
        a, b = np.searchsorted(self._time, [time, time + 1])
        return self._code[a:b], self._values[self._rows[a:b]]


class _Rows:
    """Counts rows and names the first of them."""

    def __init__(self, symbols: tuple[str, ...]) -> None:
        self._symbols = symbols
        self.count = 0
        self.examples: list[str] = []

    def add(self, time: int, code: IntArray) -> None:
        self.count += len(code)
        for c in code[: MOST_EXAMPLES - len(self.examples)].tolist():
            self.examples.append(f"{self._symbols[c]} {_iso(time)}")


class _Tally:
    """What is known of each feature after some rows."""

    def __init__(self, usual: FloatArray, tolerance: float) -> None:
        self.tolerance, self._usual = tolerance, usual
        self.rows, p = 0, len(usual)
        self._worst, self._sum = np.zeros(p), np.zeros(p)
        self._both = np.zeros(p, dtype=np.int64)
        self._beyond, self._nan = np.zeros(p, dtype=np.int64), np.zeros(p, dtype=np.int64)
        self._where: list[tuple[int, int] | None] = [None] * p

    def add(self, time: int, code: IntArray, online: Float32Array, batch: Float32Array) -> None:
        if not len(code):
            return
        self.rows += len(code)
        nan: BoolArray = np.isnan(online) != np.isnan(batch)
        both = ~(np.isnan(online) | np.isnan(batch))
        size: FloatArray = np.maximum(np.abs(np.where(both, batch, 0.0)), self._usual)
        difference = np.where(both, np.abs(online.astype(np.float64) - batch), 0.0) / size
        self._nan += nan.sum(axis=0)
        self._both += both.sum(axis=0)
        self._sum += difference.sum(axis=0)
        self._beyond += (difference > self.tolerance).sum(axis=0)
        row = difference.argmax(axis=0)
        most = difference[row, np.arange(difference.shape[1])]
        for j in np.flatnonzero(most > self._worst).tolist():
            self._worst[j], self._where[j] = most[j], (time, int(code[row[j]]))

    def features(self, names: tuple[str, ...], symbols: tuple[str, ...]) -> tuple[FeatureParity, ...]:
        return tuple(
            FeatureParity(
                name=name,
                max_difference=float(self._worst[j]),
                mean_difference=float(self._sum[j] / max(self._both[j], 1)),
                beyond=int(self._beyond[j]),
                nan_mismatches=int(self._nan[j]),
                worst="" if (at := self._where[j]) is None else f"{symbols[at[1]]} {_iso(at[0])}",
            )
            for j, name in enumerate(names)
        )


def _usual(column: Float32Array) -> float:
    """Return the median size of the values that are not zero, from ``LEAST`` to 1; 1 where there are none."""
    size = np.abs(column[np.isfinite(column) & (column != 0.0)])
    return min(max(float(np.median(size)), LEAST), 1.0) if len(size) else 1.0


def _iso(time: int) -> str:
    return str(np.datetime64(time, "us").astype("datetime64[s]"))
