"""What watches the server: the audit spool, metrics, traces, logs."""
