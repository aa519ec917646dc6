"""Which text parts a model uses, and the parts themselves."""

from __future__ import annotations

from typing import Literal

from tradewind.core import Settings
from tradewind.features import FinBERTScorer, LexiconScorer, MiniLMEmbedder, TextEmbedder, TextScorer


class TextSettings(Settings):
    """How news become numbers.

    ``scorer`` : tone of an item: the embedded ``lexicon``, or ``finbert`` (extra ``finbert``). ``head`` : fit a text
    model on the news inside each fold and give its forecast to the members as one more column; it reads hashed
    ``words``, or sentence vectors of ``minilm`` (extra ``minilm``), as ``reads`` says.
    """

    scorer: Literal["lexicon", "finbert"] = "lexicon"
    head: bool = True
    reads: Literal["words", "minilm"] = "words"


def scorer_of(settings: TextSettings) -> TextScorer:
    """Return the scorer that ``settings`` names; it raises MissingExtraError at its first text where it is absent."""
    return FinBERTScorer() if settings.scorer == "finbert" else LexiconScorer()


def embedder_of(settings: TextSettings) -> TextEmbedder | None:
    """Return the text head's embedder, None for hashed words."""
    return MiniLMEmbedder() if settings.reads == "minilm" else None
