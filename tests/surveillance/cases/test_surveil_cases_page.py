"""The page about cases says what the rules are."""

from __future__ import annotations

from pathlib import Path

from tradewind.surveillance.cases import rules_table

PAGE = Path(__file__).parents[3] / "docs" / "surveillance_cases.md"


def test_the_page_holds_the_rules() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for row in rules_table():
        assert f"| {' | '.join(row.values())} |" in text
