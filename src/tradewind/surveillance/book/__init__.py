"""The order book, rebuilt from events, and the tape: every event with what it met in the book."""

from tradewind.surveillance.book.detect import detect_style
from tradewind.surveillance.book.history import DepthSeries, Window, depth_series
from tradewind.surveillance.book.replay import BookReplay, Snapshot, join_tapes, replay_all
from tradewind.surveillance.book.style import TradeStyle
from tradewind.surveillance.book.tape import Tape

__all__ = [
    "BookReplay",
    "DepthSeries",
    "Snapshot",
    "Tape",
    "TradeStyle",
    "Window",
    "depth_series",
    "detect_style",
    "join_tapes",
    "replay_all",
]
