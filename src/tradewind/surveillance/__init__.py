"""Surveillance of a market: orders and trades in, cases of suspected manipulation out."""
