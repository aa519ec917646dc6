"""Sequence nets: one architecture a file, one way of training."""
