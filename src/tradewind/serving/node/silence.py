"""The audit sink of a server that was told to record nothing."""

from __future__ import annotations

from tradewind.streaming.records import Prediction


class Unrecorded:
    """Takes every line and keeps none: for a server started with ``--audit off``."""

    def record(self, prediction: Prediction, caller: str, request_id: str) -> bool:  # noqa: ARG002
        """Return True."""
        return True

    async def room(self) -> None:
        """There always is."""
