"""The chain of evidence of an alert: what happened, in order, by whom, and why it matters in this scheme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradewind.surveillance.alert import Alert
from tradewind.surveillance.explain.extract import Extract
from tradewind.surveillance.explain.orders import Doings, Record
from tradewind.surveillance.explain.stories.close import close_story
from tradewind.surveillance.explain.stories.pretence import pretence_story
from tradewind.surveillance.explain.stories.prices import swing_story
from tradewind.surveillance.explain.stories.stuffing import stuffing_story
from tradewind.surveillance.explain.stories.together import together_story
from tradewind.surveillance.explain.stories.wash import wash_story
from tradewind.surveillance.explain.story import Story
from tradewind.surveillance.schemes import Scheme

STORIES: Mapping[Scheme, Callable[[Record], Story]] = {
    Scheme.PUMP_AND_DUMP: swing_story,
    Scheme.SPOOFING: pretence_story,
    Scheme.LAYERING: pretence_story,
    Scheme.QUOTE_STUFFING: stuffing_story,
    Scheme.WASH_TRADING: wash_story,
    Scheme.MARKING_THE_CLOSE: close_story,
    Scheme.MOMENTUM_IGNITION: swing_story,
    Scheme.FRONT_RUNNING: swing_story,
    Scheme.COORDINATED_ACCOUNTS: together_story,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class EvidenceChain:
    """What the events say of an alert.

    Attributes
    ----------
    alert, extract, record : what it rests on.
    story : summary, steps, roles, tables and the numbers behind them.
    """

    alert: Alert
    extract: Extract
    record: Record
    story: Story

    @classmethod
    def of(cls, extract: Extract) -> EvidenceChain:
        """Tell an extract in the light of its alert's scheme."""
        record = Record.of(extract)
        return cls(alert=extract.alert, extract=extract, record=record, story=STORIES[extract.alert.scheme](record))

    @property
    def doings(self) -> tuple[Doings, ...]:
        """Return what each account did within the alert's time."""
        return self.record.doings

    @property
    def profit(self) -> float:
        """Return what the accounts' trades earned, dollars before fees, what is left marked at the last mid."""
        return sum(one.worth for one in self.record.doings)

    @property
    def order_ids(self) -> tuple[int, ...]:
        """Return the ids of the orders that the steps name, in order."""
        return tuple(dict.fromkeys(step.order for step in self.story.steps if step.order))
