"""The parts of the server put together: what predicts when a slice closes, what the API asks, start and end."""

from tradewind.serving.node.app import Outside, ServingApp, build_app
from tradewind.serving.node.deployment import Deployed, Deployment, FileSource, Universe
from tradewind.serving.node.settings import NodeSettings

__all__ = [
    "Deployed",
    "Deployment",
    "FileSource",
    "NodeSettings",
    "Outside",
    "ServingApp",
    "Universe",
    "build_app",
]
