"""Every kind of finding has a section that a person can follow."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tradewind.monitoring.alerts import RUNBOOK, runbook
from tradewind.monitoring.alerts.runbook import SUMMARY, UNKNOWN

ROOT = Path(__file__).parents[3]
PARTS = ("What it means.", "Look at.", "Command.", "Do.", "Wake someone.")


def sections() -> dict[str, str]:
    text = (ROOT / "docs" / "runbook.md").read_text()
    found = {}
    for part in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        found[re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")] = body
    return found


def test_every_kind_has_a_section_that_says_what_to_do() -> None:
    known = sections()
    for kind, place in RUNBOOK.items():
        page, _, anchor = place.partition("#")
        assert page == "docs/runbook.md"
        assert anchor in known, f"{kind} refers to #{anchor}"
        for part in PARTS:
            assert f"**{part}**" in known[anchor], f"the section of {kind} does not say: {part}"
    for place in (SUMMARY, UNKNOWN, runbook("a_kind_of_tomorrow")):
        assert place.partition("#")[2] in known


def test_every_kind_that_a_watcher_tells_is_known() -> None:
    """The kinds in the code: the ``kind`` of each ``Finding(...)`` that is written out."""
    told = set()
    for path in (ROOT / "src" / "tradewind" / "monitoring").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                for word in node.keywords:
                    if word.arg == "kind":
                        told |= {
                            one.value
                            for one in ast.walk(word.value)
                            if isinstance(one, ast.Constant) and isinstance(one.value, str)
                        }
    assert "job_failed" in told
    assert told <= set(RUNBOOK), f"no run-book section for {sorted(told - set(RUNBOOK))}"
