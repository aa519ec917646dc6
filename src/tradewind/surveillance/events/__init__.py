"""Events of a venue: the table they travel in, readers, and what is wrong with them.

Records of the event log are turned into events in ``events.records``, which needs the extra ``surveil``.
"""

from tradewind.surveillance.events.lobster import read_lobster
from tradewind.surveillance.events.lobster_book import BookComparison, Disagreement, compare_book
from tradewind.surveillance.events.lobster_write import write_lobster
from tradewind.surveillance.events.merge import merged, rechunked
from tradewind.surveillance.events.news import read_news_events
from tradewind.surveillance.events.options import ReadOptions
from tradewind.surveillance.events.order import empty_table, join_tables
from tradewind.surveillance.events.problems import MEANINGS, Problem, Problems, write_problems
from tradewind.surveillance.events.quotes import read_quotes
from tradewind.surveillance.events.read import read_all, read_events
from tradewind.surveillance.events.table import EventTable, Kind, Names
from tradewind.surveillance.events.write import write_events

__all__ = [
    "MEANINGS",
    "BookComparison",
    "Disagreement",
    "EventTable",
    "Kind",
    "Names",
    "Problem",
    "Problems",
    "ReadOptions",
    "compare_book",
    "empty_table",
    "join_tables",
    "merged",
    "read_all",
    "read_events",
    "read_lobster",
    "read_news_events",
    "read_quotes",
    "rechunked",
    "write_events",
    "write_lobster",
    "write_problems",
]
