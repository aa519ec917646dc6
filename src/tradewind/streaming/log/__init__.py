"""The event log: one protocol; an embedded log and Kafka behind it."""
