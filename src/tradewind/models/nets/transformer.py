"""Causal multi-head attention over the last bars of a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from tradewind.core import Dataset
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.models.nets.forecaster import NetForecaster, read_attention
from tradewind.models.nets.settings import NetSettings

if TYPE_CHECKING:
    from tradewind.models.nets.modules.backbone import Backbone


class TransformerSettings(NetSettings):
    """Settings of the transformer.

    ``heads`` : attention heads, which share the ``hidden`` units evenly. ``layers`` : encoder layers; each reaches
    back over an equal share of ``window``, so that all together reach back over it at most.
    """

    heads: int = Field(default=4, ge=1)
    layers: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _heads_share_evenly(self) -> Self:
        if self.hidden % self.heads:
            raise ValueError(f"{self.hidden} hidden units cannot be shared evenly by {self.heads} heads")
        return self


class TransformerForecaster(NetForecaster[TransformerSettings]):
    """A two-headed causal encoder (Vaswani et al. 2017) whose attention can be read."""

    name = "transformer"
    settings_type = TransformerSettings
    predict_batch = 512

    def backbone(self, n_features: int) -> Backbone:
        """Return the encoder."""
        from tradewind.models.nets.modules.transformer import TransformerBackbone

        s = self.settings
        return TransformerBackbone(n_features, s.hidden, s.heads, s.layers, s.window, s.dropout)

    def attention(self, data: Dataset, rows: IntArray) -> FloatArray:
        """Return (m, window) attention of ``rows``, mean of the heads, followed through the layers; the row last."""
        return read_attention(self, data, rows)
