"""Candidates of many markets as arrays, with their labels: what models are fitted on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.core.errors import InputError, UsageError
from tradewind.core.files import atomic_path
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

FORMAT = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Ragged:
    """Lists of integers of several lengths: list i is ``items[bounds[i]:bounds[i + 1]]``."""

    items: IntArray
    bounds: IntArray

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Ragged:
        """Return ``lists`` end to end."""
        lengths = np.array([len(one) for one in lists], dtype=np.int64)
        items = np.array([item for one in lists for item in one], dtype=np.int64)
        return cls(items=items, bounds=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, row: int) -> tuple[int, ...]:
        return tuple(self.items[self.bounds[row] : self.bounds[row + 1]].tolist())

    def take(self, rows: IntArray) -> Ragged:
        """Return the lists at ``rows``."""
        lengths = self.bounds[rows + 1] - self.bounds[rows]
        bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        within = np.arange(bounds[-1]) - np.repeat(bounds[:-1], lengths)
        return Ragged(items=self.items[np.repeat(self.bounds[rows], lengths) + within], bounds=bounds)


@dataclass(frozen=True, kw_only=True)
class MarketRecord:
    """What is kept of a market: names behind the codes, truth, how many events it had, its name, what venue made it."""

    name: str
    symbols: tuple[str, ...]
    accounts: tuple[str, ...]
    truth: tuple[Planted, ...]
    events: int
    venue: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class SchemeTable:
    """Candidates of one scheme, n rows, in the order of their markets and rows.

    Attributes
    ----------
    scheme, names, monotone : what they are candidates of; the columns and their directions, (p,).
    values : (n, p) float32.
    rule : (n,) the rule's score.
    label : (n,) True where an alert raised from the row would be true.
    planted : (n,) position of the first episode it meets in its market's truth; -1.
    market : (n,) position of its market among the table's.
    row, known_at, start, end, episode, revision, symbol : (n,) as in the candidate.
    accounts, evidence : n lists, as in the candidate.
    variant : (n,) code in ``variants``.
    """

    scheme: Scheme
    names: tuple[str, ...]
    monotone: tuple[int, ...]
    variants: tuple[str, ...]
    values: Float32Array
    rule: FloatArray
    label: BoolArray
    planted: IntArray
    market: IntArray
    row: IntArray
    known_at: IntArray
    start: IntArray
    end: IntArray
    episode: IntArray
    revision: IntArray
    symbol: Int32Array
    variant: IntArray
    accounts: Ragged
    evidence: Ragged

    def __len__(self) -> int:
        return len(self.rule)

    def candidate(self, row: int) -> Candidate:
        """Return the candidate of a row; its features are all of the row's columns."""
        return Candidate(
            scheme=self.scheme,
            episode=int(self.episode[row]),
            revision=int(self.revision[row]),
            symbol=int(self.symbol[row]),
            accounts=self.accounts[row],
            start=int(self.start[row]),
            end=int(self.end[row]),
            row=int(self.row[row]),
            rule=float(self.rule[row]),
            features=self.values[row],
            evidence=self.evidence[row],
            variant=self.variants[int(self.variant[row])],
        )

    def take(self, rows: IntArray) -> SchemeTable:
        """Return the rows at ``rows``."""
        picked: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, column in picked.items():
            if isinstance(column, Ragged):
                picked[name] = column.take(rows)
            elif isinstance(column, np.ndarray):
                picked[name] = column[rows]
        return replace(self, **picked)

    @property
    def episodes(self) -> IntArray:
        """(n,) a number for each (market, episode): rows of one episode tell the same story."""
        _, number = np.unique(np.stack([self.market, self.episode]), axis=1, return_inverse=True)
        return np.asarray(number, dtype=np.int64).reshape(-1)

    @property
    def deeds(self) -> IntArray:
        """(n,) a number for each (market, planted episode) that a row is true of; -1 for a row that is not true."""
        return np.where(self.label, self.market * (1 << 20) + self.planted, -1)


