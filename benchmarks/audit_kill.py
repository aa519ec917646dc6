"""A writer that is killed with SIGKILL at a random moment: nothing it acknowledged may be lost.

Run as a script this is the writer: threads append and print each receipt only when they have it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tradewind.governance.audit import AuditLog, Receipt

THREADS = 8


@dataclass(frozen=True)
class Trial:
    """What a killed writer left.

    Attributes
    ----------
    acknowledged : receipts it printed.
    lost : how many of them the log no longer holds.
    ok : whether the log verified as it was left, and again after it was opened and written to.
    rows : entries in the log.
    notes : what verification said of the log as it was left.
    """

    acknowledged: int
    lost: int
    ok: bool
    rows: int
    notes: tuple[str, ...]


def trial(database: Path, rng: random.Random) -> Trial:
    """Start a writer on the log in ``database``, kill it, and look at what is left."""
    child = subprocess.Popen([sys.executable, __file__, str(database)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(rng.uniform(0.0, 0.4))
    child.send_signal(signal.SIGKILL)
    child.wait()
    lines = [line for line in (first + child.stdout.read()).decode().split("\n")[:-1] if line]
    child.stdout.close()
    receipts = [Receipt(int(seq), digest) for seq, digest in (line.split() for line in lines)]
    left = AuditLog.open(database, readonly=True).verify(receipts=receipts)
    lost = sum(finding.fault == "receipt" for finding in left.findings)
    with AuditLog.open(database) as log:
        receipts.append(log.append("decision", {"after": "kill"}))
        again = log.verify(receipts=receipts)
    return Trial(len(lines), lost, left.ok and again.ok and not again.notes, left.rows, left.notes)


def write(database: Path) -> None:
    """Append from several threads until killed."""
    log = AuditLog.open(database)

    def work(number: int) -> None:
        n = 0
        while True:
            n += 1
            receipt = log.append("prediction", {"symbol": f"S{number}", "n": n, "padding": "x" * 200})
            os.write(1, f"{receipt.seq} {receipt.hash}\n".encode())  # one write: lines of threads do not mix

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
