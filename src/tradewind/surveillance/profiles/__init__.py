"""Habits of accounts: how each usually behaves, and how unlike itself and others it behaves in a candidate."""

from tradewind.surveillance.profiles.describe import NAMES
from tradewind.surveillance.profiles.view import ProfileView

__all__ = ["NAMES", "ProfileView"]
