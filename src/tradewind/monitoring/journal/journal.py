"""What a monitor saw, noticed and did: kept on the disk, by time, for diagnosis and for a restart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from filelock import FileLock
from pyarrow import ipc

from tradewind.core import InputError
from tradewind.core.arrays import as_time
from tradewind.core.files import atomic_path
from tradewind.core.plain import finite
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.journal.frames import packed, unpacked
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.slices import Slice

KINDS = ("slices", "findings", "actions")
SCHEMA = pa.schema([("time", pa.int64()), ("known_at", pa.int64()), ("data", pa.binary())])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Row = tuple[int, int, Any]


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that was done: ``kind`` (``retrain``, ``rollback``), when (UTC, aware) and with what; JSON-ready."""

    kind: str
    at: datetime
    details: Mapping[str, Any]


class Journal:
    """Append-only records in ``folder``; one file (Arrow IPC) for each step of a monitor, by month.

    A file appears whole or not at all, whenever the process dies; its name holds the times inside, so that a span is
    found without reading. A slice of a time and what was noticed with it are ONE step: :meth:`write` twice with the
    same slice leaves one. Months older than ``keep_days`` before the newest slice are removed.

    Several processes may read while one writes.
    """

    def __init__(self, folder: str | Path, *, keep_days: int = 730) -> None:
        self.folder, self.keep_days = Path(folder), keep_days
        self._lock = FileLock(self.folder / ".lock")

    def write(self, one: Slice, findings: Sequence[Finding] = ()) -> None:
        """Keep ``one`` and what was noticed with it; findings first, so that a slice that is there is told whole.

        Raises
        ------
        OutputError : the folder cannot be written.
        """
        moment = bar_time(one)
        rows = [(_micros(finding.time), _micros(finding.known_at), _json(finding.to_dict())) for finding in findings]
        self._put("findings", moment, rows)
        self._put("slices", moment, [(_micros(moment), _micros(one.known_at), packed(one))])
        self._retain(moment)

    def act(self, action: Action) -> None:
        """Keep an action; several of one moment are all kept."""
        row = {"kind": action.kind, "at": action.at.isoformat(), "details": finite(dict(action.details))}
        at = _micros(action.at)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock:  # nobody else's action of this moment may come between
            held = self._rows("actions", action.at, action.at)
            self._put("actions", action.at, [*held, (at, at, _json(row))])

    def slices(self, start: Any = None, end: Any = None) -> Iterator[Slice]:
        """Yield the slices of times from ``start`` to ``end``, both included (None: without bound), in order.

        Raises
        ------
        InputError : a file is damaged.
        """
        for _, _, one in self._rows("slices", start, end, unpacked):
            yield one

    def findings(self, start: Any = None, end: Any = None) -> Iterator[Finding]:
        """Yield the findings of slices of times from ``start`` to ``end``, in order."""
        for _, _, one in self._rows("findings", start, end, _finding):
            yield one

    def actions(self, start: Any = None, end: Any = None) -> Iterator[Action]:
        """Yield the actions from ``start`` to ``end``, in order."""
        for _, _, one in self._rows("actions", start, end, _action):
            yield one

    def last(self) -> np.datetime64 | None:
        """Return the time of the newest slice that is kept; None without any."""
        found = self._files("slices")
        return None if not found else np.datetime64(found[-1][0], "us")

    def times(self) -> list[np.datetime64]:
        """Return the times of the slices that are kept, in order; nothing is read."""
        return [np.datetime64(micros, "us") for micros, _ in self._files("slices")]

    def _put(self, kind: str, moment: datetime, rows: Sequence[tuple[int, int, bytes]]) -> None:
        path = self._path(kind, moment)
        if not rows and not path.exists():
            return
        columns = [pa.array([row[place] for row in rows], type=SCHEMA.field(place).type) for place in range(3)]
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock, atomic_path(path) as draft, ipc.new_file(str(draft), SCHEMA) as sink:
            sink.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))

    def _path(self, kind: str, moment: datetime) -> Path:
        return self.folder / kind / f"{moment:%Y-%m}" / f"{_micros(moment):020d}.arrow"

    def _files(self, kind: str) -> list[tuple[int, Path]]:
        """Return (time, file) in order; drafts of a killed write begin with a dot and are none."""
        paths = (self.folder / kind).glob("*/[0-9-]*.arrow")  # before 1970 a time is below zero
        return sorted((int(path.stem), path) for path in paths if path.stem.removeprefix("-").isdigit())

    def _rows(self, kind: str, start: Any, end: Any, decode: Callable[[bytes], Any] = bytes) -> Iterator[_Row]:
        low = None if start is None else _bound(start)
        high = None if end is None else _bound(end)
        for time, path in self._files(kind):
            if (low is None or time >= low) and (high is None or time <= high):
                yield from _read(path, decode)

    def _retain(self, newest: datetime) -> None:
        oldest = f"{newest - timedelta(days=self.keep_days):%Y-%m}"
        for kind in KINDS:
            for month in (self.folder / kind).glob("????-??"):
                if month.name < oldest:
                    for path in month.iterdir():
                        path.unlink(missing_ok=True)
                    month.rmdir()


def _finding(data: bytes) -> Finding:
    return Finding.from_dict(json.loads(data))


def _action(data: bytes) -> Action:
    row = json.loads(data)
    return Action(kind=row["kind"], at=datetime.fromisoformat(row["at"]), details=row["details"])


def _read(path: Path, decode: Callable[[bytes], Any]) -> list[_Row]:
    try:
        with ipc.open_file(str(path)) as source:
            table = source.read_all()
        times, known, contents = (table.column(name).to_pylist() for name in SCHEMA.names)
        return list(zip(times, known, map(decode, contents), strict=True))
    except FileNotFoundError:  # its month was removed since it was listed
        return []
    except Exception as error:  # whatever the bytes make of it, the file is damaged
        raise InputError(f"is no part of a journal ({error})", file=path, fix="remove or restore the file") from error


def _json(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, allow_nan=False, default=str).encode()


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _bound(moment: Any) -> int:
    """Microseconds of a bound: an aware datetime, or what :func:`as_time` takes, as UTC."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return _micros(moment)
    return int(as_time(moment).astype(np.int64))
