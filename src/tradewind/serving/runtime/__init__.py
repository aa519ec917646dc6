"""What forecasts in a server: verified artefacts, versions on a shelf, requests merged into batches."""

from tradewind.serving.contracts import Overloaded
from tradewind.serving.runtime.batcher import Batcher, BatchSettings
from tradewind.serving.runtime.heads import engine_for, head_columns, load_head, with_heads
from tradewind.serving.runtime.loaded import LoadedModel, load_artefact
from tradewind.serving.runtime.shelf import Refresh, Shelf, ShelfEvent

__all__ = [
    "BatchSettings",
    "Batcher",
    "LoadedModel",
    "Overloaded",
    "Refresh",
    "Shelf",
    "ShelfEvent",
    "engine_for",
    "head_columns",
    "load_artefact",
    "load_head",
    "with_heads",
]
