"""What a search for evasive play has found, and what it tried on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tradewind.core.errors import InputError
from tradewind.core.files import read_json, write_json_file
from tradewind.surveillance.adversary.sight import Recall
from tradewind.surveillance.planting import SETTINGS, SchemeSettings
from tradewind.surveillance.schemes import Scheme


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One way of playing, as it went on the markets of the search.

    Attributes
    ----------
    parameters : the settings.
    suspicion : mean nearness of its deeds to the bar, see :class:`~.sight.Sight`.
    recall : share of its deeds found; NaN where none was carried through.
    effect : what it achieved for each deed planned, where ordinary play achieves 1.
    deeds, begun : carried through, and planned.
    """

    parameters: Mapping[str, float]
    suspicion: float
    recall: float
    effect: float
    deeds: int
    begun: int


@dataclass(frozen=True, kw_only=True)
class Evasion:
    """One of the least suspicious ways worth doing.

    Attributes
    ----------
    parameters : the settings.
    effect : on fresh markets, where ordinary play achieves 1.
    searched : recall on the markets of the search, which is too low by having been chosen for it.
    fresh : recall on markets that the search never saw.
    """

    parameters: Mapping[str, float]
    effect: float
    searched: float
    fresh: Recall


@dataclass(frozen=True, kw_only=True)
class EvasiveSet:
    """Ways of playing one scheme that escape one model, least suspicious first.

    Attributes
    ----------
    scheme, model, seed : what was searched, against which model (its id), from which seed.
    unit : in which the effect is told, and ``ordinary_effect`` what ordinary play achieves a deed, in that unit.
    least_effect : share of it below which a way is not worth doing.
    ordinary : recall of ordinary play on fresh markets.
    evasions : the ways found; none where nothing worth doing was.
    trials : all that was tried, in order.
    """

    scheme: Scheme
    model: str
    seed: int
    unit: str
    ordinary_effect: float
    least_effect: float
    ordinary: Recall
    evasions: tuple[Evasion, ...]
    trials: tuple[Trial, ...]

    @property
    def recall(self) -> Recall:
        """Recall of all evasions together, on fresh markets."""
        return sum((one.fresh for one in self.evasions), Recall(found=(), deeds=()))

    def settings(self) -> list[SchemeSettings]:
        """Return the evasions as settings to plant."""
        return [SETTINGS[self.scheme].of(one.parameters) for one in self.evasions]

    def front(self) -> list[Trial]:
        """Return the trials that no other beats in both suspicion and effect, by suspicion."""
        tried = [t for t in self.trials if t.deeds]
        kept = [t for t in tried if not any(_beats(other, t) for other in tried)]
        return sorted(kept, key=lambda t: (t.suspicion, t.effect))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "scheme": self.scheme.value,
            "model": self.model,
            "seed": self.seed,
            "unit": self.unit,
            "ordinary_effect": self.ordinary_effect,
            "least_effect": self.least_effect,
            "ordinary": self.ordinary.to_dict(),
            "detection": self.recall.to_dict(),
            "evasions": [
                {
                    "parameters": dict(e.parameters),
                    "effect": e.effect,
                    "searched": e.searched,
                    "fresh": e.fresh.to_dict(),
                }
                for e in self.evasions
            ],
            "trials": [asdict(t) for t in self.trials],
        }

    def write(self, path: Path) -> Path:
        """Write the set as JSON.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        return write_json_file(path, self.to_dict())

    @classmethod
    def read(cls, path: Path) -> EvasiveSet:
        """Read what :meth:`write` wrote.

        Raises
        ------
        InputError : the file is absent or holds something else.
        """
        plain = read_json(path, what="an evasive set of `tradewind surveil red-team`")
        try:
            return cls(
                scheme=Scheme(plain["scheme"]),
                model=plain["model"],
                seed=plain["seed"],
                unit=plain["unit"],
                ordinary_effect=plain["ordinary_effect"],
                least_effect=plain["least_effect"],
                ordinary=Recall.from_dict(plain["ordinary"]),
                evasions=tuple(
                    Evasion(**{**one, "fresh": Recall.from_dict(one["fresh"]), "searched": _number(one["searched"])})
                    for one in plain["evasions"]
                ),
                trials=tuple(Trial(**{**one, "recall": _number(one["recall"])}) for one in plain["trials"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"is no evasive set ({error})", file=path, fix="search again") from error


def worth_trying(trials: Sequence[Trial], least_effect: float, most: int) -> list[Trial]:
    """Return the least suspicious of the ways worth doing, at most ``most`` of them."""
    worth = [t for t in trials if t.deeds and t.effect >= least_effect]
    unlike = {tuple(sorted(t.parameters.items())): t for t in reversed(worth)}
    return sorted(unlike.values(), key=lambda t: (t.suspicion, -t.effect))[:most]


def _beats(one: Trial, other: Trial) -> bool:
    """Return whether ``one`` is no worse in both and better in one."""
    no_worse = one.suspicion <= other.suspicion and one.effect >= other.effect
    return no_worse and (one.suspicion < other.suspicion or one.effect > other.effect)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
