"""The process beside the server that takes the audit spool into the audit log: `python -m tradewind.cli.auditor`.

It ends when its standard input closes, which a server that was killed cannot fail to do, and takes in first what that
server had written.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from filelock import FileLock

from tradewind.cli.recorded import RecordDrain
from tradewind.core import TradewindError
from tradewind.core.plain import finite
from tradewind.governance.audit import AuditLog, KeyRing, prediction_body
from tradewind.governance.audit.served import SERVED, served_body
from tradewind.serving.watch.drain import Block, Drain
from tradewind.streaming.records import Prediction

LOOK_BACK = 10_000
"""Blocks that are read back at most to find how far a writer came."""


def entries_of(block: Block) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what a block becomes in the log: its predictions in full, then who was given what."""
    found: list[tuple[str, Mapping[str, Any]]] = [("prediction", _prediction(one)) for one in block.made]
    origin = {"writer": block.writer, "segment": block.segment, "start": block.start, "end": block.end}
    if block.served:
        found.append((SERVED, served_body(block.served, origin)))
    else:
        found.append((SERVED, {**origin, "count": 0}))
    return found


def _prediction(one: Prediction) -> dict[str, Any]:
    name, _, version = one.model.partition("/")
    return prediction_body(
        time=_iso(one.made_at),
        as_of=_iso(one.known_at),
        symbol=one.symbol,
        model=name,
        model_version=version or "0",
        stage=one.how,
        data_version=one.inputs_id,
        inputs=one.inputs_id,
        output=finite(
            {
                "probability": one.probability,
                "expected_return": one.expected_return,
                "lower": one.lower,
                "upper": one.upper,
                "prediction": one.id,
                "revision": one.revision,
                "bar": _iso(one.time),
            }
        ),
        caller="server",
    )


def _iso(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat()


def reached(log: AuditLog) -> dict[str, tuple[str, int]]:
    """Return how far the log is for each writer, from its newest blocks."""
    found: dict[str, tuple[str, int]] = {}
    for entry in log.query(kind=SERVED, newest=True, limit=LOOK_BACK):
        writer = entry.body.get("writer")
        if isinstance(writer, str):
            found.setdefault(writer, (entry.body["segment"], entry.body["end"]))
    return found


def run(spool: Path, place: str, writers: frozenset[str], stop: Event, records: Path | None = None) -> None:
    """Drain ``spool`` into the log at ``place`` until ``stop``; ``writers`` are those of the server beside it.

    ``records`` : file of what the experiment did, which is drained as well.

    Others have ended: only one server uses a spool at a time.
    """
    with FileLock(spool / ".auditor.lock"), AuditLog.open(place, key=KeyRing.of_environment()) as log:
        drain = Drain(
            folder=spool,
            write=lambda block: (log.append_many(entries_of(block)), None)[1],
            reached=lambda: reached(log),
        )
        drain.step(ended=drain.writers() - writers)
        taking = None
        if records is not None:
            taking = Thread(target=RecordDrain(records, log).run, args=(stop.wait,), name="what the experiment did")
            taking.start()
        try:
            drain.run(stop)
            drain.step(ended=writers)
        finally:
            stop.set()
            if taking is not None:
                taking.join()


def main(arguments: list[str] | None = None) -> int:
    """Run until standard input closes; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tradewind.cli.auditor", description=__doc__)
    parser.add_argument("--spool", type=Path, required=True, help="folder of the spool")
    parser.add_argument("--audit", required=True, help="place of the audit log")
    parser.add_argument("--writer", action="append", default=[], help="a writer that lives")
    parser.add_argument("--records", type=Path, help="file of what the experiment did")
    given = parser.parse_args(arguments)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the server tells when to end: its lines come until its own end

    def watch() -> None:
        while sys.stdin.buffer.read(1024):
            pass
        stop.set()

    Thread(target=watch, daemon=True).start()
    try:
        run(given.spool, given.audit, frozenset(given.writer), stop, given.records)
    except TradewindError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
