"""Fits the pipeline on folds and keeps the record of it."""
