"""The student: a small model of few features that answers for the teacher, and can say why."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
from scipy.special import expit

from tradewind.core import Dataset, InputError
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.explain.distillation.additive import Additive
from tradewind.explain.distillation.forest import Forest
from tradewind.explain.distillation.linear import Linear, pursuit
from tradewind.explain.distillation.settings import DistillationSettings, Kind
from tradewind.models.storage import read_artefact, write_artefact

Form: TypeAlias = Linear | Additive | Forest
ARTEFACT = "student"


@dataclass(frozen=True, kw_only=True, eq=False)
class Student:
    """An interpretable model of a teacher's log odds.

    Attributes
    ----------
    kind : form of the model.
    names : the features it reads, columns of the teacher's prepared dataset.
    form : the fitted model.
    record : what it was taught on; JSON-ready.
    """

    kind: Kind
    names: tuple[str, ...]
    form: Form
    record: dict[str, Any]

    @property
    def intercept(self) -> float:
        """Log odds before any feature has spoken."""
        return self.form.intercept

    def contributions(self, data: Dataset, rows: IntArray) -> FloatArray:
        """(m, p) what each of ``names`` adds to the log odds of ``rows`` of prepared ``data``.

        Log odds are ``intercept`` plus their sum, exactly, for every kind. InputError: ``data`` lacks a feature.
        """
        return self.form.contributions(self.values(data, rows))

    def log_odds(self, data: Dataset, rows: IntArray) -> FloatArray:
        """(m,) log odds of a rise of ``rows`` of prepared ``data``."""
        return np.asarray(self.intercept + self.contributions(data, rows).sum(axis=1), dtype=np.float64)

    def predict(self, data: Dataset, rows: IntArray) -> FloatArray:
        """(m,) probability of a rise of ``rows`` of prepared ``data``."""
        return np.asarray(expit(self.log_odds(data, rows)), dtype=np.float64)

    def values(self, data: Dataset, rows: IntArray) -> AnyArray:
        """(m, p) the prepared values it reads."""
        index = {name: i for i, name in enumerate(data.names)}
        missing = [name for name in self.names if name not in index]
        if missing:
            raise InputError(
                f"the student reads {missing[0]!r}, which the data lack",
                fix="prepare the data with the teacher it was distilled from (TrainedModel.prepare)",
            )
        columns = np.array([index[name] for name in self.names], dtype=np.int64)
        return data.features[rows[:, None], columns]

    def reasons(self, data: Dataset, rows: IntArray, most: int = 3) -> list[str]:
        """Return a line per row: the ``most`` largest contributions to the log odds, the largest first."""
        found = self.contributions(data, rows)
        order = np.argsort(-np.abs(found), axis=1, kind="stable")[:, :most]
        return [
            ", ".join(f"{self.names[column]} {one[column]:+.3f}" for column in best if one[column] != 0.0) or "none"
            for one, best in zip(found, order, strict=True)
        ]

    def rules(self) -> list[str]:
        """Return the model as lines a person can read."""
        form = self.form
        if isinstance(form, Forest):
            return [
                f"tree {number}: {rule}" for number, tree in enumerate(form.trees, 1) for rule in tree.rules(self.names)
            ]
        if isinstance(form, Linear):
            return [f"{name}: {weight:+.4f} a unit" for name, weight in zip(self.names, form.weight, strict=True)]
        return [
            f"{name}: from {step.min():+.4f} to {step.max():+.4f} in {len(step)} steps"
            for name, step in zip(self.names, form.steps, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write the student into ``folder`` as JSON."""
        write_artefact(folder, ARTEFACT, self._state())

    @property
    def sha256(self) -> str:
        """Hash (hex) of all that :meth:`save` writes: equal for a copy that was saved and loaded."""
        return hashlib.sha256(json.dumps(self._state(), sort_keys=True).encode()).hexdigest()

    def _state(self) -> dict[str, Any]:
        return {"form": self.kind, "names": list(self.names), "model": self.form.to_dict(), "record": self.record}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote; InputError where it is absent or was changed."""
        state = read_artefact(folder, ARTEFACT).state
        kind: Kind = state["form"]
        form = _FORMS[kind].from_dict(state["model"])
        return cls(kind=kind, names=tuple(state["names"]), form=form, record=state["record"])


_FORMS: dict[Kind, type[Linear] | type[Additive] | type[Forest]] = {
    "linear": Linear,
    "gam": Additive,
    "forest": Forest,
}


def fit_form(kind: Kind, values: AnyArray, target: FloatArray, settings: DistillationSettings) -> Form:
    """Fit a model of ``kind`` on (m, p) ``values`` and (m,) log odds ``target``."""
    return _FORMS[kind].fit(values, target, settings)


def ranked(kind: Kind, values: AnyArray, target: FloatArray, settings: DistillationSettings) -> IntArray:
    """Return columns in the order in which a student of ``kind`` would want them: the longest size of ``settings``.

    A linear student takes them by matching pursuit, the others by how much they move a model of all columns.
    """
    most = settings.sizes[-1]
    if kind == "linear":
        return pursuit(values, target, most, settings.ridge)
    moved = fit_form(kind, values, target, settings).contributions(values).std(axis=0)
    return np.argsort(-moved, kind="stable")[:most].astype(np.int64)
