"""Why an alert: evidence in order, rules in words, pictures, regulation, doubts, and the case file that holds them."""

from tradewind.surveillance.explain.case_file import CaseAbout, build_case_file
from tradewind.surveillance.explain.confidence import Confidence, confidence
from tradewind.surveillance.explain.contributions import Contribution, contributions
from tradewind.surveillance.explain.doubts import caveats, checks, doubts
from tradewind.surveillance.explain.evidence import EvidenceChain
from tradewind.surveillance.explain.extract import Extract
from tradewind.surveillance.explain.glossary import label, reading
from tradewind.surveillance.explain.pictures import Picture, pictures
from tradewind.surveillance.explain.regulation import Article, articles, duties
from tradewind.surveillance.explain.rules import (
    Rule,
    RuleList,
    imitate,
    imitate_all,
    read_rules,
    write_rules,
)
from tradewind.surveillance.explain.store import EvidenceStore
from tradewind.surveillance.explain.story import Step

__all__ = [
    "Article",
    "CaseAbout",
    "Confidence",
    "Contribution",
    "EvidenceChain",
    "EvidenceStore",
    "Extract",
    "Picture",
    "Rule",
    "RuleList",
    "Step",
    "articles",
    "build_case_file",
    "caveats",
    "checks",
    "confidence",
    "contributions",
    "doubts",
    "duties",
    "imitate",
    "imitate_all",
    "label",
    "pictures",
    "read_rules",
    "reading",
    "write_rules",
]
