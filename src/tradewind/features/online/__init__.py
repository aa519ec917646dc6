"""Features updated bar by bar, equal to their batch definitions."""

from tradewind.features.online.batch import BatchEngine
from tradewind.features.online.engine import OnlineFeatures
from tradewind.features.online.headed import HeadedEngine
from tradewind.features.online.protocol import Slice, SliceEngine, SliceFeatures, SliceNews, State
from tradewind.features.online.slices import slices_of
from tradewind.features.online.text_head import OnlineTextHead
from tradewind.features.online.warm import warm_up

__all__ = [
    "BatchEngine",
    "HeadedEngine",
    "OnlineFeatures",
    "OnlineTextHead",
    "Slice",
    "SliceEngine",
    "SliceFeatures",
    "SliceNews",
    "State",
    "slices_of",
    "warm_up",
]
