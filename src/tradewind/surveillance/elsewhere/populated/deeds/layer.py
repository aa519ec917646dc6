"""Layering: the pressure lies on several prices, entered in a row or at once; by one account or several.

MAR Annex II Section 1, practice 4(e); SEC against Lek (2017: some accounts layer, another trades), FINRA against
Trillium (2010: layers of one size, taken back at once).
"""

from __future__ import annotations

from tradewind.surveillance.elsewhere.populated.deeds.bluff import Bluff
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.exchange import Play


def layering(deed: Deed) -> Play:
    """Press on three to ten prices."""
    bluff = Bluff(deed, deed.dice.choice((3, 3, 4, 5, 6, 8, 10)))
    bluff.weight *= 0.7
    yield from bluff.play()
