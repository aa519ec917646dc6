"""What a diagnosis says: causes ranked, what speaks for each, what to do, and what was found fine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewind.core.plain import finite


class CauseKind(StrEnum):
    """Root causes that are told apart, in the order of the play-book; ``no_fault`` is a candidate like any other."""

    FEED_STOPS = "feed_stops"
    UNIT_CHANGE = "unit_change"
    UNADJUSTED_SPLIT = "unadjusted_split"
    STALE_SYMBOL = "stale_symbol"
    LABEL_DELAY = "label_delay"
    VOLATILITY_SHOCK = "volatility_shock"
    CORRELATION_BREAK = "correlation_break"
    SECTOR_ROTATION = "sector_rotation"
    GRADUAL_DRIFT = "gradual_drift"
    ADVERSARIAL_NEWS = "adversarial_news"
    SLOW_DEPENDENCY = "slow_dependency"
    WRONG_MODEL_VERSION = "wrong_model_version"
    NO_FAULT = "no_fault"

    @property
    def words(self) -> str:
        """The kind in words."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One piece of evidence: a sentence, its numbers, and the fingerprint of the finding that tells the same."""

    text: str
    numbers: Mapping[str, float] = dataclass_field(default_factory=dict)
    finding: str | None = None


@dataclass(frozen=True, kw_only=True)
class Action:
    """What to do next: in words, and the command to begin with."""

    text: str
    command: str


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One candidate.

    Attributes
    ----------
    kind : which cause.
    score : share of belief in [0, 1]; those of one diagnosis sum to 1, ``no_fault`` included.
    log_odds : natural log of the Bayes factor against chance, after what other causes explain was taken off.
    subject : what is to blame; keys as in :class:`tradewind.monitoring.finding.Finding`. Empty: the whole market.
    since, until : time of the first and the last slice at fault (UTC); None where there is none.
    known_at : when the first slice at fault was closed (UTC); None where there is none.
    items : what speaks for it.
    action : what to do.
    ruled_out : what was looked at for it and found fine; empty where it was found at fault.
    explained_by : the cause that took most of its evidence, None where none did.
    """

    kind: CauseKind
    score: float
    log_odds: float
    action: Action
    subject: Mapping[str, str] = dataclass_field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    known_at: datetime | None = None
    items: tuple[Item, ...] = ()
    ruled_out: str = ""
    explained_by: CauseKind | None = None

    @property
    def about(self) -> str:
        """The subject in a few words; ``the whole market or service`` where it is empty."""
        return ", ".join(f"{key} {value}" for key, value in self.subject.items()) or "the whole market or service"


class Verdict(StrEnum):
    """How a step of the play-book came out."""

    FINE = "fine"
    AT_FAULT = "at fault"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the play-book: its name, how it came out, and a sentence for each thing looked at."""

    name: str
    verdict: Verdict
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ErrorSlice:
    """Rows in which the error is concentrated.

    Attributes
    ----------
    conditions : what the rows have in common, one or two sentences such as ``sector = Tech``.
    n, days : forecasts and days in it.
    error, rest : share of wrong directions in it, and among all other rows of the period.
    usual : the same share in the reference stretch; NaN where it has too few rows.
    p_value : of a test that respects that rows of one day move together, after Benjamini and Hochberg.
    """

    conditions: tuple[str, ...]
    n: int
    days: int
    error: float
    rest: float
    usual: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class FeatureShift:
    """How far a feature moved, and how much of the forecast rests on it.

    Attributes
    ----------
    feature : its name.
    shift : mean of the period less that of the reference, in standard deviations of the reference.
    importance : share of the model that rests on it; 1 / p for each of p features where none was given.
    contribution : |shift| times importance, as a share of the sum over all features.
    """

    feature: str
    shift: float
    importance: float
    contribution: float


def plain(value: Any) -> Any:
    """Return ``value`` JSON-ready: records as mappings, times as ISO text, NaN as None."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return finite(value)
