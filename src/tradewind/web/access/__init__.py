"""People of the dashboard, their passwords and their sessions."""

from tradewind.web.access.store import AccessStore, Session, User

__all__ = ["AccessStore", "Session", "User"]
