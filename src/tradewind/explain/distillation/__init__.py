"""Distillation: an interpretable student that mimics the ensemble."""
