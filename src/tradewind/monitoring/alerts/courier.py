"""Carries notifications from the outbox to their receivers: each on its own, at least once."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewind.core import InputError, TradewindError
from tradewind.core.clock import Clock, SystemClock
from tradewind.monitoring.alerts.channels.build import channel_of
from tradewind.monitoring.alerts.channels.protocol import Channel, DeliveryError, RefusedError
from tradewind.monitoring.alerts.outbox import Outbox, Parcel
from tradewind.monitoring.alerts.records import Notification
from tradewind.monitoring.alerts.settings import AlertSettings

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""How long one delivery is claimed; longer than the slowest channel takes with all its tries."""
KEPT = timedelta(days=90)
"""How long what was delivered stays in the outbox."""
MOST_ATTEMPTS = 500
"""Claims of one notification before it is given up: about ten days of half hours."""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What became of one round: notifications delivered, to be tried again, and given up."""

    sent: int = 0
    later: int = 0
    refused: int = 0


class Courier:
    """Delivers what waits in ``outbox``. A receiver that is slow or away holds up nobody else.

    Parameters
    ----------
    channels : by receiver's name.
    """

    def __init__(self, outbox: Outbox, channels: Mapping[str, Channel]) -> None:
        self._outbox, self._channels = outbox, dict(channels)
        self._owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._stop, self._threads = threading.Event(), list[threading.Thread]()

    @classmethod
    def of(cls, outbox: Outbox, settings: AlertSettings) -> Courier:
        """Return a courier for the receivers in ``settings``."""
        return cls(outbox, {receiver.name: channel_of(receiver) for receiver in settings.receivers})

    def deliver(self, receiver: str, now: datetime, *, most: int = 100) -> Delivered:
        """Deliver what is due to one receiver at ``now``; stops at the first delivery that must be tried again."""
        counts = {"sent": 0, "later": 0, "refused": 0}
        for _ in range(most):
            parcel = self._outbox.claim(receiver, self._owner, now, LEASE)
            if parcel is None:
                break
            outcome = self._deliver(receiver, parcel, now)
            counts[outcome] += 1
            if outcome == "later":
                break
        return Delivered(**counts)

    def _deliver(self, receiver: str, parcel: Parcel, now: datetime) -> str:
        one = parcel.notification
        try:
            self._send(receiver, one, now)
        except (DeliveryError, InputError) as error:
            final = isinstance(error, RefusedError) or parcel.attempts >= MOST_ATTEMPTS
            self._outbox.failed(parcel, now, str(error), final=final)
            log = logger.error if final else logger.warning
            log(
                "notification %s to %s was not delivered (attempt %d): %s",
                one.id,
                receiver,
                parcel.attempts,
                error,
                extra={"event": "alert_given_up" if final else "alert_not_delivered", "receiver": receiver},
            )
            return "refused" if final else "later"
        self._outbox.delivered(parcel, now)
        return "sent"

    def _send(self, receiver: str, one: Notification, now: datetime) -> None:
        """Hand it to the channel. Whatever else goes wrong there is a delivery that failed, and ends no thread."""
        try:
            self._channels[receiver].send(one, now)
        except TradewindError:
            raise
        except Exception as error:  # its words are left out: they may hold an address or a key
            raise DeliveryError(f"the channel of {receiver} failed ({type(error).__name__})") from error

    def start(self, *, clock: Clock | None = None, every: float = 1.0) -> None:
        """Deliver in the background until :meth:`stop`: one thread a receiver, every so many seconds."""
        for receiver in self._channels:
            thread = threading.Thread(
                target=self._run,
                args=(receiver, clock or SystemClock(), every),
                name=f"courier-{receiver}",
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()

    def _run(self, receiver: str, clock: Clock, every: float) -> None:
        tidied: datetime | None = None
        while not self._stop.is_set():
            try:
                now = clock.now()
                if tidied is None or abs(now - tidied) >= timedelta(hours=1):
                    tidied = now
                    self._outbox.forget(now - KEPT)
                self.deliver(receiver, now, most=1)
            except Exception as error:  # noqa: BLE001 - of the store: full, locked, damaged; what waits there waits on
                logger.error("the outbox of %s cannot be used: %s", receiver, error, extra={"event": "outbox_failed"})
            self._stop.wait(every)

    def stop(self, timeout: float = 10.0) -> bool:
        """End the threads; what was not delivered stays in the outbox. Returns whether all ended within ``timeout``."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)
