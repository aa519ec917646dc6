"""Plain English about a forecast, in four layers; every number in it comes from a fact with a source."""

from tradewind.explain.rationale.doubts import Doubt
from tradewind.explain.rationale.explanation import Explanation, check_record, explain
from tradewind.explain.rationale.facts import Fact, Facts
from tradewind.explain.rationale.gather import subject_of
from tradewind.explain.rationale.layers import LAYERS, Layer, Table
from tradewind.explain.rationale.local_line import local_lines_of
from tradewind.explain.rationale.sentences import Sentence, say, verify
from tradewind.explain.rationale.settings import RationaleSettings
from tradewind.explain.rationale.subject import Subject
from tradewind.explain.rationale.what_if import counterfactuals_of

__all__ = [
    "LAYERS",
    "Doubt",
    "Explanation",
    "Fact",
    "Facts",
    "Layer",
    "RationaleSettings",
    "Sentence",
    "Subject",
    "Table",
    "check_record",
    "counterfactuals_of",
    "explain",
    "local_lines_of",
    "say",
    "subject_of",
    "verify",
]
