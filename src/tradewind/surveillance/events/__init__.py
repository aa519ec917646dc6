"""Events of a venue: the table they travel in, readers, and what is wrong with them."""

from tradewind.surveillance.events.options import ReadOptions
from tradewind.surveillance.events.order import join_tables
from tradewind.surveillance.events.problems import MEANINGS, Problem, Problems, write_problems
from tradewind.surveillance.events.read import empty_table, read_all, read_events, rechunked
from tradewind.surveillance.events.table import EventTable, Kind, Names

__all__ = [
    "MEANINGS",
    "EventTable",
    "Kind",
    "Names",
    "Problem",
    "Problems",
    "ReadOptions",
    "empty_table",
    "join_tables",
    "read_all",
    "read_events",
    "rechunked",
    "write_problems",
]
