"""The schemes surveillance looks for, under the field's names."""

from __future__ import annotations

from enum import StrEnum


class Scheme(StrEnum):
    """One kind of manipulation or abuse; the value stands in files and on the command line.

    - ``pump_and_dump``: a price is lifted by buying and promotion, then sold into.
    - ``spoofing``: an order too large to be meant, on one level or two, cancelled once the other side has traded.
    - ``layering``: the same with orders on three levels or more.
    - ``quote_stuffing``: bursts of orders entered and cancelled at once, to slow others down.
    - ``wash_trading``: trades without a change of owner, by one account or round a ring of them.
    - ``marking_the_close``: trades in the last minutes that set the closing price.
    - ``momentum_ignition``: a burst of aggressive orders that starts a move, sold into while others follow.
    - ``front_running``: a position built before news or before a client's large order, closed after it; insider
      dealing before news is the variant ``insider_trading``.
    - ``coordinated_accounts``: accounts that act as one: same side, same moments, as if under one hand.
    """

    PUMP_AND_DUMP = "pump_and_dump"
    SPOOFING = "spoofing"
    LAYERING = "layering"
    QUOTE_STUFFING = "quote_stuffing"
    WASH_TRADING = "wash_trading"
    MARKING_THE_CLOSE = "marking_the_close"
    MOMENTUM_IGNITION = "momentum_ignition"
    FRONT_RUNNING = "front_running"
    COORDINATED_ACCOUNTS = "coordinated_accounts"

    @property
    def label(self) -> str:
        """The name as it is written in a sentence: ``Marking the close``."""
        return self.value.replace("_", " ").capitalize()
