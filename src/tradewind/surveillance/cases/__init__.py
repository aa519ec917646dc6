"""From alerts to cases: a queue for analysts, decisions by two people, and what is learnt from them."""

from tradewind.surveillance.cases.intake import Ingested, IntakeSettings
from tradewind.surveillance.cases.proof import CaseFinding
from tradewind.surveillance.cases.records import Act, Attachment, Case, CaseState, Doing, Note, Outcome, Proposal
from tradewind.surveillance.cases.rules import RULES, CaseRule, rules_table
from tradewind.surveillance.cases.store import CaseStore

__all__ = [
    "RULES",
    "Act",
    "Attachment",
    "Case",
    "CaseFinding",
    "CaseRule",
    "CaseState",
    "CaseStore",
    "Doing",
    "Ingested",
    "IntakeSettings",
    "Note",
    "Outcome",
    "Proposal",
    "rules_table",
]
