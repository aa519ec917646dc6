"""The command line: one file per command, the only place where parts are put together."""
