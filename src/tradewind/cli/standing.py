"""What a running server leaves in its state folder for the commands that look at it: `tradewind parity`, `rollout`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tradewind.core import InputError, Settings, UsageError
from tradewind.core.files import write_text

if TYPE_CHECKING:
    from tradewind.serving.node.node import Node
    from tradewind.serving.rollout import Experiment

FEATURES = "features.json"
ROLLOUT = "rollout"


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


def experiments(state: Path) -> list[Experiment]:
    """Return the experiments that servers of ``state`` have run, those that began last at the end.

    Raises
    ------
    InputError : what was left is damaged.
    """
    from tradewind.serving.rollout import Experiment

    found = []
    for path in sorted((state / ROLLOUT).glob("*.json"), key=lambda one: one.stat().st_mtime_ns):
        try:
            found.append(Experiment.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError) as error:
            raise InputError(
                "is no experiment", file=path, fix="start the server again, which writes it anew"
            ) from error
    return found


def chosen(state: Path, name: str | None) -> Experiment:
    """Return the experiment ``name``, the newest where none is named; UsageError where there is none."""
    there = {one.name: one for one in experiments(state)}
    wanted = name or next(reversed(there), None)
    if wanted is None or wanted not in there:
        what = "no experiment has run here" if wanted is None else f"no experiment {wanted!r} has run here"
        known = f"name one of {', '.join(there)}" if there else "start one: tradewind serve --canary or --experiment"
        raise UsageError(what, file=state, fix=known)
    return there[wanted]
