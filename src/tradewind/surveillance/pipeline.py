"""Events in, alerts out: the whole of surveillance put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewind.surveillance.alert import Alert
from tradewind.surveillance.alerting import AlertBook
from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.alerting.settings import AlertSettings
from tradewind.surveillance.book import TradeStyle
from tradewind.surveillance.events import EventTable, Problems
from tradewind.surveillance.events.table import CHUNK
from tradewind.surveillance.hands import Hands, OneHand
from tradewind.surveillance.learning.described import Described
from tradewind.surveillance.learning.model import SurveillanceModel, moved
from tradewind.surveillance.reading import OnTape, Reading
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions


@dataclass(frozen=True, kw_only=True)
class SurveillanceSettings:
    """How alerts are raised.

    Attributes
    ----------
    schemes : the schemes looked for; all by default.
    strictness : shifts every threshold in log odds; above 0 fewer alerts, below 0 more.
    alerts : how finds become alerts.
    linked : groups of accounts known to be under one hand, which are watched as one account: no conspiracy of its own,
        but one whose trades with itself are wash trades.
    """

    schemes: tuple[Scheme, ...] = tuple(Scheme)
    strictness: float = 0.0
    alerts: AlertSettings = field(default_factory=AlertSettings)
    linked: tuple[tuple[str, ...], ...] = ()

    def thresholds(self, model: SurveillanceModel) -> Mapping[Scheme, float]:
        """Return the bars of ``model`` as these settings move them."""
        return {s: moved(bar, self.strictness) for s, bar in model.thresholds.items() if s in self.schemes}


class Surveillance:
    """Watches one source of events from its first event on.

    How the events are cut into calls changes nothing but which call returns an alert.

    Parameters
    ----------
    model : scores candidates and knows each scheme's threshold.
    sessions : when the market is open.
    problems : collects what the book cannot use.
    on_tape : told every run of the tape.
    style : how the source writes executions; found from the first events by default.
    """

    def __init__(
        self,
        model: SurveillanceModel,
        sessions: Sessions,
        *,
        settings: SurveillanceSettings | None = None,
        problems: Problems | None = None,
        on_tape: OnTape | None = None,
        style: TradeStyle | None = None,
    ) -> None:
        self.model = model
        self.settings = settings or SurveillanceSettings()
        self.reading = Reading(sessions, problems=problems, on_tape=on_tape, style=style, model=model)
        self.candidates = 0
        self._one_hand = OneHand(Hands(self.settings.linked)) if self.settings.linked else None
        self._book: AlertBook | None = None
        self._latest: dict[str, Alert] = {}

    def update(self, events: EventTable) -> list[Alert]:
        """Read the next events and return the alerts they raise or revise, in order."""
        if self._book is None:
            bars = self.settings.thresholds(self.model)
            self._book = AlertBook(events.symbols, events.accounts, bars, self.settings.alerts)
        return self._judge(self.reading.update(events if self._one_hand is None else self._one_hand.events(events)))

    def finish(self) -> list[Alert]:
        """Complete what is still open at the end of the source."""
        return self._judge(self.reading.finish())

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The latest revision of every alert so far, by first event."""
        return tuple(sorted(self._latest.values(), key=lambda a: (a.start, a.symbol, a.scheme.value, a.id)))

    def _judge(self, described: Described) -> list[Alert]:
        self.candidates += len(described)
        if not len(described) or self._book is None:
            return []
        scored: list[Scored] = self.model.score(described)
        told = self._book.take(scored)
        if self._one_hand is not None:
            told = [self._one_hand.alert(alert) for alert in told]
        for alert in told:
            self._latest[alert.id] = alert
        return told


def watch(events: EventTable, surveillance: Surveillance, chunk: int = CHUNK) -> tuple[Alert, ...]:
    """Run a whole table through ``surveillance`` and return its alerts."""
    for start in range(0, len(events), chunk):
        surveillance.update(events.take(slice(start, start + chunk)))
    surveillance.finish()
    return surveillance.alerts
