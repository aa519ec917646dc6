"""Keeping a served model right: drift, performance, alerts, diagnosis, retraining and rollback."""
