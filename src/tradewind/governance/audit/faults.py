"""What verification found, and what kind of tampering it looks like."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tradewind.governance.audit.row import row_hash

MOST = 32
"""Bad entries among which an exchange of places is looked for."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A sign that the log is not what was written.

    Attributes
    ----------
    fault : changed, removed, inserted, duplicated, reordered, rewritten, unsigned, truncated, rolled_back, replaced,
        other_log, seals, signature, anchor, retention, data_keys, guard, receipt or unreadable.
    seq, last : first and last entry concerned; None where it is no entry.
    detail : what was seen, in a sentence.
    """

    fault: str
    seq: int | None = None
    last: int | None = None
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"fault": self.fault, "seq": self.seq, "last": self.last, "detail": self.detail}


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The outcome of a verification.

    Attributes
    ----------
    ok : True where nothing was found.
    rows : entries read.
    findings : what was found, in the order of entries.
    notes : what a reader should know that is no fault: a lagging anchor, prunings.
    log : id of the log; empty where it could not be read.
    head : seq and hash (hex) of the last entry; None for an unreadable log.
    pruned : what was removed by retention, or None.
    seals : signed seals read.
    seconds : time it took.
    """

    rows: int = 0
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    log: str = ""
    head: tuple[int, str] | None = None
    pruned: dict[str, Any] | None = None
    seals: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "ok": self.ok,
            "rows": self.rows,
            "log": self.log,
            "head": None if self.head is None else {"seq": self.head[0], "hash": self.head[1]},
            "seals": self.seals,
            "findings": [finding.to_dict() for finding in self.findings],
            "notes": list(self.notes),
            "pruned": self.pruned,
            "seconds": self.seconds,
        }


class Bad(NamedTuple):
    """An entry whose hash does not fit: the raw values and the two hashes stored before it."""

    values: tuple[Any, ...]
    previous: Any
    before: Any

    @property
    def seq(self) -> int:
        """Number of the entry."""
        return int(self.values[0])


def fits(values: Sequence[Any], previous: Any, seq: int) -> bool:
    """Return whether the stored hash is right for these values at number ``seq`` after ``previous``."""
    _, at, kind, key_id, model, symbol, caller, body, stored = values
    try:
        return bool(row_hash(previous, seq, at, (kind, key_id, model, symbol, caller, body)) == stored)
    except (TypeError, struct.error):
        return False  # a value of another type than the log writes


def explain(bad: Sequence[Bad], total: int) -> list[Finding]:
    """Return findings for entries whose hash does not fit.

    ``bad`` holds the first of them in order; ``total`` is how many there were. Consecutive entries make one finding.
    """
    runs: list[list[Bad]] = []
    for entry in bad:
        if runs and entry.seq == runs[-1][-1].seq + 1:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    moved = _moved(bad)
    findings = [_run(run, moved) for run in runs]
    if total > len(bad):
        findings.append(
            Finding(fault="changed", seq=bad[-1].seq, detail=f"{total} entries in all do not fit their hash")
        )
    return findings


def _run(run: list[Bad], moved: dict[int, int]) -> Finding:
    first, last = run[0].seq, run[-1].seq
    here = [seq for seq in moved if first <= seq <= last]
    shift = _shift(run[0])
    if shift > 0:
        return Finding(fault="inserted", seq=first - 1, last=last, detail=f"an entry was put in at {first - 1}")
    if shift < 0:
        return Finding(
            fault="removed", seq=first, last=last, detail="an entry was taken out here and later ones renumbered"
        )
    if here:
        told = ", ".join(f"{moved[seq]} stands at {seq}" for seq in here[:4])
        return Finding(fault="reordered", seq=first, last=last, detail=f"entries changed places: entry {told}")
    told = "content, time, kind, key id or hash differs from what was written"
    if first == last and first > 0:
        told += f", here or in entry {first - 1} together with its hash"  # the two leave the same trace
    return Finding(fault="changed", seq=first, last=last, detail=told)


def _shift(entry: Bad) -> int:
    """Return 1 where the entry was written one place earlier, -1 where one or more places later, else 0."""
    if fits(entry.values, entry.before, entry.seq - 1) or fits(entry.values, entry.previous, entry.seq - 1):
        return 1
    return -1 if any(fits(entry.values, entry.previous, entry.seq + k) for k in range(1, 9)) else 0


def _moved(bad: Sequence[Bad]) -> dict[int, int]:
    """Return, for entries that stand in the place of another, the number under which they were written."""
    some = bad[:MOST]
    before = {value for entry in some for value in (entry.previous, entry.values[8]) if isinstance(value, bytes)}
    found = {}
    for entry in some:
        for seq in {other.seq for other in some} - {entry.seq}:
            if any(fits(entry.values, previous, seq) for previous in before):
                found[entry.seq] = seq
    return found
