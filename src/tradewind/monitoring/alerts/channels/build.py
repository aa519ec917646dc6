"""From settings to channels."""

from __future__ import annotations

from tradewind.monitoring.alerts.channels.email import EmailChannel
from tradewind.monitoring.alerts.channels.log import LogChannel
from tradewind.monitoring.alerts.channels.protocol import Channel
from tradewind.monitoring.alerts.channels.webhook import WebhookChannel
from tradewind.monitoring.alerts.settings import Receiver


def channel_of(receiver: Receiver) -> Channel:
    """Return the channel that reaches ``receiver``."""
    if receiver.channel == "webhook" and receiver.webhook is not None:
        return WebhookChannel(receiver.webhook)
    if receiver.channel == "email" and receiver.email is not None:
        return EmailChannel(receiver.email)
    return LogChannel(receiver.log)
