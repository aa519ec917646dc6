"""Events in, online features out: the event log, connectors that fill it, the service that turns bars into features."""
