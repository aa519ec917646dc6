"""Features updated bar by bar, equal to their batch definitions."""
