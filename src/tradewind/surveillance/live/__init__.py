"""Running surveillance: over files, over a replay, and live over the event log."""
