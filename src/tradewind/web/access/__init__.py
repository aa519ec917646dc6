"""People of the dashboard, their passwords and their sessions."""

from tradewind.web.access.store import AccessStore, Account, Session, User
from tradewind.web.access.throttle import Throttle

__all__ = ["AccessStore", "Account", "Session", "Throttle", "User"]
