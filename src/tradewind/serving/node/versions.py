"""The versions a server holds: loaded as the deployment says, each in its role, exchanged without a lost request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from tradewind.core import InputError, UsageError
from tradewind.serving.node.deployment import FileSource
from tradewind.serving.runtime import LoadedModel, Refresh, Shelf, ShelfEvent, load_artefact

logger = logging.getLogger("tradewind.serving.node")

BESIDE = ("student", "shadow")
"""Roles whose answers nobody is given."""
SEPARATOR = "#"
"""Between the folder of an artefact and the baseline that answers in the model's place."""


def load_place(place: str) -> LoadedModel:
    """Return the model, or its baseline, of an artefact's place: ``folder`` or ``folder#baseline``."""
    folder, _, baseline = place.partition(SEPARATOR)
    model = load_artefact(folder)
    return model.fallback(baseline) if baseline else model


@dataclass(eq=False)
class Versions:
    """Loaded versions by role.

    ``warm`` : called with a version that was loaded, before it takes its role.

    Raises
    ------
    UsageError : the champion cannot be loaded when the server starts.
    """

    source: FileSource
    warm: Callable[[LoadedModel], None] = lambda _model: None
    failures: int = 0
    champion: str = ""
    shelf: Shelf = field(init=False)
    _available: frozenset[str] = frozenset()
    _longest: int | None = None

    def __post_init__(self) -> None:
        """Load what is deployed."""
        self.shelf = Shelf(load=self._load, on_event=self._told)
        found = self.refresh()
        if not self.champion:
            reason = "; ".join(found.failed.values()) or "no champion is deployed"
            raise UsageError(f"no model can be served: {reason}", fix="export and deploy the model again")

    def refresh(self) -> Refresh:
        """Load what was deployed since; a version that fails, or a damaged deployment, leaves what is served."""
        try:
            found = self.shelf.refresh(self.source)
        except InputError as error:
            self.failures += 1
            logger.error("the deployment cannot be read, what is served stays: %s", error)
            return Refresh(failed={"deployment": str(error)})
        self.failures += len(found.failed)
        self.champion = self.shelf.roles().get("champion", "")
        return found

    def limit(self, available: frozenset[str], longest: int) -> None:
        """Refuse, from now on, versions that read features other than ``available``, or more than ``longest`` bars."""
        self._available, self._longest = available, longest

    def answering(self) -> dict[str, str]:
        """Return ref -> role of every version whose answers are given out."""
        return {ref: role for role, ref in self.shelf.roles().items() if role not in BESIDE}

    def beside(self, role: str) -> LoadedModel | None:
        """Return the version of ``role``, None where none plays it."""
        return self.shelf.get(self.shelf.roles()[role]) if role in self.shelf.roles() else None

    def how(self, ref: str) -> str:
        """Return how the registry serves ``ref``: champion, override, fallback, ..."""
        return self.source.deployed(ref).how

    def window(self) -> int:
        """Return how many bars the versions look back on at most."""
        return max(self.shelf.get(ref).window for ref in self.shelf.refs())

    def models(self) -> list[LoadedModel]:
        """Return the loaded versions."""
        return [self.shelf.get(ref) for ref in self.shelf.refs()]

    def features(self) -> tuple[str, ...]:
        """Return every feature that the versions read."""
        found = dict.fromkeys(name for ref in self.shelf.refs() for name in self.shelf.get(ref).features)
        return tuple(found)

    def described(self) -> list[Mapping[str, Any]]:
        """Return what is loaded, JSON-ready."""
        roles = {ref: role for role, ref in self.shelf.roles().items()}
        return [
            {
                "ref": ref,
                "role": roles.get(ref, "former"),
                "how": self.how(ref) if ref in roles else "former",
                "features": list(model.features),
                "window": model.window,
                "engines": {name: dict(choice) for name, choice in model.engines.items()},
                "trained_until": trained_until(model),
            }
            for ref in self.shelf.refs()
            for model in [self.shelf.get(ref)]
        ]

    def _load(self, place: str) -> LoadedModel:
        model = load_place(place)
        missing = [name for name in model.features if self._available and name not in self._available]
        if missing:
            raise UsageError(
                f"{model.ref} reads {', '.join(missing[:5])}, which this server does not compute",
                fix="serve with --features all, and with the news or fear index it was trained with",
            )
        if self._longest is not None and model.window > self._longest:
            raise UsageError(
                f"{model.ref} looks back on {model.window} bars, and {self._longest} are kept",
                fix="start the server again, which then keeps as many",
            )
        self.warm(model)
        return model

    def _told(self, event: ShelfEvent) -> None:
        if event.kind == "failed":
            logger.error("version %s is not served: %s", event.ref, event.problem)
        else:
            logger.info("version %s: %s %s", event.ref, event.kind, event.role)


def trained_until(model: LoadedModel) -> str:
    """Return the day up to which the model knew labels; empty where the artefact does not say."""
    train = model.about.get("train") or {}
    return str(train.get("trained_until") or "")


def first_honest(model: LoadedModel) -> int:
    """Return the time (microseconds) of the first bar that the model may be asked about: it knew no label of it."""
    return _micros(trained_until(model))


@lru_cache(maxsize=64)
def _micros(until: str) -> int:
    return int(np.datetime64(until, "us").astype(np.int64)) if until else int(np.iinfo(np.int64).min)
