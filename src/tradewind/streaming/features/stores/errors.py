"""What can go wrong with a store that the caller did not cause."""

from __future__ import annotations

from tradewind.core import TradewindError


class StoreError(TradewindError):
    """The store can take or give nothing now: a full disk, a server that is away. Trying again later may work."""


class DamagedRowsError(StoreError):
    """Stored rows are not what was written; putting them again mends them."""
