"""GRU over the last bars of a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.settings import NetSettings

if TYPE_CHECKING:
    from tradewind.models.nets.modules.backbone import Backbone


class GRUSettings(NetSettings):
    """Settings of the GRU."""


class GRUForecaster(NetForecaster[GRUSettings]):
    """A two-headed net of gated recurrent units (Cho et al. 2014)."""

    name = "gru"
    settings_type = GRUSettings

    def backbone(self, n_features: int) -> Backbone:
        """Return one GRU layer."""
        from tradewind.models.nets.modules.recurrent import GRUBackbone

        return GRUBackbone(n_features, self.settings.hidden)
