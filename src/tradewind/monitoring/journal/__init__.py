"""What a monitor saw, noticed and did, kept on the disk."""

from tradewind.monitoring.journal.journal import Action, Journal

__all__ = ["Action", "Journal"]
