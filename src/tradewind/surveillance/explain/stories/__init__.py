"""How each scheme is told from the events."""
