"""The page on explanations says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradewind.explain.rationale import LAYERS, RationaleSettings
from tradewind.explain.rationale.rules import RULES

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "explain.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["near", "wide", "dissent", "outside", "missing"])
def test_limits_are_those_of_the_settings(name: str):
    assert f"`{name}` {getattr(RationaleSettings(), name):g} |" in TEXT


def test_words_for_a_lean_begin_where_the_page_says():
    s = RationaleSettings()
    assert (
        f"*slight* (confidence from {s.slight:g}), *moderate* ({s.moderate:g}) or *strong* ({s.strong:g})"
        in TEXT.replace("\n", " ")
    )


def test_every_layer_is_described_and_named_rules_exist():
    for layer in LAYERS:
        assert f"| {layer} |" in TEXT
    for rule in re.findall(r"`(\w+)\(attribution", TEXT):
        assert rule in RULES


def test_its_picture_and_links_are_there():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (DOCS / target).is_file(), target
    assert (DOCS / "explain_waterfall.svg").stat().st_size < 40_000
