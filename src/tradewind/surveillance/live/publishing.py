"""Alerts into the log, each revision once, also across restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tradewind.core.plain import finite
from tradewind.streaming.log import EventLog, replay
from tradewind.streaming.records import TOPICS, MarketAlert
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.schemes import Scheme

ALERTS_TOPIC = TOPICS[MarketAlert]


def alert_record(alert: Alert, *, model: str, made_at: int) -> MarketAlert:
    """Return ``alert`` as it travels in the log; ``made_at`` in microseconds UTC."""
    return MarketAlert(
        id=alert.id,
        symbol=alert.symbol,
        scheme=alert.scheme.value,
        start_ns=alert.start,
        end_ns=alert.end,
        known_at_ns=alert.known_at,
        made_at=made_at,
        score=alert.score,
        tier=alert.tier.value,
        accounts=list(alert.accounts),
        variant=alert.variant,
        revision=alert.revision,
        features=finite(dict(alert.features)),
        contributions=finite(dict(alert.contributions)),
        evidence=list(alert.evidence),
        model=model,
    )


def alert_of(record: MarketAlert) -> Alert:
    """Return the alert in a record of the log."""
    nan = float("nan")
    return Alert(
        id=record.id,
        scheme=Scheme(record.scheme),
        variant=record.variant,
        symbol=record.symbol,
        accounts=tuple(record.accounts),
        start=record.start_ns,
        end=record.end_ns,
        known_at=record.known_at_ns,
        score=record.score,
        tier=Tier(record.tier),
        revision=record.revision,
        features={name: nan if value is None else value for name, value in record.features.items()},
        contributions={name: nan if value is None else value for name, value in record.contributions.items()},
        evidence=tuple(record.evidence),
    )


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was last published of one alert."""

    revision: int
    content: tuple[object, ...]


class Publisher:
    """Writes alerts to the topic of surveillance, and knows what is there already.

    An engine that reads the log again raises the same alerts again: what is in the log, by id and revision, is not
    written anew. Where a shorter stretch was read again and revisions count from 0 once more, a revision that says
    something new is numbered after the last one published.
    """

    def __init__(self, log: EventLog, model: str) -> None:
        self._producer, self._model = log.producer(), model
        self._told: dict[str, Told] = {}
        for message in replay(log, [ALERTS_TOPIC]):
            record = message.record
            if isinstance(record, MarketAlert):
                self._remember(alert_of(record))

    def _remember(self, alert: Alert) -> None:
        before = self._told.get(alert.id)
        if before is None or alert.revision >= before.revision:
            self._told[alert.id] = Told(revision=alert.revision, content=_content(alert))

    def publish(self, alerts: Sequence[Alert], made_at: int, *, renumber: bool = False) -> list[Alert]:
        """Write what is new of ``alerts`` durably and return it.

        ``renumber`` : revisions count from a later start than those published.
        """
        new: list[Alert] = []
        for alert in alerts:
            before = self._told.get(alert.id)
            if before is not None and alert.revision <= before.revision:
                if not renumber or before.content == _content(alert):
                    continue
                alert = replace(alert, revision=before.revision + 1)
            self._remember(alert)
            self._producer.send(alert_record(alert, model=self._model, made_at=made_at))
            new.append(alert)
        if new:
            self._producer.flush()
        return new

    def close(self) -> None:
        """Let go of the log."""
        self._producer.close()


def _content(alert: Alert) -> tuple[object, ...]:
    return alert.scheme, alert.accounts, alert.start, alert.end, alert.score
