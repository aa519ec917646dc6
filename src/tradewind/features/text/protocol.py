"""What a scorer and an embedder of texts do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tradewind.core.arrays import Float32Array, FloatArray


@runtime_checkable
class TextScorer(Protocol):
    """Gives a text one number: how good its news is for the share it is about.

    A score depends on the text alone, never on the other texts of the call, so that a scorer cannot carry
    information from a later text to an earlier one.
    """

    def score(self, texts: Sequence[str], /) -> FloatArray:
        """Return (m,) float64 in [-1, 1]; 0 where a text says nothing, an empty text included."""
        ...


@runtime_checkable
class TextEmbedder(Protocol):
    """Gives a text a vector; equal texts get equal vectors whatever else is in the call."""

    name: str

    def embed(self, texts: Sequence[str], /) -> Float32Array:
        """Return (m, d) float32."""
        ...
