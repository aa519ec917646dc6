"""The compliance view."""
