"""Tables as they lie in a file, before anything is known of their columns."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tradewind.core import InputError, SchemaError
from tradewind.core.files import atomic_path

SUFFIXES = (".csv", ".parquet")
_MAGIC = b"PAR1"


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Raw cells with the file they came from; CSV cells are text, Parquet cells have the file's types."""

    frame: pl.DataFrame
    file: Path


def check_suffix(path: str | Path) -> str:
    """Return ``.csv`` or ``.parquet``; InputError for any other suffix."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"the suffix {suffix!r} is not known", file=path, fix=f"use a file that ends in {' or '.join(SUFFIXES)}"
        )
    return suffix


def load_table(path: str | Path) -> Table:
    """Read a CSV or Parquet file whole.

    Raises
    ------
    InputError : the file is missing, a folder, of another suffix, unreadable, not UTF-8, empty, or truncated.
    SchemaError : the header names a column twice, or a row has more cells than the header.
    """
    file = Path(path)
    if not file.exists():
        raise InputError("there is no such file", file=file, fix="check the path")
    if file.is_dir():
        raise InputError("is a folder, not a file", file=file, fix="give the file inside it")
    suffix = check_suffix(file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})", file=file, fix="check the permissions"
        ) from error
    if not content.strip():
        raise InputError("is empty", file=file, fix="give a file with a header and at least one data row")
    frame = _parse_csv(content, file) if suffix == ".csv" else _parse_parquet(content, file)
    return Table(frame=frame, file=file)


def _parse_csv(content: bytes, file: Path) -> pl.DataFrame:
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start)
        raise InputError(
            f"byte 0x{content[error.start]:02x} is not UTF-8 text",
            file=file,
            row=line or None,
            fix="save the file as UTF-8",
        ) from error
    header = next(_records(content), [])
    _check_names(header, file)
    try:
        return pl.read_csv(content, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        row = _first_long_row(content, len(header))
        if row is not None:
            raise SchemaError(
                f"the row has more cells than the header's {len(header)}",
                file=file,
                row=row,
                fix="quote cells that hold a comma, and let the header be the first line",
            ) from error
        raise InputError(
            f"is not valid CSV ({str(error).splitlines()[0]})", file=file, fix="export the file again"
        ) from error


def _check_names(names: list[str], file: Path) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SchemaError("the header names the column twice", file=file, field=twice[0], fix="keep one of them")


def _first_long_row(content: bytes, width: int) -> int | None:
    return next((number for number, cells in enumerate(_records(content)) if len(cells) > width), None)


def _records(content: bytes) -> Iterator[list[str]]:
    """Yield the cells of each record, up to the first that is no CSV."""
    with suppress(csv.Error):
        yield from csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""))


def _parse_parquet(content: bytes, file: Path) -> pl.DataFrame:
    if not content.startswith(_MAGIC):
        raise InputError("is not a Parquet file", file=file, fix="write it with a Parquet writer, or name it .csv")
    if not content.endswith(_MAGIC):
        raise InputError("is a truncated Parquet file: its end is missing", file=file, fix="copy or export it again")
    # pyarrow, because polars panics on damaged pages and a panic writes to stderr before it can be caught
    import pyarrow.parquet
    from pyarrow.lib import ArrowException

    try:
        arrow = pyarrow.parquet.read_table(pyarrow.BufferReader(content), use_threads=False, pre_buffer=False)
        arrow.validate(full=True)  # texts are UTF-8, offsets lie inside their buffers
        _check_names(arrow.column_names, file)
        frame = pl.DataFrame(arrow.replace_schema_metadata(None))
    except (ArrowException, pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise InputError(
            f"is a damaged Parquet file ({(str(error) or type(error).__name__).splitlines()[0]})",
            file=file,
            fix="copy or export it again",
        ) from error
    words = [name for name, dtype in frame.schema.items() if isinstance(dtype, (pl.Categorical, pl.Enum))]
    return frame.with_columns(pl.col(words).cast(pl.String)) if words else frame


def save_table(frame: pl.DataFrame, path: str | Path) -> Path:
    """Write ``frame`` as CSV or Parquet, by the suffix, whole or not at all; OutputError where that fails."""
    suffix = check_suffix(path)
    with atomic_path(path) as draft:
        if suffix == ".csv":
            frame.write_csv(draft)
        else:
            frame.write_parquet(draft)
    return Path(path)
