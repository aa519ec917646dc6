"""The ways to tell people: web hook, e-mail, log."""

from tradewind.monitoring.alerts.channels.build import channel_of
from tradewind.monitoring.alerts.channels.email import EmailChannel
from tradewind.monitoring.alerts.channels.log import LogChannel
from tradewind.monitoring.alerts.channels.protocol import Channel, DeliveryError, RefusedError
from tradewind.monitoring.alerts.channels.webhook import WebhookChannel, signature
from tradewind.monitoring.alerts.places import EmailSettings, LogSettings, Secret, WebhookSettings

__all__ = [
    "Channel",
    "DeliveryError",
    "EmailChannel",
    "EmailSettings",
    "LogChannel",
    "LogSettings",
    "RefusedError",
    "Secret",
    "WebhookChannel",
    "WebhookSettings",
    "channel_of",
    "signature",
]
