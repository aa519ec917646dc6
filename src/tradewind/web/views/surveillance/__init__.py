"""The surveillance view."""
