"""Which honest business there is in a market, how much of it, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tradewind.surveillance.elsewhere.lively.flow import Crowd
from tradewind.surveillance.elsewhere.lively.honest import quoters, traders
from tradewind.surveillance.elsewhere.lively.makers import jump
from tradewind.surveillance.elsewhere.lively.venue import LivelyVenue, Play

Business = Callable[[Crowd, int], Play]

BUSINESS: Sequence[tuple[Business, float, float]] = (
    (traders.execute, 0.5, 8.0),
    (traders.on_close, 0.3, 4.0),
    (traders.follow, 0.5, 6.0),
    (traders.stops, 0.2, 4.0),
    (traders.block, 0.2, 5.0),
    (traders.swing, 0.5, 8.0),
    (traders.rally, 0.1, 2.0),
    (quoters.fade, 0.3, 6.0),
    (quoters.ladder, 0.2, 4.0),
    (quoters.iceberg, 0.2, 3.0),
    (quoters.machine, 0.3, 6.0),
    (quoters.scalp, 0.2, 4.0),
    (quoters.hedge, 0.1, 2.0),
    (quoters.copy, 0.2, 2.5),
    (quoters.shared, 0.1, 1.0),
    (quoters.two_desks, 0.1, 1.2),
)
"""Each business, and between which means its number in a market is drawn."""


def start_honest(venue: LivelyVenue, crowd: Crowd) -> None:
    """Let the honest business of a market begin, each at a time of its own."""
    s, rng = venue.settings, venue.rng
    for business, least, most in BUSINESS:
        for _ in range(int(rng.poisson(venue.draw(least, most)))):
            at = float(rng.uniform(0.0, 0.95)) * s.length
            symbol = int(rng.integers(len(s.natures)))
            if business is traders.on_close:
                at = (int(rng.integers(s.sessions)) + float(rng.uniform(0, 0.7))) * s.seconds
            venue.start(at, business(crowd, symbol))
    for count, news, moves in ((s.news, True, True), (s.quiet_news, True, False), (s.jumps, False, True)):
        for _ in range(count):
            at = float(rng.uniform(0.02, 0.97)) * s.length
            venue.start(at, jump(venue, int(rng.integers(len(s.natures))), news=news, moves=moves))
