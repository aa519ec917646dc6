"""Dilated causal convolutions with residuals over the last bars of a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.settings import NetSettings, check_reach

if TYPE_CHECKING:
    from tradewind.models.nets.modules.backbone import Backbone


class TCNSettings(NetSettings):
    """Settings of the temporal convolutional net.

    ``kernel`` : bars a convolution reads; ``levels`` : blocks of two convolutions, each with twice the dilation of the
    one before. Together they may reach back over ``window`` bars.
    """

    kernel: int = Field(default=3, ge=2)
    levels: int = Field(default=3, ge=1)

    @model_validator(mode="after")
    def _fits_the_window(self) -> Self:
        check_reach(1 + 2 * (self.kernel - 1) * (2**self.levels - 1), self.window)
        return self


class TCNForecaster(NetForecaster[TCNSettings]):
    """A two-headed temporal convolutional net (Bai, Kolter and Koltun 2018)."""

    name = "tcn"
    settings_type = TCNSettings

    def backbone(self, n_features: int) -> Backbone:
        """Return the blocks of dilated convolutions."""
        from tradewind.models.nets.modules.convolution import TCNBackbone

        s = self.settings
        return TCNBackbone(n_features, s.hidden, s.kernel, s.levels, s.dropout)
