"""What no program can know of a model: who answers for it, what it is for, how it fails, how it is watched."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tradewind.core import OutputError, Settings
from tradewind.core.files import write_text
from tradewind.governance.filled import FILL

SKELETON = f'''# What only people can say of a model. Every answer that still begins with "{FILL}" fails the checklist.
owner = "{FILL}: the person or desk that answers for the model"
contact = "{FILL}: an address that is read"
tier = "medium"                    # high, medium or low: what a wrong forecast can cost

intended_use = ["{FILL}: one decision it supports, and how"]
out_of_scope = ["{FILL}: one use it must not be put to"]
users = ["{FILL}: who may use it"]

survivorship = "{FILL}: which symbols the training data leave out, and what that does to the figures"
considerations = "{FILL}: whom a wrong or unfair forecast can harm, and what is done about it"

failure_modes = ["{FILL}: one way it is known to fail, and how that shows"]
monitoring = ["{FILL}: what is watched, how often, by whom, and the limit that raises an alarm"]
retraining_triggers = ["{FILL}: what makes the team train it again"]
'''


class CardNotes(Settings):
    """The part of a card that people write; every field may be empty here, and the checklist says which must not be.

    ``tier`` is the risk rating: what a wrong forecast can cost.
    """

    owner: str = ""
    contact: str = ""
    tier: Literal["high", "medium", "low", ""] = ""
    intended_use: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    survivorship: str = ""
    considerations: str = ""
    failure_modes: tuple[str, ...] = ()
    monitoring: tuple[str, ...] = ()
    retraining_triggers: tuple[str, ...] = ()


def write_skeleton(path: Path) -> Path:
    """Write the file to fill in; OutputError where one is already there."""
    if path.exists():
        raise OutputError("is there already", file=path, fix="give another name, so that no answers are lost")
    return write_text(path, SKELETON)
