"""How records travel as bytes: kinds with versions, upgrades of old bytes, checks of what no market can do."""

from tradewind.streaming.schema.codec import SCHEMAS, Schemas, UnreadableError
from tradewind.streaming.schema.evolution import breaks, json_schema, write_schemas
from tradewind.streaming.schema.kinds import KINDS, DeadLetter, Kind, Upgrade

__all__ = [
    "KINDS",
    "SCHEMAS",
    "DeadLetter",
    "Kind",
    "Schemas",
    "UnreadableError",
    "Upgrade",
    "breaks",
    "json_schema",
    "write_schemas",
]
