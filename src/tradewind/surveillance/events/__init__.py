"""Events of a venue: the table they travel in, readers, and what is wrong with them."""

from tradewind.surveillance.events.problems import MEANINGS, Problem, Problems, write_problems
from tradewind.surveillance.events.table import EventTable, Kind, Names

__all__ = ["MEANINGS", "EventTable", "Kind", "Names", "Problem", "Problems", "write_problems"]
