"""Spoofing: a large price, or two, at which nobody means to trade, and a trade on the other side of it.

The tactics follow the orders against Coscia (2014, large orders ahead of small ones), Sarao (size that keeps its
distance), Nowak and Smith (part shown against open size) and the flip as FINRA describes it; MAR Annex II 1, 4(e).
"""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.deeds.bluff import Bluff
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.exchange import Play


def spoofing(deed: Deed) -> Play:
    """Press on one price, by one order or several; now and then on two."""
    yield from Bluff(deed, 2 if deed.dice.chance(0.25) else 1).play()
