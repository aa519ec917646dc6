"""Purged splitters that know label times, and the leakage audit."""
