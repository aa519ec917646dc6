"""Files of events as batches of raw columns: Parquet and CSV, plain or compressed, in bounded memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet

from tradewind.core.arrays import IntArray
from tradewind.core.errors import InputError, SchemaError
from tradewind.surveillance.events.cells import NULLS
from tradewind.surveillance.events.columns import ALIASES, plain
from tradewind.surveillance.events.problems import Problem, Problems

BLOCK = 131_072
"""Rows read at once."""
CSV_BYTES = 1 << 23
"""Bytes of a CSV file read at once."""
CSV_SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
_REPEATED = frozenset(
    alias
    for field in ("symbol", "kind", "side", "account", "contra", "buyer", "seller", "maker", "taker")
    for alias in ALIASES[field]
)
"""Columns in which the same texts come again and again; the ids of orders hardly repeat."""
_BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows: raw columns by name, and the 1-based number of each row in the file."""

    columns: dict[str, pa.Array]
    rows: IntArray

    def __len__(self) -> int:
        return len(self.rows)


class Source(ABC):
    """A file of rows with named columns that can be read more than once."""

    def __init__(self, file: Path, names: tuple[str, ...]) -> None:
        self.file, self.names = file, names

    @abstractmethod
    def batches(self, columns: Sequence[str], problems: Problems | None = None) -> Iterator[Batch]:
        """Read ``columns`` from the start, batch by batch; rows that are no rows go to ``problems``.

        Raises
        ------
        InputError : the file is damaged.
        """


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=file, fix="check the path") from error
    except (pa.ArrowException, OSError, EOFError) as error:
        text = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"cannot be read ({text})", file=file, fix="copy or export it again") from error


def open_source(path: str | Path) -> Source:
    """Open a Parquet or CSV file by its suffix.

    Raises
    ------
    InputError : there is no such file, its suffix is not known, it is empty or damaged.
    SchemaError : a column is named twice.
    """
    file = Path(path)
    if not file.exists():
        raise InputError("there is no such file", file=file, fix="check the path")
    if file.is_dir():
        raise InputError("is a folder, not a file", file=file, fix="give the file inside it")
    name = file.name.lower()
    if name.endswith(PARQUET_SUFFIXES):
        return ParquetSource(file)
    if name.endswith(CSV_SUFFIXES):
        return CsvSource(file)
    raise InputError(
        f"the suffix {file.suffix!r} is not known", file=file, fix="use a file that ends in .parquet or .csv"
    )


def _check_names(names: Sequence[str], file: Path) -> tuple[str, ...]:
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise SchemaError("the column is there twice", file=file, field=twice, fix="keep one of them")
    return tuple(names)


class ParquetSource(Source):
    """A Parquet file; names and words come as dictionaries, so that each is looked at once."""

    def __init__(self, file: Path) -> None:
        with _reading(file), parquet.ParquetFile(file) as opened:
            schema = opened.schema_arrow
        super().__init__(file, _check_names(schema.names, file))
        texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        self._repeated = [name for name in texts if plain(name) in _REPEATED]

    def batches(self, columns: Sequence[str], problems: Problems | None = None) -> Iterator[Batch]:
        """Read ``columns`` from the start; every row is a row, so ``problems`` stays as it is."""
        del problems
        first = 1
        with _reading(self.file), parquet.ParquetFile(self.file, read_dictionary=self._repeated) as opened:
            for batch in opened.iter_batches(BLOCK, columns=list(dict.fromkeys(columns))):
                yield Batch(
                    {name: _as_text(batch.column(name)) for name in columns},
                    np.arange(first, first + batch.num_rows, dtype=np.int64),
                )
                first += batch.num_rows


