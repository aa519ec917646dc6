"""The order book, rebuilt from events, and the tape: every event with what it met in the book."""

from tradewind.surveillance.book.tape import Tape

__all__ = ["Tape"]
