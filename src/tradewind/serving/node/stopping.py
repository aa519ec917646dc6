"""How somebody outside the process ends an experiment: word in a file, that the node looks for."""

from __future__ import annotations

import logging
from pathlib import Path

from tradewind.core import InputError
from tradewind.core.files import read_json
from tradewind.serving.rollout import Rollout
from tradewind.serving.rollout.standing import stop_file

__all__ = ["stop_file", "stop_if_told"]

logger = logging.getLogger("tradewind.serving.node")


def stop_if_told(rollout: Rollout, state: Path) -> None:
    """End the experiment where word was left; a file that cannot be read ends it as well, since somebody left it."""
    path = stop_file(state, rollout.experiment.name)
    if not path.exists():
        return
    try:
        reason = str(read_json(path, what="who ends the experiment, and why").get("reason", "no reason was given"))
    except InputError as error:
        logger.warning("%s The experiment is stopped all the same.", error)
        reason = "word was left that cannot be read"
    rollout.stop(reason)
    path.unlink(missing_ok=True)
