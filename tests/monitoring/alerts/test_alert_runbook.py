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


def words(node: ast.AST) -> set[str]:
    """Return the string constants below ``node``."""
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def places_of_kind(tree: ast.AST) -> dict[str, int]:
    """Return function -> place of its parameter ``kind`` among those a caller gives, for functions that have one."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            given = [one.arg for one in node.args.args if one.arg != "self"]
            if "kind" in given:
                found[node.name] = given.index("kind")
    return found


def kinds_told(tree: ast.AST) -> set[str]:
    """Return the kinds written in a module: given as ``kind``, by name or place, or bound to a name given so.

    A name that is given stands for the strings of one word_with_underscores in the rows it is unpacked from.
    """
    places, told = places_of_kind(tree), set()
    for scope in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Module)):
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                names = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(getattr(name, "id", "") == "KINDS" for name in names) and isinstance(node.value, ast.Dict):
                    told |= set().union(*map(words, node.value.values))
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [word.value for word in node.keywords if word.arg == "kind"]
            if called in places and len(node.args) > places[called]:
                given.append(node.args[places[called]])
            for one in given:
                if isinstance(one, ast.Constant | ast.IfExp):
                    told |= words(one)
                elif isinstance(one, ast.Name) and isinstance(scope, ast.FunctionDef):
                    told |= unpacked(scope, one.id)
                elif isinstance(one, ast.Call):  # KINDS.get(event.kind, "bad_bar")
                    told |= words(one)
    return told


def unpacked(scope: ast.FunctionDef, name: str) -> set[str]:
    """Return the constants at the place of ``name`` in the rows that a loop of ``scope`` unpacks."""
    found: set[str] = set()
    for loop in ast.walk(scope):
        if isinstance(loop, ast.Assign) and any(getattr(target, "id", "") == name for target in loop.targets):
            found |= words(loop.value)
        if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Tuple):
            continue
        row = loop.target.elts[-1] if isinstance(loop.target.elts[-1], ast.Tuple) else loop.target
        names = [getattr(one, "id", "") for one in row.elts]
        if name not in names:
            continue
        for rows in ast.walk(scope):
            if isinstance(rows, ast.Tuple) and rows is not row and len(rows.elts) == len(names):
                one = rows.elts[names.index(name)]
                found |= words(one) if isinstance(one, ast.Constant) else set()
    return found


def test_every_kind_that_a_watcher_tells_is_known() -> None:
    """The kinds in the code, those too that reach a ``Finding`` through a helper or a table."""
    told: set[str] = set()
    for path in (ROOT / "src" / "tradewind" / "monitoring").rglob("*.py"):
        text = path.read_text()
        if "Finding(" in text or "Meaning(" in text:
            told |= kinds_told(ast.parse(text))
    told -= {"job"}  # an action of the journal, which is no finding
    seen = {
        "job_failed",
        "correlation_shift",
        "bad_bar",
        "overload",
        "drawdown",
        "feed_silent",
        "ic_drop",
        "rolled_back",
    }
    assert seen <= told, f"not found in the code: {sorted(seen - told)}"
    assert told <= set(RUNBOOK), f"no run-book section for {sorted(told - set(RUNBOOK))}"
