"""Notifications as JSON lines, in a file or on the standard error."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime

from tradewind.monitoring.alerts.channels.protocol import DeliveryError
from tradewind.monitoring.alerts.places import LogSettings
from tradewind.monitoring.alerts.records import Notification


class LogChannel:
    """Appends one line a notification; a line is written at once, so lines of several processes do not mix."""

    def __init__(self, settings: LogSettings) -> None:
        self.settings = settings

    def send(self, notification: Notification, now: datetime) -> None:
        """Write the line; on the disk when this returns. DeliveryError where it cannot be written."""
        row = {"event": "alert", "written_at": now.isoformat(), **notification.to_dict()}
        line = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
        path = self.settings.path
        if path is None:
            sys.stderr.write(line.decode())
            sys.stderr.flush()
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                written = os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise DeliveryError(f"{path} cannot be written ({error.strerror})") from error
        if written != len(line):
            raise DeliveryError(f"{path} took but {written} of {len(line)} bytes: is the disk full?")
