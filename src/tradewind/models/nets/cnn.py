"""Causal convolutions of several lengths over the last bars of a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.settings import NetSettings, check_reach

if TYPE_CHECKING:
    from tradewind.models.nets.modules.backbone import Backbone


class CNNSettings(NetSettings):
    """Settings of the CNN.

    ``kernels`` : bars that the convolutions of a layer read, side by side; they share the ``hidden`` channels evenly.
    ``layers`` : layers upon each other; with the longest kernel they may reach back over ``window`` bars.
    """

    kernels: tuple[Annotated[int, Field(ge=1)], ...] = Field(default=(2, 3, 5, 10), min_length=1)
    layers: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _fits_the_window(self) -> Self:
        check_reach(1 + self.layers * (max(self.kernels) - 1), self.window)
        return self


class CNNForecaster(NetForecaster[CNNSettings]):
    """A two-headed net of causal convolutions of several kernel sizes."""

    name = "cnn"
    settings_type = CNNSettings

    def backbone(self, n_features: int) -> Backbone:
        """Return the layers of convolutions."""
        from tradewind.models.nets.modules.convolution import CNNBackbone

        s = self.settings
        return CNNBackbone(n_features, s.hidden, s.kernels, s.layers, s.dropout)
