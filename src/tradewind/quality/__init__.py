"""Checks, cleaning and history validation, and the quality report."""
