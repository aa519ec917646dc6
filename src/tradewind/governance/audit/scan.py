"""One pass over a log: every hash is computed anew and held against the one stored, and against the seals."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tradewind.core import InputError, Progress
from tradewind.governance.audit.chain import log_id
from tradewind.governance.audit.faults import Bad, Finding, Verification, explain
from tradewind.governance.audit.row import KEY_ROTATION, RETENTION, first_hash, row_hash
from tradewind.governance.audit.seal import FIRST, Seal
from tradewind.governance.audit.signing import Verifier
from tradewind.governance.audit.store import Ledger

STEP = 16_384
MOST = 100
"""Findings of one kind that are told one by one."""
KEPT = 256
"""Bad entries of which the values are kept for the explanation."""

_CONTROL = (RETENTION.encode(), KEY_ROTATION.encode())


class Scan:
    """One pass over the entries and seals of a log.

    Parameters
    ----------
    verifier : the public key that is trusted; None: the one the log itself states, and a note says so.
    progress : hears of the entries read.
    """

    def __init__(self, verifier: Verifier | None, progress: Progress) -> None:
        self.verifier, self.progress = verifier, progress
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.counts: Counter[str] = Counter()
        self.bad: list[Bad] = []
        self.n_bad = 0
        self.troubles = 0
        self.rows = 0
        self.n_seals = 0
        self.expected = 0
        self.log = b""
        self.head: tuple[int, bytes] | None = None
        self.last: Seal | None = None
        self.sealed = -1
        self.pruning: Seal | None = None
        self.pruned: dict[str, Any] | None = None
        self.key_ids: set[bytes] = set()
        self.keys_told: str | None = None
        self.retained: list[tuple[int, dict[str, Any]]] = []

    def find(self, fault: str, seq: int | None, detail: str, last: int | None = None) -> None:
        """Add a finding; after :data:`MOST` of a kind they are only counted."""
        self.counts[fault] += 1
        if self.counts[fault] <= MOST:
            self.findings.append(Finding(fault=fault, seq=seq, last=last, detail=detail))

    def outcome(self, seconds: float) -> Verification:
        """Return what was found."""
        found = self.findings + (explain(self.bad, self.n_bad) if self.bad else [])
        self.notes += [f"{n - MOST} more findings of kind {name}" for name, n in self.counts.items() if n > MOST]
        found.sort(key=lambda finding: (finding.seq is None, finding.seq or 0))
        return Verification(
            rows=self.rows,
            findings=tuple(found),
            notes=tuple(self.notes),
            log=self.log.hex(),
            head=None if self.head is None else (self.head[0], as_hex(self.head[1])),
            pruned=self.pruned,
            seals=self.n_seals,
            seconds=seconds,
        )

    def read(self, ledger: Ledger) -> bool:
        """Read all of the log; return False where it has no first entry, so that nothing else can be said of it."""
        if not self._genesis(ledger):
            return False
        self.pruning = ledger.last_pruning()
        start = self._pruning(self.pruning)
        n, before = (0, FIRST) if start is None else (start["first_seal"], start["seal_before"])
        seals = self._seals(ledger.seals(), n, before)
        self._rows(ledger.raw_rows(), ledger.count(), seals, start)
        for _ in seals:
            pass  # seals over entries that are not there: their chain is still read to its end
        return True

    def read_after(self, ledger: Ledger, seq: int, digest: str) -> bool:
        """Read what follows entry ``seq``, whose hash was ``digest`` when all before was verified.

        Return False where that entry is not there as it was: nothing can then be said of what follows.
        """
        if not self._genesis(ledger):
            return False
        row = ledger.row(seq)
        if row is None or as_hex(row.hash) != digest:
            words = f"entry {seq} is not the one that was verified: an entry up to it was changed, removed or put in"
            self.find("receipt", seq, words)
            return False
        self.last = ledger.seal_through(seq)
        n, before = (0, FIRST) if self.last is None else (self.last.n + 1, self.last.digest(self.log))
        self.sealed = self.expected = seq
        self.head = (seq, row.hash)
        seals = self._seals(ledger.seals_after(seq), n, before)
        head = ledger.head()
        self._rows(ledger.rows_after(seq), 0 if head is None else head[0] - seq, seals, None, after=(seq, row.hash))
        for _ in seals:
            pass
        self.notes.append(f"entries up to {seq} were not read again: they were verified before, and end in its hash")
        return True

    def signed(self, seal: Seal) -> bool:
        """Return whether the trusted key signed ``seal``, which follows on entry ``self.sealed``; tell where not."""
        assert self.verifier is not None
        try:
            right = self.verifier.check(seal.signature, seal.message(self.log))
        except (TypeError, struct.error):
            right = False
        if not right:
            words = "no signature of the trusted key covers these entries: they, or their seal, were changed"
            self.find("signature", min(self.sealed + 1, seal.seq), words, last=seal.seq)
        return right

    def _genesis(self, ledger: Ledger) -> bool:
        try:
            self.log = log_id(ledger)
            first = ledger.row(0)
            stated = bytes.fromhex(json.loads(first.body)["public_key"]) if first is not None else b""
            if len(self.log) != 16 or len(stated) != 32:
                raise ValueError("no log id or key")
            own = Verifier(stated)
        except (InputError, ValueError, KeyError, TypeError) as error:
            self.find("removed", 0, f"the first entry is absent or not one ({error})")
            return False
        if self.verifier is None:
            self.verifier = own
            self.notes.append(
                "no public key was given: the one that the log states was used, which whoever replaces all can forge"
            )
        elif own.public != self.verifier.public:
            self.find("replaced", 0, "the log states another key than the one that is trusted")
        return True

    def _pruning(self, pruning: Seal | None) -> dict[str, Any] | None:
        if pruning is None:
            return None
        try:
            told = json.loads(pruning.detail)
            start = {
                "boundary": int(pruning.boundary or 0),
                "hash": bytes.fromhex(told["hash"]),
                "first_seal": int(told["first_seal"]),
                "seal_before": bytes.fromhex(told["seal_before"]),
            }
            pruned = {name: told[name] for name in ("seq", "hash", "count", "total", "before", "at", "by", "reason")}
        except (ValueError, KeyError, TypeError) as error:
            self.find("retention", pruning.seq, f"the seal of the last pruning cannot be read ({error})")
            return None
        self.pruned = pruned
        self.notes.append(
            f"entries 1 to {pruning.boundary} were pruned ({told['total']} in all; the last time at {told['at']} by"
            f" {told['by']}: {told['reason']})"
        )
        return start

    def _seals(self, seals: Iterator[Seal], n: int, previous: bytes) -> Iterator[Seal]:
        """Yield every seal after checking that it follows the one before; the first is number ``n``."""
        told = False
        for seal in seals:
            self.n_seals += 1
            try:
                digest = seal.digest(self.log)
            except (TypeError, AttributeError, struct.error) as error:
                self.find("seals", None, f"seal {seal.n} is not one ({error})")
                return
            if not told and (seal.n != n or seal.previous != previous):
                told = True
                if self.last is None or self.signed(self.last):
                    what = "was changed" if seal.n == n else "or seals before it are missing"
                    self.find("seals", seal.seq, f"seal {n} {what}: the seals do not follow one another")
            n, previous = seal.n + 1, digest
            self.sealed, self.last = -1 if self.last is None else self.last.seq, seal
            yield seal

    def _rows(
        self,
        rows: Iterator[tuple[Any, ...]],
        total: int,
        seals: Iterator[Seal],
        start: dict[str, Any] | None,
        *,
        after: tuple[int, bytes] | None = None,
    ) -> None:
        """Hold every row against its hash and its seal; ``after`` is number and hash of the entry before the first."""
        sealed, previous = after or (-1, first_hash(self.log))
        before: Any = previous
        seal = next(seals, None)
        troubles = 0  # bad or missing entries before the seal; they explain that it does not fit
        expected = sealed + 1
        for values in rows:
            seq, at, kind, key_id, model, symbol, caller, body, stored = values
            self.rows += 1
            if seq != expected:
                self._jump(expected, seq)  # what stood before is not known, so its hash cannot be checked
            else:
                try:
                    right = row_hash(previous, seq, at, (kind, key_id, model, symbol, caller, body)) == stored
                except (TypeError, struct.error):  # a value of a type that the log never writes
                    right = False
                if not right:
                    self._note_bad(Bad(values, previous, before))
            if kind in _CONTROL:
                self._control(seq, kind, body)
            self.key_ids.add(key_id)
            before, previous = previous, stored
            expected = self.expected = seq + 1
            if seq == 0 and start is not None:
                before = previous = start["hash"]
                expected = start["boundary"] + 1
            while seal is not None and seal.seq <= seq:
                if seal.seq == seq and seal.hash != stored and self.troubles == troubles:
                    self.find("rewritten", sealed + 1, f"the seal of entry {seq} was made for other entries", last=seq)
                sealed, troubles = seal.seq, self.troubles
                seal = next(seals, None)
            if self.rows % STEP == 0:
                self.progress.update("verify", self.rows, total)
            self.head = (seq, stored)
        self.progress.update("verify", self.rows, total)

    def _note_bad(self, entry: Bad) -> None:
        self.n_bad += 1
        self.troubles += 1
        if len(self.bad) < KEPT:
            self.bad.append(entry)

    def _jump(self, expected: int, seq: int) -> None:
        self.troubles += 1
        if seq > expected:
            self.find("removed", expected, f"{seq - expected} entries are missing before entry {seq}", last=seq - 1)
        elif self.pruned is not None and 0 < seq <= self.pruned["seq"]:
            self.find("retention", seq, f"entry {seq} was pruned and is there again")
        else:
            self.find("duplicated", seq, f"entry {seq} stands twice")

    def _control(self, seq: int, kind: bytes, body: Any) -> None:
        """Take up what the log states about itself; a body that cannot be read does not fit its hash either."""
        try:
            told = json.loads(body)
            self.keys_told = str(told["data_keys"])
            if kind == _CONTROL[0]:
                self.retained.append((seq, told))
        except (ValueError, KeyError, TypeError):
            self.find("changed", seq, f"entry {seq} of kind {kind.decode(errors='replace')} cannot be read")


def as_hex(value: Any) -> str:
    """Return a stored hash as text, whatever it is."""
    return value.hex() if isinstance(value, bytes) else str(value)
