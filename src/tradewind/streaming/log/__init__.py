"""The event log: one protocol; an embedded log and Kafka behind it."""

from tradewind.streaming.log.dead import dead_letters
from tradewind.streaming.log.description import GroupState, LogDescription, TopicState, describe
from tradewind.streaming.log.embedded import EmbeddedLog
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.kafka_settings import KafkaSettings
from tradewind.streaming.log.opening import open_log
from tradewind.streaming.log.protocol import Consumer, EventLog, Message, Positions, Producer, Start
from tradewind.streaming.log.replay import replay
from tradewind.streaming.log.settings import LogSettings
from tradewind.streaming.schema import DeadLetter

__all__ = [
    "Consumer",
    "DeadLetter",
    "EmbeddedLog",
    "EventLog",
    "GroupState",
    "KafkaSettings",
    "LogDescription",
    "LogError",
    "LogSettings",
    "Message",
    "Positions",
    "Producer",
    "Start",
    "TopicState",
    "dead_letters",
    "describe",
    "open_log",
    "replay",
]
