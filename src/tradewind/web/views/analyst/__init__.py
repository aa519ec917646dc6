"""The analyst view."""
