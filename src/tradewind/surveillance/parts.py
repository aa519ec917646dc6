"""Which detectors and views surveillance is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tradewind.surveillance.detectors.orders import (
    LayeringDetector,
    PretenceTracker,
    SpoofingDetector,
    StuffingDetector,
)
from tradewind.surveillance.detectors.owners import CoordinationDetector, WashDetector
from tradewind.surveillance.detectors.prices import (
    CloseDetector,
    FrontRunningDetector,
    IgnitionDetector,
    PumpDetector,
    SwingFeed,
)
from tradewind.surveillance.detectors.protocol import Detector, View
from tradewind.surveillance.graph import GraphView
from tradewind.surveillance.learning.context import ContextView
from tradewind.surveillance.market import MarketView
from tradewind.surveillance.profiles import ProfileView
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions

if TYPE_CHECKING:
    from tradewind.surveillance.sequences import SequenceModel


def make_detectors(sessions: Sessions) -> Mapping[Scheme, Detector]:
    """Return a new detector of every scheme; those that rest on the same reading of the tape share it."""
    pretence, swings = PretenceTracker(), SwingFeed()
    made: tuple[Detector, ...] = (
        PumpDetector(swings),
        SpoofingDetector(pretence),
        LayeringDetector(pretence),
        StuffingDetector(),
        WashDetector(),
        CloseDetector(sessions),
        IgnitionDetector(swings),
        FrontRunningDetector(sessions, feed=swings),
        CoordinationDetector(),
    )
    return {detector.scheme: detector for detector in made}


def make_views(sessions: Sessions, sequences: SequenceModel | None = None) -> tuple[View, ...]:
    """Return new views, in the order of their columns; ``sequences`` : the net to ask, the bundled one by default."""
    from tradewind.surveillance.sequences import SequenceView, bundled_sequences  # brings PyTorch: readers do without

    asked = bundled_sequences() if sequences is None else sequences
    return MarketView(sessions), ProfileView(), GraphView(), SequenceView(asked), ContextView()
