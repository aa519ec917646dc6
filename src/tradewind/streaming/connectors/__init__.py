"""Connectors: bars, quotes, trades, news and posts from outside into the event log, each item once."""

from tradewind.streaming.connectors.load import load_connectors, read_connectors, run_connectors
from tradewind.streaming.connectors.protocol import Connector, Surroundings
from tradewind.streaming.connectors.settings import ConnectorsFile
from tradewind.streaming.connectors.status import ConnectorStatus

__all__ = [
    "Connector",
    "ConnectorStatus",
    "ConnectorsFile",
    "Surroundings",
    "load_connectors",
    "read_connectors",
    "run_connectors",
]
