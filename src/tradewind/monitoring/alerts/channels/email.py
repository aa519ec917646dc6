"""Notifications by e-mail: plain text and HTML, over a line that others cannot read."""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from tradewind.core import InputError
from tradewind.monitoring.alerts.channels.protocol import DeliveryError, RefusedError
from tradewind.monitoring.alerts.places import EmailSettings
from tradewind.monitoring.alerts.records import Notification

logger = logging.getLogger(__name__)

SUBJECT = 180
"""Characters of a subject; a longer one is cut."""


class EmailChannel:
    """Sends one mail a notification. The ``Message-ID`` is made of the notification's id, so that a second delivery of
    the same one can be told; mails of one incident refer to the same thread.
    """

    def __init__(self, settings: EmailSettings) -> None:
        self.settings = settings

    def send(self, notification: Notification, now: datetime) -> None:
        """Deliver to the mail server; see :class:`Channel` for errors."""
        mail = compose(notification, self.settings, now)
        password = self.settings.password.read() if self.settings.password is not None else None
        place = f"mail server {self.settings.host}:{self.settings.port}"
        try:
            with self._connect() as server:
                if self.settings.user is not None and password is not None:
                    server.login(self.settings.user, password)
                refused = server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            # the server's words are left out: it may repeat what it was sent
            text = f"{place} did not take it ({_said(error)})"
            raise (RefusedError if _final(error) else DeliveryError)(text) from None
        if refused:  # others have it: to send again would tell them twice
            logger.error(
                "%s refused %s for notification %s",
                place,
                ", ".join(sorted(refused)),
                notification.id,
                extra={"event": "alert_recipients_refused"},
            )

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.security == "none":
            return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        trust = self._trust()
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=trust)
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        try:
            server.starttls(context=trust)  # raises where the server offers none: never on in the open
        except BaseException:
            server.close()
            raise
        return server

    def _trust(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise InputError(
                f"holds no certificates ({error.strerror or error})",
                file=self.settings.ca_file,
                fix="give a PEM file as 'ca_file'",
            ) from error


def compose(notification: Notification, settings: EmailSettings, now: datetime) -> EmailMessage:
    """Return the mail; nothing in the notification can add a header to it."""
    mail = EmailMessage(policy=SMTP)
    subject = f"[{notification.severity.value}] {notification.reason}: {notification.title}"
    mail["Subject"] = header(subject)
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.to)
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = f"<{header(notification.id)}@tradewind>"
    if len(notification.incidents) == 1:
        mail["References"] = f"<incident-{header(notification.incidents[0])}@tradewind>"
    mail["Auto-Submitted"] = "auto-generated"
    rows = _rows(notification)
    lines = [notification.title, "", *notification.lines, "", *(f"{name}: {value}" for name, value in rows)]
    mail.set_content("\n".join(map(_printable, lines)) + "\n")
    listed = "".join(f"<li>{escape(_printable(line))}</li>" for line in notification.lines)
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(_printable(value))}</dd>" for name, value in rows)
    mail.add_alternative(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(header(subject))}</title></head>'
        f"<body><h1>{escape(_printable(notification.title))}</h1><ul>{listed}</ul><dl>{told}</dl></body></html>\n",
        subtype="html",
    )
    return mail


def _rows(notification: Notification) -> list[tuple[str, str]]:
    rows = [
        ("Severity", notification.severity.value),
        ("Why now", notification.reason),
        ("At", notification.at.isoformat()),
        ("Alerts", str(notification.members)),
        ("Incident", ", ".join(notification.incidents[:50])),
        ("Run-book", notification.runbook),
    ]
    if len(notification.incidents) == 1:
        rows.append(("Acknowledge", f"tradewind alerts ack {notification.incidents[0]} --as NAME"))
    return [(name, value) for name, value in rows if value]


def header(text: str) -> str:
    """Return ``text`` as one header line: no control characters, no line ends, not too long."""
    return " ".join(_printable(text).split())[:SUBJECT]


def _printable(text: str) -> str:
    """Replace what cannot be shown: control characters, line ends of Unicode, halves of surrogate pairs."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}, code {error.smtp_code}"
    return type(error).__name__


def _final(error: Exception) -> bool:
    """Return whether another try would fail too: codes of 500 and above, or a server without what is asked."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError)
