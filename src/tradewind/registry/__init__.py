"""Registered models: their record, lineage, stage and how to build them again."""
