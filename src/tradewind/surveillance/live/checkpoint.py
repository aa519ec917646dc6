"""Where a live engine began, how far it has come, and how its source writes executions: what a restart needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.core.errors import InputError
from tradewind.core.files import read_json, write_json_file
from tradewind.surveillance.book import TradeStyle

CHECKPOINT_FILE = "checkpoint.json"
FORMAT = 1
MARK_EVERY = 50_000
"""Events between two places in the log at which reading could begin again."""
Place = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One state of a live engine.

    Attributes
    ----------
    model : id of the model; of another one, alerts would not be the same.
    anchor : (topic, partition) -> offset from which reading again gives this state.
    whole : True where the anchor is where the engine first began: reading from there gives the very same alerts.
    positions : up to where all was read and judged, and every alert published.
    style : how the source writes executions.
    events : judged so far.
    """

    model: str
    anchor: Mapping[Place, int]
    whole: bool
    positions: Mapping[Place, int]
    style: TradeStyle
    events: int

    def save(self, folder: Path) -> Path:
        """Write it into ``folder``, whole or not at all; return the path."""
        plain = {
            "format": FORMAT,
            "model": self.model,
            "anchor": _plain(self.anchor),
            "whole": self.whole,
            "positions": _plain(self.positions),
            "style": self.style.name.lower(),
            "events": self.events,
        }
        return write_json_file(folder / CHECKPOINT_FILE, plain)

    @classmethod
    def load(cls, folder: Path) -> Checkpoint | None:
        """Read what :meth:`save` wrote; None where there is none.

        Raises
        ------
        InputError : the file is damaged.
        """
        path = folder / CHECKPOINT_FILE
        if not path.exists():
            return None
        plain = read_json(path, what=f"a {CHECKPOINT_FILE} of `tradewind surveil watch`")
        try:
            if plain["format"] != FORMAT:
                raise ValueError(f"format {plain['format']}")
            return cls(
                model=str(plain["model"]),
                anchor=_places(plain["anchor"]),
                whole=bool(plain["whole"]),
                positions=_places(plain["positions"]),
                style=TradeStyle[str(plain["style"]).upper()],
                events=int(plain["events"]),
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            fix = "remove it: the log is then read from its beginning"
            raise InputError(f"is no checkpoint ({error})", file=path, fix=fix) from error


def _plain(places: Mapping[Place, int]) -> dict[str, int]:
    return {f"{topic}/{part}": offset for (topic, part), offset in sorted(places.items())}


def _places(plain: Mapping[str, int]) -> dict[Place, int]:
    return {(key.rpartition("/")[0], int(key.rpartition("/")[2])): int(offset) for key, offset in plain.items()}


@dataclass
class Marks:
    """Places in the log at every :data:`MARK_EVERY` events, the newest kept, and the one ``reach`` events back.

    ``reach`` None keeps the first alone: a restart reads all again.
    """

    reach: int | None
    first: Mapping[Place, int]
    _kept: deque[tuple[int, Mapping[Place, int]]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._kept.append((0, dict(self.first)))

    def pass_by(self, events: int, positions: Mapping[Place, int]) -> None:
        """Remember that the reader stood at ``positions`` when so many events were judged."""
        if self.reach is None:
            return
        if events - self._kept[-1][0] >= MARK_EVERY:
            self._kept.append((events, dict(positions)))
        while len(self._kept) > 1 and self._kept[1][0] <= events - self.reach:
            self._kept.popleft()

    @property
    def anchor(self) -> Mapping[Place, int]:
        """The place to read again from."""
        return self._kept[0][1]

    @property
    def moved(self) -> bool:
        """Whether that is no longer the first."""
        return self._kept[0][0] > 0
