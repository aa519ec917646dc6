"""The model of surveillance: one model and one bar for each scheme, saved without pickled objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, IntArray
from tradewind.core.errors import InputError, UsageError
from tradewind.core.ids import array_id
from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.learning.described import CandidateSource, Described, column_names, columns
from tradewind.surveillance.learning.floors import clear_enough
from tradewind.surveillance.learning.scheme_model import PIECES, SchemeModel
from tradewind.surveillance.schemes import Scheme

KIND = "surveillance"
ARRAYS_FILE = "arrays.npz"
BUNDLED = "bundled"


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveillanceModel:
    """Scores candidates of every scheme it has a model of.

    Attributes
    ----------
    models : by scheme.
    thresholds : least score of an alert, by scheme.
    about : what it was fitted on and with: plain values.
    floors : least rule of a candidate that is scored above 0, by scheme. In a market unlike those it was fitted on, a
        model may be sure of what no textbook describes, and nobody could explain such an alert.
    """

    models: Mapping[Scheme, SchemeModel]
    thresholds: Mapping[Scheme, float]
    about: Mapping[str, Any] = field(default_factory=dict)
    floors: Mapping[Scheme, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """16 hex digits of all that decides a score or an alert."""
        arrays = [array for scheme in Scheme if scheme in self.models for array in self._arrays(scheme).values()]
        bars = np.array([self.thresholds.get(scheme, np.nan) for scheme in Scheme])
        floors = np.array([self.floors.get(scheme, 0.0) for scheme in Scheme])
        return array_id([*arrays, bars, floors])

    def _arrays(self, scheme: Scheme) -> dict[str, AnyArray]:
        return dict(sorted(self.models[scheme].to_arrays().items()))

    def worth_asking(self, candidates: Sequence[Candidate], views: Float32Array) -> BoolArray:
        """Return (n,) which candidates could be scored above 0, by what is known without the views that are dear.

        ``views`` : (n, v) all columns of the views, NaN where they are not known yet.
        """
        found, reached = np.zeros(len(candidates), dtype=bool), clear_enough(candidates, self.floors)
        for scheme, places in _by_scheme(candidates).items():
            model = self.models.get(scheme)
            if model is None:
                continue
            clear = places[reached[places]]
            if len(clear):
                found[clear] = model.sieve.passes(columns([candidates[i] for i in clear], views[clear]))
        return found

    def score(self, described: Described) -> list[Scored]:
        """Return the candidates with their probabilities, in the order given; schemes without a model are left out."""
        candidates, asked = described.candidates, described.asked
        if asked is None:
            asked = self.worth_asking(candidates, described.views)
        found: dict[int, Scored] = {}
        for scheme, places in _by_scheme(candidates).items():
            model = self.models.get(scheme)
            if model is None:
                continue
            for i in places.tolist():
                found[i] = Scored(candidate=candidates[i], known_at=int(described.known_at[i]), score=0.0)
            heard = places[asked[places]]
            if not len(heard):
                continue
            values = columns([candidates[i] for i in heard], described.views[heard])
            chance, pieces = model.score(values, np.array([candidates[i].rule for i in heard], dtype=np.float64))
            for row, i in enumerate(heard.tolist()):
                found[i] = replace(
                    found[i],
                    score=float(chance[row]),
                    values=values[row],
                    names=model.names,
                    pieces=pieces[row],
                    piece_names=PIECES,
                )
        return [found[i] for i in sorted(found)]

    def check(self, source: CandidateSource) -> None:
        """Refuse a source whose columns are not those the model was fitted on.

        Raises
        ------
        UsageError : names or their order differ.
        """
        for scheme in source.schemes:
            model = self.models.get(scheme)
            names = column_names(source, scheme)
            if model is not None and model.names != names:
                other = sorted(set(model.names) ^ set(names))
                raise UsageError(
                    f"the model of {scheme} reads other columns than are described ({', '.join(other[:5]) or 'order'})",
                    field=scheme.value,
                    fix="train the model again with this version",
                )

    def save(self, folder: Path) -> Path:
        """Write the model into ``folder``: ``arrays.npz`` and ``manifest.json`` with their hashes; return it.

        Raises
        ------
        OutputError : the folder cannot be made or written.
        """
        from tradewind.models.storage import pack_arrays, write_artefact  # brings PyTorch: not for those who only score

        arrays = {f"{scheme}/{name}": one for scheme in self.models for name, one in self._arrays(scheme).items()}
        state = {
            "schemes": {scheme.value: list(model.names) for scheme, model in self.models.items()},
            "thresholds": {scheme.value: float(bar) for scheme, bar in self.thresholds.items()},
            "floors": {scheme.value: float(floor) for scheme, floor in self.floors.items()},
            "about": dict(self.about),
            "id": self.id,
        }
        write_artefact(folder, KIND, state, {ARRAYS_FILE: pack_arrays(arrays)})
        return folder

    @classmethod
    def load(cls, folder: Path) -> SurveillanceModel:
        """Read a model that :meth:`save` wrote.

        Raises
        ------
        InputError : the folder holds no such model, of another format, or a file of it was changed.
        """
        from tradewind.models.storage import MANIFEST, read_artefact

        artefact = read_artefact(folder, KIND)
        try:
            arrays = artefact.arrays(ARRAYS_FILE)
            models = {
                Scheme(name): SchemeModel.from_arrays(Scheme(name), tuple(names), _of(arrays, name))
                for name, names in artefact.state["schemes"].items()
            }
            thresholds = {Scheme(name): float(bar) for name, bar in artefact.state["thresholds"].items()}
            floors = {Scheme(name): float(floor) for name, floor in artefact.state["floors"].items()}
            model = cls(models=models, thresholds=thresholds, about=artefact.state["about"], floors=floors)
            if model.id != artefact.state["id"]:
                raise ValueError("its arrays are not those it was saved with")
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(
                f"holds no whole surveillance model ({error})", file=folder / MANIFEST, fix="train or copy it again"
            ) from error
        return model


def _by_scheme(candidates: Sequence[Candidate]) -> dict[Scheme, IntArray]:
    """Return the positions of each scheme's candidates."""
    rows: dict[Scheme, list[int]] = {}
    for place, candidate in enumerate(candidates):
        rows.setdefault(candidate.scheme, []).append(place)
    return {scheme: np.array(places, dtype=np.int64) for scheme, places in rows.items()}


def _of(arrays: Mapping[str, AnyArray], scheme: str) -> dict[str, AnyArray]:
    return {name.removeprefix(f"{scheme}/"): one for name, one in arrays.items() if name.startswith(f"{scheme}/")}


def bundled_model() -> SurveillanceModel:
    """Return the model that comes with the package.

    Raises
    ------
    InputError : this installation has none.
    """
    with bundled_folder() as folder:
        return SurveillanceModel.load(folder)


@contextmanager
def bundled_folder() -> Iterator[Path]:
    """Yield the folder of the model that comes with the package.

    Raises
    ------
    InputError : this installation has none.
    """
    with resources.as_file(resources.files(__package__) / BUNDLED) as folder:
        if not folder.is_dir():
            raise InputError(
                "this installation carries no surveillance model",
                file=folder,
                fix="train one with `tradewind surveil train` and give its folder",
            )
        yield folder


def moved(bar: float, by: float) -> float:
    """Return a probability moved by ``by`` in log odds; one that none reaches stays so."""
    if by == 0.0 or not 0.0 < bar < 1.0:
        return bar
    return float(1.0 / (1.0 + np.exp(-(np.log(bar / (1.0 - bar)) + by))))
