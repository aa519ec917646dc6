"""A log by its place: a folder, or the address of Kafka brokers."""

from __future__ import annotations

from tradewind.core.clock import Clock
from tradewind.streaming.log.embedded import EmbeddedLog
from tradewind.streaming.log.protocol import EventLog
from tradewind.streaming.log.settings import LogSettings


def open_log(place: str, *, settings: LogSettings | None = None, clock: Clock | None = None) -> EventLog:
    """Return the log at ``place``.

    Parameters
    ----------
    place : a folder; or ``kafka://host:port[,host:port]`` with options behind ``?``, the fields of
        :class:`KafkaSettings`, such as ``?prefix=desk1.&partitions=8``. A password is never part of it: it is read
        from the environment, TRADEWIND_KAFKA_PASSWORD.
    settings, clock : of the embedded log.

    Raises
    ------
    UsageError : the folder is no log and cannot become one, or the address or an option is wrong.
    LogError : no broker answers.
    MissingExtraError : Kafka is asked for and confluent-kafka is not installed.
    """
    if place.startswith("kafka://"):
        from tradewind.streaming.log.kafka import KafkaLog
        from tradewind.streaming.log.kafka_settings import settings_of_url

        return KafkaLog(*settings_of_url(place))
    return EmbeddedLog.open(place, settings=settings, clock=clock)
