"""Nets over the last events of a candidate's accounts: what they look like, and how unusual they are."""

from tradewind.surveillance.sequences.bundled import LEARNED_FROM, bundled_sequences
from tradewind.surveillance.sequences.labels import sequence_labels
from tradewind.surveillance.sequences.model import CLASSES, SequenceModel, SequenceSettings
from tradewind.surveillance.sequences.token_layout import LENGTH, WIDTH
from tradewind.surveillance.sequences.tokens import TokenReader
from tradewind.surveillance.sequences.view import SequenceView

__all__ = [
    "CLASSES",
    "LEARNED_FROM",
    "LENGTH",
    "WIDTH",
    "SequenceModel",
    "SequenceSettings",
    "SequenceView",
    "TokenReader",
    "bundled_sequences",
    "sequence_labels",
]
