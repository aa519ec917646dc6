"""What every channel promises, and the two ways in which a delivery fails."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tradewind.core import TradewindError
from tradewind.monitoring.alerts.records import Notification


class DeliveryError(TradewindError):
    """A delivery failed; it may work later. The message holds no secret."""


class RefusedError(DeliveryError):
    """The receiver refused the notification for a fault that time does not mend: a wrong address, a wrong key."""


class Channel(Protocol):
    """Delivers notifications to one receiver."""

    def send(self, notification: Notification, now: datetime) -> None:
        """Deliver ``notification``; return when the receiver has it.

        Raises
        ------
        DeliveryError : it has not, or it is not known. RefusedError : and never will.
        InputError : a secret or certificate of the channel cannot be read.
        """
        ...
