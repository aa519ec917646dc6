"""From a trained model to the artefact that serves it."""

from tradewind.training.export.export import export_model
from tradewind.training.export.precision import PrecisionChange
from tradewind.training.export.report import ExportReport
from tradewind.training.export.rows import CheckRows, Windows, window_rows
from tradewind.training.export.settings import ExportSettings

__all__ = [
    "CheckRows",
    "ExportReport",
    "ExportSettings",
    "PrecisionChange",
    "Windows",
    "export_model",
    "window_rows",
]
