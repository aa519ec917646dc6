"""Scoring of texts behind one protocol, and a head fitted inside the fold."""

from tradewind.features.text.finbert import FinBERTScorer
from tradewind.features.text.head import TextHead, TextHeadSettings
from tradewind.features.text.lexicon import LexiconScorer
from tradewind.features.text.minilm import MiniLMEmbedder
from tradewind.features.text.protocol import TextEmbedder, TextScorer
from tradewind.features.text.tokens import words

__all__ = [
    "FinBERTScorer",
    "LexiconScorer",
    "MiniLMEmbedder",
    "TextEmbedder",
    "TextHead",
    "TextHeadSettings",
    "TextScorer",
    "words",
]
