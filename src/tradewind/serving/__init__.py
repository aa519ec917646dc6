"""Predictions out: runtime, cache, roll-out, access, API, and what watches them."""
