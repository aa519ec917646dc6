"""The detectors of spoofing and of layering: two readings of the same episodes of pretended orders."""

from __future__ import annotations

from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.orders.pretence import PretenceTracker, Pretended
from tradewind.surveillance.detectors.orders.pretence_episodes import FEATURES
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.schemes import Scheme


def told_as(scheme: Scheme, found: Pretended) -> Candidate:
    """Return an episode as a candidate of one of the two schemes."""
    layering = scheme is Scheme.LAYERING
    others = [other for other in (found.partner, found.comrade) if other >= 0]
    return Candidate(
        scheme=scheme,
        episode=found.episode,
        revision=found.layer_revision if layering else found.spoof_revision,
        symbol=found.symbol,
        accounts=tuple(dict.fromkeys((found.account, *others))),
        start=found.start,
        end=found.end,
        row=found.row,
        rule=found.layer_rule if layering else found.spoof_rule,
        features=found.features,
        evidence=found.evidence,
        variant="split" if found.partner >= 0 else "",
    )


class SpoofingDetector:
    """Finds large orders that are taken back once the other side has traded, on one price or two.

    Where an account only ever tries and another one trades on the other side each time, the candidate is the variant
    ``split`` and names both. ``tracker`` may be shared with a :class:`LayeringDetector`, which halves the work.
    """

    def __init__(self, tracker: PretenceTracker | None = None) -> None:
        self._tracker = tracker or PretenceTracker()

    @property
    def scheme(self) -> Scheme:
        """Spoofing."""
        return Scheme.SPOOFING

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, the same as layering's."""
        return FEATURES

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete."""
        return [told_as(self.scheme, found) for found in self._tracker.update(tape) if found.spoof_revision >= 0]

    def finish(self) -> list[Candidate]:
        """Return what the end of the source completes."""
        return [told_as(self.scheme, found) for found in self._tracker.finish() if found.spoof_revision >= 0]


class LayeringDetector:
    """Finds the same as :class:`SpoofingDetector` with orders on three prices or more at once."""

    def __init__(self, tracker: PretenceTracker | None = None) -> None:
        self._tracker = tracker or PretenceTracker()

    @property
    def scheme(self) -> Scheme:
        """Layering."""
        return Scheme.LAYERING

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, the same as spoofing's."""
        return FEATURES

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete."""
        return [told_as(self.scheme, found) for found in self._tracker.update(tape) if found.layer_revision >= 0]

    def finish(self) -> list[Candidate]:
        """Return what the end of the source completes."""
        return [told_as(self.scheme, found) for found in self._tracker.finish() if found.layer_revision >= 0]