@dataclass(frozen=True, kw_only=True, eq=False)
class CandidateTable:
    """Labelled candidates of every scheme over some markets."""

    markets: tuple[MarketRecord, ...]
    schemes: Mapping[Scheme, SchemeTable]

    def without_evidence(self) -> CandidateTable:
        """Return the table with no events told of: most of what is not needed to learn."""
        return replace(
            self,
            schemes={
                scheme: replace(part, evidence=Ragged.of([()] * len(part))) for scheme, part in self.schemes.items()
            },
        )

    def clear(self, floors: Mapping[Scheme, float]) -> CandidateTable:
        """Return the table without candidates whose rule lies below their scheme's floor."""
        return replace(
            self,
            schemes={
                scheme: part.take(np.flatnonzero(part.rule >= floors.get(scheme, 0.0)))
                for scheme, part in self.schemes.items()
            },
        )

    @property
    def venues(self) -> IntArray:
        """(markets,) a number for the venue that made each."""
        return self.venues_of({})

    def venues_of(self, alike: Mapping[str, str]) -> IntArray:
        """Return (markets,) a number for the venue that made each, those ``alike`` under the name they count as."""
        names = [alike.get(market.venue, market.venue) for market in self.markets]
        _, number = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
        return np.asarray(number, dtype=np.int64).reshape(-1)

    @property
    def events(self) -> int:
        """Events of all markets."""
        return sum(market.events for market in self.markets)

    def save(self, path: Path) -> Path:
        """Write the table as one ``.npz`` without pickled objects.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        head: dict[str, Any] = {"format": FORMAT, "markets": [asdict(m) for m in self.markets], "schemes": {}}
        arrays: dict[str, AnyArray] = {}
        for scheme, table in self.schemes.items():
            plain: dict[str, Any] = {}
            for f in fields(table):
                column = getattr(table, f.name)
                if isinstance(column, Ragged):
                    arrays[f"{scheme}/{f.name}/items"], arrays[f"{scheme}/{f.name}/bounds"] = (
                        column.items,
                        column.bounds,
                    )
                elif isinstance(column, np.ndarray):
                    arrays[f"{scheme}/{f.name}"] = column
                else:
                    plain[f.name] = column
            head["schemes"][scheme.value] = plain
        arrays["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
        with atomic_path(path) as draft, draft.open("wb") as sink:
            np.savez_compressed(sink, allow_pickle=False, **arrays)
        return path

    @classmethod
    def load(cls, path: Path) -> CandidateTable:
        """Read a table that :meth:`save` wrote.

        Raises
        ------
        InputError : the file cannot be read, or holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            head = json.loads(arrays.pop("head").tobytes())
            if head["format"] != FORMAT:
                raise ValueError(f"format {head['format']}")
            schemes = {Scheme(name): _read(Scheme(name), plain, arrays) for name, plain in head["schemes"].items()}
            return cls(markets=tuple(_market(one) for one in head["markets"]), schemes=schemes)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"is no table of candidates ({error})", file=path, fix="collect it again") from error


def _read(scheme: Scheme, plain: dict[str, Any], arrays: Mapping[str, AnyArray]) -> SchemeTable:
    given: dict[str, Any] = {}
    for f in fields(SchemeTable):
        key = f"{scheme}/{f.name}"
        if key in arrays:
            given[f.name] = arrays[key]
        elif f"{key}/items" in arrays:
            given[f.name] = Ragged(items=arrays[f"{key}/items"], bounds=arrays[f"{key}/bounds"])
        else:
            given[f.name] = scheme if f.name == "scheme" else tuple(plain[f.name])
    return SchemeTable(**given)


def _market(plain: dict[str, Any]) -> MarketRecord:
    truth = tuple(
        Planted(**{**one, "scheme": Scheme(one["scheme"]), "accounts": tuple(one["accounts"])})
        for one in plain["truth"]
    )
    names = {"symbols": tuple(plain["symbols"]), "accounts": tuple(plain["accounts"])}
    return MarketRecord(name=plain["name"], events=plain["events"], truth=truth, venue=plain.get("venue", ""), **names)


def highest_of(group: IntArray, value: FloatArray) -> FloatArray:
    """Return the highest ``value`` (n,) of each ``group`` (n,), in the order of the groups' numbers."""
    _, code = np.unique(group, return_inverse=True)
    highest = np.full(int(code.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(highest, code.reshape(-1), value)
    return highest


def joined(tables: Sequence[CandidateTable]) -> CandidateTable:
    """Return all rows of ``tables``, their markets one after another.

    Raises
    ------
    UsageError : the columns of a scheme differ between tables.
    """
    first_market = np.concatenate([[0], np.cumsum([len(table.markets) for table in tables])]).astype(np.int64)
    schemes: dict[Scheme, SchemeTable] = {}
    for scheme in Scheme:
        parts = [
            replace(table.schemes[scheme], market=table.schemes[scheme].market + first_market[number])
            for number, table in enumerate(tables)
            if scheme in table.schemes
        ]
        if parts:
            schemes[scheme] = _stacked(parts)
    return CandidateTable(markets=tuple(m for table in tables for m in table.markets), schemes=schemes)


def _stacked(parts: Sequence[SchemeTable]) -> SchemeTable:
    first = parts[0]
    if any(part.names != first.names or part.monotone != first.monotone for part in parts):
        raise UsageError(
            f"tables of {first.scheme} have different columns", field="names", fix="collect them with one version"
        )
    variants = tuple(dict.fromkeys(name for part in parts for name in part.variants))
    given: dict[str, Any] = {f.name: getattr(first, f.name) for f in fields(first)}
    for name, column in given.items():
        if isinstance(column, Ragged):
            lists = [getattr(part, name) for part in parts]
            shift = np.concatenate([[0], np.cumsum([len(one.items) for one in lists])])
            bounds = [np.zeros(1, dtype=np.int64), *(one.bounds[1:] + shift[i] for i, one in enumerate(lists))]
            given[name] = Ragged(items=np.concatenate([one.items for one in lists]), bounds=np.concatenate(bounds))
        elif isinstance(column, np.ndarray):
            given[name] = np.concatenate([getattr(part, name) for part in parts])
    codes = [np.array([variants.index(name) for name in part.variants], dtype=np.int64)[part.variant] for part in parts]
    return replace(first, **{**given, "variants": variants, "variant": np.concatenate(codes)})
