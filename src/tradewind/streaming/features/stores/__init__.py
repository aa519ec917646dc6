"""Where online features are kept and read back: in memory, in Redis, on disk; alone or cut by symbol."""
