"""Compiled loops over ragged panels."""
