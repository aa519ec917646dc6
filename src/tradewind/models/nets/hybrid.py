"""Convolution, recurrence and attention over the last bars of a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from tradewind.core import Dataset
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.models.nets.forecaster import NetForecaster, read_attention
from tradewind.models.nets.settings import NetSettings, check_reach

if TYPE_CHECKING:
    from tradewind.models.nets.modules.backbone import Backbone


class HybridSettings(NetSettings):
    """Settings of the hybrid net: ``kernel`` bars of the convolution, and the ``cell`` of the recurrence after it."""

    kernel: int = Field(default=3, ge=1)
    cell: Literal["lstm", "gru"] = "lstm"

    @model_validator(mode="after")
    def _fits_the_window(self) -> Self:
        check_reach(self.kernel, self.window)
        return self


class HybridForecaster(NetForecaster[HybridSettings]):
    """A two-headed net: convolution, LSTM or GRU, attention over the last states, dense layer."""

    name = "hybrid"
    settings_type = HybridSettings
    predict_batch = 512

    def backbone(self, n_features: int) -> Backbone:
        """Return the convolution, recurrence, attention and dense layer."""
        from tradewind.models.nets.modules.hybrid import HybridBackbone

        s = self.settings
        return HybridBackbone(n_features, s.hidden, kernel=s.kernel, cell=s.cell, window=s.window, dropout=s.dropout)

    def attention(self, data: Dataset, rows: IntArray) -> FloatArray:
        """Return (m, window) attention of ``rows`` on the states of the last bars; the row itself last."""
        return read_attention(self, data, rows)