class CsvSource(Source):
    """A CSV file with a header; every cell comes as text. The separator is a comma, semicolon, tab or bar."""

    def __init__(self, file: Path) -> None:
        with _reading(file), pa.input_stream(str(file), compression="detect") as stream:
            head = stream.read(1 << 16)
        if not head.strip():
            raise InputError("is empty", file=file, fix="give a file with a header and at least one data row")
        line = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").splitlines()[0]
        self._separator = max(",;\t|", key=lambda mark: line.count(mark.encode()))
        header = line.decode("utf-8", errors="replace").split(self._separator)
        super().__init__(file, _check_names([name.strip().strip('"') for name in header], file))

    def batches(self, columns: Sequence[str], problems: Problems | None = None) -> Iterator[Batch]:
        """Read ``columns`` from the start; see :meth:`Source.batches`."""
        skipped = array("q")

        def skip(row: Any) -> str:
            number = int(row.number) - 1 if row.number is not None else 0
            skipped.append(number)
            if problems is not None:
                text = f"has {row.actual_columns} cells, not {row.expected_columns}: {str(row.text)[:80]!r}"
                problems.add(Problem(code="unreadable", message=text, row=number))
            return "skip"

        first = 0
        with _reading(self.file), pa.input_stream(str(self.file), compression="detect") as stream:
            reader = arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=CSV_BYTES, column_names=list(self.names), skip_rows=1
                ),
                parse_options=arrow_csv.ParseOptions(delimiter=self._separator, invalid_row_handler=skip),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in self.names},
                    include_columns=list(dict.fromkeys(columns)),
                    null_values=NULLS,
                    strings_can_be_null=True,
                    check_utf8=False,
                ),
            )
            for batch in reader:
                for start in range(0, batch.num_rows, BLOCK):
                    part = batch.slice(start, BLOCK)
                    rows = _numbers(first, part.num_rows, skipped)
                    first = int(rows[-1])
                    yield Batch({name: _text(part.column(name)) for name in columns}, rows)


def _numbers(after: int, count: int, skipped: array[int]) -> IntArray:
    """Return the next ``count`` row numbers after ``after`` that were not skipped."""
    numbers = np.arange(after + 1, after + 1 + count, dtype=np.int64)
    gone = np.sort(np.asarray(skipped, dtype=np.int64))
    gone = gone[gone > after]
    # the k-th row skipped pushes all later numbers on by one
    for k, number in enumerate(gone):
        place = number - after - 1 - k
        if place >= count:
            break
        numbers[max(place, 0) :] += 1
    return numbers


def _text(column: pa.Array) -> pa.Array:
    """Return ``column`` with what is not UTF-8 replaced, so that one wrong byte does not lose the file."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary()).to_pylist()
        return pa.array([cell if cell is None else cell.decode("utf-8", errors="replace") for cell in raw], pa.string())
    return column


def _as_text(column: pa.Array) -> pa.Array:
    """Return texts that a writer did not mark as such (bytes), or marked in a newer way, as plain texts; else as is."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if not any(test(kind) for test in _BYTES):
        return column
    cells = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    raw = cells.cast(pa.large_binary()).to_pylist()
    return pa.array([cell if cell is None else cell.decode("utf-8", errors="replace") for cell in raw], pa.string())


def headless_csv(path: str | Path, columns: int, rows: int | None = None) -> list[pa.Array]:
    """Return the columns of a CSV file without a header as text.

    Parameters
    ----------
    columns : how many there must be at least.
    rows : the first rows that are wanted; all by default.

    Raises
    ------
    InputError : the file is not there, empty or damaged, or has too few columns.
    """
    file = Path(path)
    with _reading(file), pa.input_stream(str(file), compression="detect") as stream:
        first = stream.read(1 << 16).split(b"\n", 1)[0]
    width = first.count(b",") + 1 if first.strip() else 0
    if width < columns:
        raise InputError(f"has {width} columns, not {columns}", file=file, fix="give a file as LOBSTER writes it")
    names = [str(i) for i in range(width)]
    with _reading(file), pa.input_stream(str(file), compression="detect") as stream:
        reader = arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=CSV_BYTES, column_names=names),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
        batches = []
        for batch in reader:
            batches.append(batch if rows is None else batch.slice(0, rows))
            if rows is not None:
                break
    whole = pa.Table.from_batches(batches).combine_chunks()
    return [column.combine_chunks() if column.num_chunks else pa.array([], pa.string()) for column in whole.columns]
