"""Model cards made from a model's record, and the checklist they must pass."""

from tradewind.governance.cards.card import Card, IncompleteCardError, make_card
from tradewind.governance.cards.checklist import REQUIREMENTS, Checklist, Gap, Requirement, check_card
from tradewind.governance.cards.notes import SKELETON, CardNotes, write_skeleton
from tradewind.governance.cards.sources import CardSources

__all__ = [
    "REQUIREMENTS",
    "SKELETON",
    "Card",
    "CardNotes",
    "CardSources",
    "Checklist",
    "Gap",
    "IncompleteCardError",
    "Requirement",
    "check_card",
    "make_card",
    "write_skeleton",
]
