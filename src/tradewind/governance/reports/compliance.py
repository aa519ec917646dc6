"""The compliance status: every check of the house rules as a page."""

from __future__ import annotations

from datetime import datetime

from tradewind.governance.pages import Document, Items, Mark, Notice, Section, Table, Tone
from tradewind.governance.pages.numbers import count, counted, instant, moment
from tradewind.governance.reports.checks import ComplianceFacts, Status, compliance_checks
from tradewind.governance.reports.report import Report

SHOWN = 20
"""Lines of evidence of one check on the page; the JSON file holds all."""
TONES: dict[Status, Tone] = {Status.passed: "good", Status.failed: "bad", Status.not_assessed: "warn"}


def compliance(facts: ComplianceFacts, *, at: datetime) -> Report:
    """Return the compliance status as of ``at``."""
    checks = compliance_checks(facts, at)
    tally = {status: sum(check.status is status for check in checks) for status in Status}
    overall = next((s for s in (Status.failed, Status.not_assessed) if tally[s]), Status.passed)
    summary = Table(
        ("check", "rule", "status"),
        tuple((check.name, check.rule, Mark(str(check.status), TONES[check.status])) for check in checks),
        left=3,
    )
    sections = [Section("Summary", "summary", (summary,))]
    for number, check in enumerate(checks, 1):
        shown = check.evidence[:SHOWN]
        more = len(check.evidence) - len(shown)
        items = Items((*shown, f"and {count(more)} more in the JSON file") if more else shown)
        head = Notice(f"{check.status}: {check.rule}", TONES[check.status])
        sections.append(Section(check.name, f"check-{number}", (head, items)))
    return Report(
        name="compliance",
        data={
            "kind": "compliance",
            "at": instant(at).isoformat(),
            "status": str(overall),
            "counts": {str(status): found for status, found in tally.items()},
            "policy": facts.policy.model_dump(mode="json"),
            "checks": [check.to_dict() for check in checks],
        },
        document=Document(
            kind="Compliance status",
            title=f"{len(checks)} checks of model governance",
            status=Mark(_words(overall, tally[Status.not_assessed]), TONES[overall]),
            lead=(
                f"{tally[Status.passed]} pass, {tally[Status.failed]} fail, "
                f"{tally[Status.not_assessed]} not assessed. A check passes only on evidence listed below.",
            ),
            facts=(("As of", moment(at)), ("Versions that may answer", count(len(facts.active)))),
            sections=tuple(sections),
            foot="House rules, not law: passing them is no statement of compliance with any regulation.",
        ),
    )


def _words(overall: Status, unknown: int) -> str:
    """Return the overall status in words; a part that was not assessed is not all of it."""
    return f"{counted(unknown, 'check')} not assessed" if overall is Status.not_assessed else str(overall)
