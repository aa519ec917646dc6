"""What a running server leaves in its state folder for the commands that look at it: `tradewind parity`, `rollout`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tradewind.core import InputError, Settings, UsageError
from tradewind.core.files import write_text
from tradewind.serving.rollout.standing import ROLLOUT

if TYPE_CHECKING:
    from tradewind.serving.node.node import Node

__all__ = ["FEATURES", "ROLLOUT", "Computed", "computed", "leave"]

FEATURES = "features.json"


class Computed(Settings):
    """Which features a server keeps, of which symbols.

    Attributes
    ----------
    names : columns of the store. ``plain`` : those of them with a batch definition, all but those of text models.
    symbols, sectors : the universe. fear, news : what the stream has. scorer : of tone, ``lexicon`` or ``finbert``.
    log : place of the event log.
    """

    names: tuple[str, ...]
    plain: tuple[str, ...]
    symbols: tuple[str, ...]
    sectors: tuple[str, ...]
    fear: bool
    news: bool
    scorer: str
    log: str


def leave(node: Node) -> None:
    """Write what ``node`` computes and the experiment it runs."""
    settings = node.settings
    if node.rollout is not None:
        experiment = node.rollout.experiment
        write_text(settings.state / ROLLOUT / f"{experiment.name}.json", experiment.model_dump_json(indent=2) + "\n")
    if node.features is None:
        return
    models = node.versions.models()
    heads = {model.head_column for model in models}
    found = Computed(
        names=tuple(node.features.names),
        plain=tuple(name for name in node.features.names if name not in heads),
        symbols=node.features.universe.symbols,
        sectors=node.features.universe.sectors,
        fear=settings.fear,
        news=settings.news,
        scorer=next((str(name) for model in models if (name := model.about.get("scorer"))), "lexicon"),
        log=settings.log_place,
    )
    write_text(settings.state / FEATURES, found.model_dump_json(indent=2) + "\n")


def computed(state: Path) -> Computed:
    """Return what the server of ``state`` computes.

    Raises
    ------
    UsageError : no server has run there. InputError : what it left is damaged.
    """
    path = state / FEATURES
    try:
        return Computed.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            "no server has computed features here", file=state, fix="name the folder of `tradewind serve` with --state"
        ) from None
    except (OSError, ValidationError) as error:
        raise InputError("cannot be read", file=path, fix="start the server again, which writes it anew") from error
