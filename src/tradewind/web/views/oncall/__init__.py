"""The oncall view."""
