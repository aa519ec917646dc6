"""Verification: the whole chain is computed anew and held against signatures, anchor, data keys and receipts.

Costs one SHA-256 an entry and a few signatures: every seal holds the digest of the seal before, so the last signature
covers all of them.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.core import InputError, NoProgress, Progress
from tradewind.governance.audit.anchor import Anchor, Told
from tradewind.governance.audit.chain import Receipt
from tradewind.governance.audit.faults import Verification
from tradewind.governance.audit.keys import keys_digest
from tradewind.governance.audit.scan import Scan, as_hex
from tradewind.governance.audit.seal import Seal
from tradewind.governance.audit.signing import Verifier
from tradewind.governance.audit.store import Ledger, Store

_ODD = (TypeError, ValueError, KeyError, AttributeError, OverflowError, struct.error)
"""What values of a type that the log never writes can raise; only tampering puts them there."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a log is held against.

    Attributes
    ----------
    anchor : the seal outside the database.
    verifier : the public key that is trusted; None: the one the log itself states, and a note says so.
    receipts : receipts that were kept elsewhere.
    deep : whether the indexes of the database are read too.
    alone : whether every writer uses this anchor.
    since : an entry up to which the log was verified before; only what follows it is read.
    """

    anchor: Anchor
    verifier: Verifier | None = None
    receipts: tuple[Receipt, ...] = ()
    deep: bool = False
    alone: bool = True
    since: Receipt | None = None


def verify_store(store: Store, evidence: Evidence, progress: Progress | None = None) -> Verification:
    """Return what is wrong with the log in ``store``; it is read once, and one state of it, while others may write.

    ``progress`` hears of the entries read.
    """
    began = time.perf_counter()
    scan = Scan(evidence.verifier, progress or NoProgress())
    before = _anchor_before(scan, evidence)
    try:
        with store.reading() as ledger:
            for words in store.faults(ledger, deep=evidence.deep):
                scan.find("guard", None, words)
            if _read(scan, ledger, evidence.since):
                _end(scan)
                if evidence.since is None:  # what the log told of itself before is not read again
                    _retention(scan)
                    _data_keys(scan, ledger)
                _anchor(scan, ledger, evidence, before)
                _receipts(scan, ledger, evidence.receipts)
    except InputError as error:
        scan.find("unreadable", scan.expected, str(error))
    except _ODD as error:
        scan.find("unreadable", scan.expected, f"a value of a type that the log never writes ({error})")
    return scan.outcome(time.perf_counter() - began)


def _read(scan: Scan, ledger: Ledger, since: Receipt | None) -> bool:
    return scan.read(ledger) if since is None else scan.read_after(ledger, since.seq, since.hash)


def _anchor_before(scan: Scan, evidence: Evidence) -> Told | None:
    """Return the anchor as it is before the database is read: what it tells of must be there."""
    try:
        found = evidence.anchor.read()
    except ValueError as error:
        scan.find("anchor", None, f"{evidence.anchor.path} is {error}")
        return None
    if found is None and evidence.alone:
        scan.find("anchor", None, f"the anchor {evidence.anchor.path} is missing")
    elif found is None:
        scan.notes.append("this machine holds no anchor of the log: an older copy would not be noticed here")
    return found


def _end(scan: Scan) -> None:
    last, head = scan.last, scan.head
    if last is None or head is None:
        scan.find("seals", None, "there is no signature at all")
        return
    scan.signed(last)
    if head[0] > last.seq:
        scan.find("unsigned", last.seq + 1, "entries at the end that no signature covers", last=head[0])
    elif head[0] < last.seq:
        scan.find("truncated", head[0] + 1, "entries at the end are missing that a signature covers", last=last.seq)


def _retention(scan: Scan) -> None:
    """Hold the entries about retention against the seal of the last pruning."""
    told, pruning = scan.retained[-1] if scan.retained else None, scan.pruning
    if told is None and pruning is None:
        return
    if told is None or pruning is None or told[0] != pruning.seq or told[1].get("seq") != pruning.boundary:
        scan.find("retention", None if told is None else told[0], "the log and the seal of the pruning disagree")


def _data_keys(scan: Scan, ledger: Ledger) -> None:
    keys = ledger.data_keys()
    try:
        digest = keys_digest(keys)
    except (TypeError, AttributeError):
        digest = "none"  # a value of another type than the log writes
    missing = {key.decode(errors="replace") for key in scan.key_ids if key} - {key.id for key in keys}
    for name in sorted(missing):
        scan.find("data_keys", None, f"data key {name} is gone: the entries it encrypted cannot be read")
    if (keys or scan.keys_told) and scan.keys_told != digest:
        scan.find("data_keys", None, "the wrapped data keys are not those that the log last told of")


def _anchor(scan: Scan, ledger: Ledger, evidence: Evidence, found: Told | None) -> None:
    if found is None or scan.last is None or scan.verifier is None:
        return
    log, seal = found.log, found.seal
    if log != scan.log:
        scan.find("other_log", 0, f"the anchor is of log {log.hex()}, the database of log {scan.log.hex()}")
        return
    if not found.by(scan.verifier):
        scan.find("anchor", None, "the anchor is not signed by the trusted key")
    elif seal.n > scan.last.n:
        lost = "an older copy of the database, or its end was cut off"
        scan.find("rolled_back", scan.last.seq + 1, f"the anchor tells of entry {seal.seq}: {lost}", last=seal.seq)
    elif seal.n >= 0 and ledger.seal(seal.n) not in (seal, None):
        scan.find("replaced", None, f"the anchor tells of another entry {seal.seq} than the database holds")
    elif seal.n < scan.last.n:
        _lag(scan, ledger, evidence, seal)


def _lag(scan: Scan, ledger: Ledger, evidence: Evidence, seal: Seal) -> None:
    """Tell of an anchor that is behind: by one group for each writer that was killed, and never more."""
    assert scan.last is not None
    try:
        now = evidence.anchor.read()
    except ValueError:
        now = None
    if now is not None and now.seal.n > seal.n:
        return  # others wrote while this read
    groups, entries = scan.last.n - seal.n, scan.last.seq - seal.seq
    if evidence.alone and groups > ledger.writers_after(seal.n):
        scan.find("anchor", seal.seq + 1, f"the anchor is {groups} groups behind: an older copy of it was put back")
        return
    scan.notes.append(
        f"the anchor is {entries} signed entries ({groups} groups) behind, as after a writer was killed; they are"
        " proven by their signature, and the next writer brings the anchor up to date"
    )


def _receipts(scan: Scan, ledger: Ledger, receipts: Sequence[Receipt]) -> None:
    for receipt in receipts:
        if scan.pruned is not None and 0 < receipt.seq <= scan.pruned["seq"]:
            scan.notes.append(f"entry {receipt.seq} of a receipt was pruned and cannot be compared")
            continue
        row = ledger.row(receipt.seq)
        if row is None or as_hex(row.hash) != receipt.hash:
            scan.find("receipt", receipt.seq, f"entry {receipt.seq} is not the one of the receipt")
