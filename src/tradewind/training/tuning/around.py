"""The joint stage's neighbourhood: everything that was found, each number moved a little."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from tradewind.training.settings import TrainingSettings
from tradewind.training.tuning.space import Range, Space, Value
from tradewind.training.tuning.space_ensemble import ensemble_of, ensemble_space, params_of
from tradewind.training.tuning.space_models import model_params, space_of, with_params

ENSEMBLE = "ensemble"


class Around:
    """Settings near ``centre``: a parameter of the search is a shift, as a share of that number's whole range."""

    def __init__(self, centre: TrainingSettings, reach: float) -> None:
        self.centre = centre
        self._reach = reach

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], Range]:
        spaces = {name: space_of(name, self.centre.members) for name in self.centre.models}
        spaces[ENSEMBLE] = ensemble_space(self.centre.models)
        return {
            (model, name): span
            for model, space in spaces.items()
            for name, span in space.items()
            if isinstance(span, Range)
        }

    @property
    def space(self) -> Space:
        """Shifts from ``-reach`` to ``reach`` of every number of every member and of the ensemble."""
        return {f"{model}.{name}": Range(low=-self._reach, high=self._reach) for model, name in self._numbers}

    def values(self, shifts: Mapping[str, Value]) -> dict[str, Value]:
        """Return the moved numbers, by the names of :attr:`space`."""
        return {
            f"{model}.{name}": span.moved(self._own(model)[name], float(shifts[f"{model}.{name}"]))
            for (model, name), span in self._numbers.items()
        }

    def settings(self, shifts: Mapping[str, Value]) -> TrainingSettings:
        """Return ``centre`` with its numbers moved."""
        values = self.values(shifts)
        members = self.centre.members
        for model in self.centre.models:
            own = {name: values[f"{model}.{name}"] for where, name in self._numbers if where == model}
            if own:
                members = with_params(members, model, own)
        moved = {name: values[f"{ENSEMBLE}.{name}"] for where, name in self._numbers if where == ENSEMBLE}
        joined, _ = ensemble_of(self._own(ENSEMBLE) | moved, self.centre.ensemble, self.centre.models)
        return self.centre.model_copy(update={"members": members, "ensemble": joined})

    def _own(self, model: str) -> dict[str, Value]:
        if model == ENSEMBLE:
            return params_of(self.centre.ensemble, self.centre.models)
        return model_params(model, self.centre.members)
