"""The audit log is told of every act, once and in order, whoever is killed in between.

An act is durable in the store before the log hears of it, and is marked as told afterwards. What was not told, because
a process died or had no log, is told by the next one that has: what the log's own entries already hold is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tradewind.core.errors import InputError, OutputError, TradewindError
from tradewind.governance.audit import AuditLog, Filter
from tradewind.surveillance.cases.database import CaseDatabase
from tradewind.surveillance.cases.records import Act, act_of

KIND = "surveillance_case"
"""Kind of the log's entries."""


def entry_body(act: Act) -> dict[str, Any]:
    """Return what the log holds of an act: all of it, its hash, and names that queries go by."""
    return {**vars(act), "hash": act.hash, "caller": act.by}


def tell(database: CaseDatabase, log: AuditLog) -> int:
    """Tell ``log`` what it was not told yet; return how many acts.

    Raises
    ------
    OutputError : the log cannot be written; the acts stay and are told later.
    """
    if not database.rows("SELECT 1 FROM acts WHERE told = 0 LIMIT 1"):
        return 0
    try:
        with database.transaction() as db:  # one at a time, so that nothing is told twice
            acts = [act_of(body) for (body,) in db.execute("SELECT body FROM acts WHERE told = 0 ORDER BY n")]
            if not acts:
                return 0
            known = _reached(log, database, {act.n: act.hash for act in acts})
            missing = [act for act in acts if act.n > known]
            log.append_many((KIND, entry_body(act)) for act in missing)
            db.execute("UPDATE acts SET told = 1 WHERE told = 0 AND n <= ?", (acts[-1].n,))
            return len(missing)
    except TradewindError as error:
        raise OutputError(
            f"what was done is kept, but the audit log could not be told yet ({str(error).rstrip('.')})",
            file=database.path,
            fix="mend the log; the next command tells it",
        ) from error


def _reached(log: AuditLog, database: CaseDatabase, waiting: Mapping[int, str]) -> int:
    """Return the number of the last act the log holds; InputError where it is none of those the store has.

    ``waiting`` : hashes of the acts that were not told, by number.
    """
    for entry in log.entries(Filter(kind=KIND), newest=True):
        if entry.body.get("store") == database.id:
            n = int(entry.body["n"])
            if n >= min(waiting) and waiting.get(n) != entry.body.get("hash"):
                raise InputError(
                    f"the audit log holds another act {n} than the store: the store is an older copy",
                    file=database.path,
                    fix="restore the newest copy of the store; `surveil case verify` tells what is missing",
                )
            return n
    return min(waiting) - 1


def logged(log: AuditLog, store: str) -> Mapping[int, str]:
    """Return the hashes of the acts of ``store`` that the log holds, by number; each computed anew from its entry."""
    found: dict[int, str] = {}
    for entry in log.entries(Filter(kind=KIND)):
        if entry.body.get("store") == store:
            act = act_of(json.dumps({k: v for k, v in entry.body.items() if k not in ("hash", "caller")}).encode())
            found[act.n] = act.hash
    return found
