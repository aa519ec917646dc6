"""What runs an exported model: preparation, members on their fastest engine, and the join; no training library."""

from tradewind.models.engines.artefact import KIND, read_pipeline, write_pipeline
from tradewind.models.engines.measure import remeasured
from tradewind.models.engines.member import Choice, Member
from tradewind.models.engines.pipeline import Joined, Pipeline, WindowRows
from tradewind.models.engines.preparation import Preparation
from tradewind.models.engines.sessions import providers_for

__all__ = [
    "KIND",
    "Choice",
    "Joined",
    "Member",
    "Pipeline",
    "Preparation",
    "WindowRows",
    "providers_for",
    "read_pipeline",
    "remeasured",
    "write_pipeline",
]
