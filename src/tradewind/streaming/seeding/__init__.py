"""History from files into the log, each bar and item once."""

from tradewind.streaming.seeding.seed import Seeded, seed_log

__all__ = ["Seeded", "seed_log"]
