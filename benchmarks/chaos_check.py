"""What must hold after a fault: nothing that was acknowledged is lost, and nothing that was said is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from chaos_rig import Answer, Feeder, Rig
from chaos_world import Key, Said, predictions
from tradewind.features import REGISTRY
from tradewind.governance.audit import AuditLog
from tradewind.governance.audit.served import SERVED, served_lines
from tradewind.streaming.features import SqliteStore, parity_report

TOLERANCE = 1e-6
"""What an artefact promises: as far may engines that answer one row and many be apart."""


@dataclass(kw_only=True)
class Held:
    """Counts; all but ``answers``, ``provisional``, ``rows`` and ``compared`` must be 0, ``verified`` True.

    Attributes
    ----------
    answers : forecasts in answers of status 200. unrecorded : of them, those that the audit log lacks under their
        request id. wrong : of them, those that no undisturbed server gives. provisional : of them, those of a slice
        that closed without its late bars; each is in the audit log and was replaced.
    rows, missing, differing, unexpected : of the table of predictions, against that of an undisturbed server.
    compared, parity_missing, parity_differing : feature rows against the batch definitions.
    """

    answers: int = 0
    unrecorded: int = 0
    wrong: int = 0
    provisional: int = 0
    verified: bool = False
    rows: int = 0
    missing: int = 0
    differing: int = 0
    unexpected: int = 0
    compared: int = 0
    parity_missing: int = 0
    parity_differing: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """What is missing that was acknowledged."""
        return self.unrecorded + self.missing + self.parity_missing

    @property
    def false(self) -> int:
        """What is there and wrong."""
        return self.wrong + self.differing + self.unexpected + self.parity_differing + (not self.verified)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts."""
        return {**asdict(self), "lost": self.lost, "false": self.false}


def check(rig: Rig, answers: Sequence[Answer], last: int, *, whole: Iterable[str], others: Iterable[str] = ()) -> Held:
    """Check a server that has ended, whose callers got ``answers`` and whose last bars are those of ``last``.

    ``whole`` : versions that must have answered every bar. ``others`` : that may have answered some.
    """
    held = Held()
    reference = rig.world.undisturbed()
    _answers(rig, answers, reference, held)
    _table(rig, reference, last, set(whole), set(others), held)
    _features(rig, last, held)
    return held


def forecasts(answer: Answer) -> list[dict[str, Any]]:
    """Return the forecasts in an answer."""
    if answer.status != 200:
        return []
    found = json.loads(answer.body)
    return list(found["forecasts"]) if "forecasts" in found else [found]


def time_of(forecast: Mapping[str, Any]) -> int:
    """Return the time of its bar, microseconds."""
    return int(np.datetime64(forecast["time"].removesuffix("Z"), "us").astype(np.int64))


def _answers(rig: Rig, answers: Sequence[Answer], reference: Mapping[Key, Said], held: Held) -> None:
    recorded: set[tuple[str, str]] = set()
    made: dict[str, float] = {}
    with AuditLog.open(rig.audit) as log:
        verdict = log.verify()
        held.verified = bool(verdict.ok)
        if not verdict.ok:
            held.notes.append(f"the audit log: {verdict}"[:500])
        for entry in log.entries():
            if entry.kind == SERVED and entry.body.get("count"):
                recorded.update((line.request, line.prediction) for line in served_lines(entry.body))
            elif entry.kind == "prediction":
                made[entry.body["output"]["prediction"]] = entry.body["output"]["probability"]
    for answer in answers:
        for one in forecasts(answer):
            held.answers += 1
            if (answer.request, one["id"]) not in recorded:
                held.unrecorded += 1
                held.notes.append(f"not in the audit log: {answer.request} {one['id']}")
            key = (one["symbol"], time_of(one), one["model"])
            said = (one["id"], one["inputs_id"], one["probability"], one["expected_return"])
            if _same(reference.get(key), said):
                continue
            if reference.get(key, said)[0] != one["id"] and made.get(one["id"]) == one["probability"]:
                held.provisional += 1
            else:
                held.wrong += 1
                held.notes.append(f"wrong: {key} {said} where {reference.get(key)}")
    del held.notes[20:]


def _table(rig: Rig, reference: Mapping[Key, Said], last: int, whole: set[str], others: set[str], held: Held) -> None:
    found = predictions(rig.state / "predictions.db")
    held.rows = len(found)
    due = {key: said for key, said in reference.items() if key[1] <= last and key[2] in whole}
    missing = [key for key in due if key not in found]
    held.missing = len(missing)
    for key, said in found.items():
        if key[1] > last or key[2] not in whole | others or key not in reference:
            held.unexpected += 1
            held.notes.append(f"unexpected row: {key}")
        elif not _same(reference[key], said):
            held.differing += 1
            held.notes.append(f"differing row: {key} {said} where {reference[key]}")
    held.notes += [f"missing row: {key}" for key in missing[:5]]
    del held.notes[20:]


def _features(rig: Rig, last: int, held: Held) -> None:
    panel = rig.world.until(last)
    names = REGISTRY.names(inputs=("bars",))
    store = SqliteStore(rig.state / "features.db", rig.world.symbols, names)
    try:
        report = parity_report(store, panel)
    finally:
        store.close()
    held.compared = report.compared
    held.parity_missing = report.missing + report.extra
    held.parity_differing = sum(one.beyond + one.nan_mismatches for one in report.features)
    if report.verdict != "equal":
        held.notes.append(f"parity: {report.verdict}, {[one.name for one in report.features if one.beyond][:5]}")


def _same(expected: Said | None, said: Said) -> bool:
    """Return whether both are of the same inputs and say the same, as far as the engines for one row and many do."""
    return (
        expected is not None
        and expected[:2] == said[:2]
        and max(abs(a - b) for a, b in zip(expected[2:], said[2:], strict=True)) <= TOLERANCE
    )


def recovery(answers: Sequence[Answer], feeder: Feeder, over: float) -> tuple[float, float]:
    """Return seconds from ``over`` to the first answer since then, and to the first about the newest bars of then."""
    newest = feeder.newest(over)
    later = sorted(
        (a for a in answers if a.status == 200 and a.due >= over - 0.5 and a.done >= over), key=lambda a: a.done
    )
    first = next((a.done - over for a in later), float("nan"))
    fresh = next((a.done - over for a in later if time_of(forecasts(a)[0]) >= newest), float("nan"))
    return first, fresh


def seen(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return what callers saw: answers by status, refusals that told when to come back, latencies in milliseconds."""
    good = np.array([a.done - a.due for a in answers if a.status == 200])
    counts = Counter(a.status for a in answers)
    return {
        "requests": len(answers),
        "status": {str(status): counts[status] for status in sorted(counts)},
        "retry_after": sum(a.retry_after for a in answers if a.status in (429, 503)),
        "p50_ms": round(1e3 * float(np.quantile(good, 0.5)), 2) if len(good) else None,
        "p99_ms": round(1e3 * float(np.quantile(good, 0.99)), 1) if len(good) else None,
    }
