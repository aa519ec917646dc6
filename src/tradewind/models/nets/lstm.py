"""LSTM over the last bars of a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.settings import NetSettings

if TYPE_CHECKING:
    from tradewind.models.nets.modules.backbone import Backbone


class LSTMSettings(NetSettings):
    """Settings of the LSTM."""


class LSTMForecaster(NetForecaster[LSTMSettings]):
    """A two-headed LSTM (Hochreiter and Schmidhuber 1997)."""

    name = "lstm"
    settings_type = LSTMSettings
    gradient_batch = 64

    def backbone(self, n_features: int) -> Backbone:
        """Return one LSTM layer."""
        from tradewind.models.nets.modules.recurrent import LSTMBackbone

        return LSTMBackbone(n_features, self.settings.hidden)
