"""Keeps a record of every run in an MLflow store: settings, data, code, metrics, files, and why runs were rejected."""

from tradewind.training.tracking.entry import JournalEntry, RunEntry
from tradewind.training.tracking.runs import Runs
from tradewind.training.tracking.tracker import RunLog, Tracker
from tradewind.training.tracking.where import OFF, Place, masked, place_of

__all__ = ["OFF", "JournalEntry", "Place", "RunEntry", "RunLog", "Runs", "Tracker", "masked", "place_of"]
