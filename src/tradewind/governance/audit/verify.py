"""Verification: the whole chain is computed anew and held against signatures and anchor.

Costs one SHA-256 an entry and a few signatures: every seal holds the digest of the seal before, so the last signature
covers all of them.
"""

from __future__ import annotations

import json
import struct
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tradewind.core import InputError, NoProgress, Progress
from tradewind.governance.audit.anchor import Anchor
from tradewind.governance.audit.chain import Receipt, log_id
from tradewind.governance.audit.faults import Bad, Finding, Verification, explain
from tradewind.governance.audit.keys import keys_digest
from tradewind.governance.audit.row import KEY_ROTATION, RETENTION, first_hash, row_hash
from tradewind.governance.audit.seal import FIRST, Seal
from tradewind.governance.audit.signing import Verifier
from tradewind.governance.audit.store import Ledger, Store

STEP = 16_384
MOST = 100
"""Findings of one kind that are told one by one."""
_CONTROL = (RETENTION.encode(), KEY_ROTATION.encode())
KEPT = 256
"""Bad entries of which the values are kept for the explanation."""

Found = tuple[bytes, Seal] | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a log is held against.

    Attributes
    ----------
    anchor : the seal outside the database.
    verifier : the public key that is trusted; None: the one the log itself states, and a note says so.
    receipts : receipts that were kept elsewhere.
    deep : whether the indexes of the database are read too.
    """

    anchor: Anchor
    verifier: Verifier | None = None
    receipts: tuple[Receipt, ...] = ()
    deep: bool = False


def verify_store(store: Store, evidence: Evidence, progress: Progress | None = None) -> Verification:
    """Return what is wrong with the log in ``store``; it is read once, and one state of it, while others may write.

    ``progress`` hears of the entries read.
    """
    began = time.perf_counter()
    scan = _Scan(store, evidence, progress or NoProgress())
    try:
        before = evidence.anchor.read()
    except ValueError as error:
        scan.find("anchor", None, f"{evidence.anchor.path} is {error}")
        before = None
    else:
        if before is None and store.alone:
            scan.find("anchor", None, f"the anchor {evidence.anchor.path} is missing")
        elif before is None:
            scan.notes.append("this machine holds no anchor of the log: an older copy would not be noticed here")
    try:
        with store.reading() as ledger:
            scan.read(ledger, before)
    except InputError as error:
        scan.find("unreadable", scan.expected, str(error))
    return scan.outcome(time.perf_counter() - began)


class _Scan:
    """One pass over a log."""

    def __init__(self, store: Store, evidence: Evidence, progress: Progress) -> None:
        self.store, self.evidence, self.progress = store, evidence, progress
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
        self.pruned: dict[str, Any] | None = None
        self.key_ids: set[bytes] = set()
        self.keys_told: str | None = None
        self.retained: list[tuple[int, dict[str, Any]]] = []
        self.verifier = evidence.verifier

    def find(self, fault: str, seq: int | None, detail: str, last: int | None = None) -> None:
        """Add a finding; after :data:`MOST` of a kind they are only counted."""
        self.counts[fault] += 1
        if self.counts[fault] <= MOST:
            self.findings.append(Finding(fault=fault, seq=seq, last=last, detail=detail))

    def outcome(self, seconds: float) -> Verification:
        found = self.findings + (explain(self.bad, self.n_bad) if self.bad else [])
        self.notes += [f"{n - MOST} more findings of kind {name}" for name, n in self.counts.items() if n > MOST]
        found.sort(key=lambda finding: (finding.seq is None, finding.seq or 0))
        return Verification(
            rows=self.rows,
            findings=tuple(found),
            notes=tuple(self.notes),
            log=self.log.hex(),
            head=None if self.head is None else (self.head[0], _hex(self.head[1])),
            pruned=self.pruned,
            seals=self.n_seals,
            seconds=seconds,
        )

    def read(self, ledger: Ledger, anchor: Found) -> None:
        for words in self.store.faults(ledger, deep=self.evidence.deep):
            self.find("guard", None, words)
        if not self._genesis(ledger):
            return
        pruning = ledger.last_pruning()
        start = self._pruning(pruning)
        seals = self._seals(ledger, start)
        self._rows(ledger, seals, start)
        for _ in seals:
            pass  # seals over entries that are not there: their chain is still read to its end
        self._end()
        self._retention(pruning)
        self._data_keys(ledger)
        self._anchor(ledger, anchor)
        self._receipts(ledger)

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
                "boundary": pruning.boundary,
                "hash": bytes.fromhex(told["hash"]),
                "first_seal": int(told["first_seal"]),
                "seal_before": bytes.fromhex(told["seal_before"]),
            }
        except (ValueError, KeyError, TypeError) as error:
            self.find("retention", pruning.seq, f"the seal of the last pruning cannot be read ({error})")
            return None
        self.pruned = {name: told[name] for name in ("seq", "hash", "count", "total", "before", "at", "by", "reason")}
        self.notes.append(
            f"entries 1 to {pruning.boundary} were pruned ({told['total']} in all; the last time at {told['at']} by"
            f" {told['by']}: {told['reason']})"
        )
        return start

    def _seals(self, ledger: Ledger, start: dict[str, Any] | None) -> Iterator[Seal]:
        """Yield every seal after checking that it follows the one before."""
        n, previous = (0, FIRST) if start is None else (start["first_seal"], start["seal_before"])
        told = False
        for seal in ledger.seals():
            self.n_seals += 1
            try:
                digest = seal.digest(self.log)
            except (TypeError, AttributeError, struct.error) as error:
                self.find("seals", None, f"seal {seal.n} is not one ({error})")
                return
            if not told and (seal.n != n or seal.previous != previous):
                told = True
                if self.last is None or self._signed(self.last):
                    what = "was changed" if seal.n == n else "or seals before it are missing"
                    self.find("seals", seal.seq, f"seal {n} {what}: the seals do not follow one another")
            n, previous = seal.n + 1, digest
            self.sealed, self.last = -1 if self.last is None else self.last.seq, seal
            yield seal

    def _signed(self, seal: Seal) -> bool:
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

    def _rows(self, ledger: Ledger, seals: Iterator[Seal], start: dict[str, Any] | None) -> None:
        previous: Any = first_hash(self.log)
        before: Any = previous
        total = ledger.count()
        seal = next(seals, None)
        sealed, troubles = -1, 0  # troubles: bad or missing entries before the seal; they explain that it does not fit
        expected = 0
        for values in ledger.raw_rows():
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

    def _end(self) -> None:
        last, head = self.last, self.head
        if last is None or head is None:
            self.find("seals", None, "there is no signature at all")
            return
        self._signed(last)
        if head[0] > last.seq:
            self.find("unsigned", last.seq + 1, "entries at the end that no signature covers", last=head[0])
        elif head[0] < last.seq:
            self.find("truncated", head[0] + 1, "entries at the end are missing that a signature covers", last=last.seq)

    def _retention(self, pruning: Seal | None) -> None:
        """Hold the entries about retention against the seal of the last pruning."""
        told = self.retained[-1] if self.retained else None
        if told is None and pruning is None:
            return
        if told is None or pruning is None or told[0] != pruning.seq or told[1].get("seq") != pruning.boundary:
            self.find("retention", None if told is None else told[0], "the log and the seal of the pruning disagree")

    def _data_keys(self, ledger: Ledger) -> None:
        keys = ledger.data_keys()
        try:
            digest = keys_digest(keys)
        except (TypeError, AttributeError):
            digest = "none"  # a value of another type than the log writes
        missing = {key.decode(errors="replace") for key in self.key_ids if key} - {key.id for key in keys}
        for name in sorted(missing):
            self.find("data_keys", None, f"data key {name} is gone: the entries it encrypted cannot be read")
        if (keys or self.keys_told) and self.keys_told != digest:
            self.find("data_keys", None, "the wrapped data keys are not those that the log last told of")

    def _anchor(self, ledger: Ledger, found: Found) -> None:
        if found is None or self.last is None or self.verifier is None:
            return
        log, seal = found
        if log != self.log:
            self.find("other_log", 0, f"the anchor is of log {log.hex()}, the database of log {self.log.hex()}")
            return
        if not self.verifier.check(seal.signature, seal.message(log)):
            self.find("anchor", None, "the anchor is not signed by the trusted key")
        elif seal.n > self.last.n:
            lost = "an older copy of the database, or its end was cut off"
            self.find("rolled_back", self.last.seq + 1, f"the anchor tells of entry {seal.seq}: {lost}", last=seal.seq)
        elif seal.n >= 0 and ledger.seal(seal.n) not in (seal, None):
            self.find("replaced", None, f"the anchor tells of another entry {seal.seq} than the database holds")
        elif seal.n < self.last.n:
            self._lag(ledger, seal)

    def _lag(self, ledger: Ledger, seal: Seal) -> None:
        """Tell of an anchor that is behind: by one group for each writer that was killed, and never more."""
        assert self.last is not None
        try:
            now = self.evidence.anchor.read()
        except ValueError:
            now = None
        if now is not None and now[1].n > seal.n:
            return  # others wrote while this read
        groups, entries = self.last.n - seal.n, self.last.seq - seal.seq
        if self.store.alone and groups > ledger.writers_after(seal.n):
            self.find("anchor", seal.seq + 1, f"the anchor is {groups} groups behind: an older copy of it was put back")
            return
        self.notes.append(
            f"the anchor is {entries} signed entries ({groups} groups) behind, as after a writer was killed; they are"
            " proven by their signature, and the next writer brings the anchor up to date"
        )

    def _receipts(self, ledger: Ledger) -> None:
        for receipt in self.evidence.receipts:
            if self.pruned is not None and 0 < receipt.seq <= self.pruned["seq"]:
                self.notes.append(f"entry {receipt.seq} of a receipt was pruned and cannot be compared")
                continue
            row = ledger.row(receipt.seq)
            if row is None or _hex(row.hash) != receipt.hash:
                self.find("receipt", receipt.seq, f"entry {receipt.seq} is not the one of the receipt")


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
