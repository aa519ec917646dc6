"""Retrain because a person asks for it."""

from __future__ import annotations

from tradewind.monitoring.retraining.triggers.state import TriggerFired, TriggerState


class HandTrigger:
    """Fires on a request with a reason that no retraining has answered yet."""

    name = "by_hand"

    def consider(self, state: TriggerState) -> TriggerFired | None:
        """See :class:`~tradewind.monitoring.retraining.triggers.state.Trigger`."""
        asked = state.request
        if asked is None or not asked.reason.strip():
            return None
        if state.last_started is not None and asked.at <= state.last_started:
            return None
        return TriggerFired(
            trigger=self.name,
            at=state.now,
            reason=f"{asked.person} asks for it: {asked.reason.strip()}",
            evidence={"person": asked.person, "kind": asked.kind},
        )
