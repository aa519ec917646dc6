"""From the event log to the feature store: the online feature service."""
