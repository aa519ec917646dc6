"""Shapley values of forecasts: what each column gave, in probability and in log odds, and through which member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from tradewind.core.ids import array_id, content_id
from tradewind.features import REGISTRY
from tradewind.features.registry import Group
from tradewind.training.model import HEAD_COLUMN


@dataclass(frozen=True, kw_only=True, eq=False)
class Attribution:
    """What made the forecasts of m rows differ from the base, by prepared column.

    Attributes
    ----------
    rows : (m,) rows of the dataset that was explained.
    names : q prepared columns (selected features, missing flags, the text model's column).
    inputs : (m, q) float32 value of each column at the row, as the members see it (scaled).
    base : probability of a rise where nothing is known of a row: the forecast at the base log odds.
    probability : (m,) the ensemble's calibrated probability of a rise.
    values : (m, q) in probability; ``base + values.sum(axis=1)`` is ``probability``, less ``shift`` where there is one.
    base_log_odds : log odds of ``base``, before the ensemble's last calibration.
    log_odds : (m, q) in the ensemble's joined log odds; with ``base_log_odds`` they sum to the row's.
    members : by member, (m, q): the part of ``log_odds`` that comes through it, its weight included.
    shift : (m,) part of the probability that comes from shifting each row's group, no column's doing; None where the
        model shifts none. :meth:`by_group` tells it as :data:`SHIFT`.
    """

    rows: IntArray
    names: tuple[str, ...]
    inputs: Float32Array
    base: float
    probability: FloatArray
    values: FloatArray
    base_log_odds: float
    log_odds: FloatArray
    members: Mapping[str, FloatArray]
    shift: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        shape = (len(self.rows), len(self.names))
        parts: dict[str, AnyArray] = {"inputs": self.inputs, "values": self.values, "log_odds": self.log_odds}
        for name, part in {**parts, **self.members}.items():
            if part.shape != shape:
                raise ValueError(f"{name} has shape {part.shape}, expected {shape}")

    def __len__(self) -> int:
        """Return the number of explained rows."""
        return len(self.rows)

    @property
    def id(self) -> str:
        """16 hex digits of the content, by which a log refers to it: rows' inputs, forecasts and values, by name.

        The number of a row in its dataset does not count, for it changes with every bar that is added.
        """
        parts = [self.inputs, self.probability, self.values, self.log_odds, *self.members.values()]
        parts += [] if self.shift is None else [self.shift]
        arrays = array_id(np.ascontiguousarray(part) for part in parts)
        return content_id(self.names, list(self.members), self.base, self.base_log_odds, arrays)

    def take(self, places: IntArray | Sequence[int]) -> Attribution:
        """Return the attribution of the rows at ``places``, counted from 0 among the explained rows."""
        at = np.asarray(places, dtype=np.int64)
        return replace(
            self,
            rows=self.rows[at],
            inputs=self.inputs[at],
            probability=self.probability[at],
            values=self.values[at],
            log_odds=self.log_odds[at],
            members={name: part[at] for name, part in self.members.items()},
            shift=None if self.shift is None else self.shift[at],
        )

    @property
    def gap(self) -> FloatArray:
        """(m,) probability less base, values and shift: what additivity leaves, nearly 0."""
        left: FloatArray = self.probability - self.base - self.values.sum(axis=1)
        return left if self.shift is None else left - self.shift

    @property
    def importance(self) -> dict[str, float]:
        """Mean absolute value of each column, in probability."""
        return dict(zip(self.names, np.abs(self.values).mean(axis=0).tolist(), strict=True))

    def summed(self, parts: Sequence[str]) -> tuple[tuple[str, ...], FloatArray]:
        """Return names and (m, g) sums of ``values`` over the columns that share an entry of ``parts`` (q,).

        Groups come in order of their first column; a sum of Shapley values is the group's contribution.
        """
        names = tuple(dict.fromkeys(parts))
        place = {name: i for i, name in enumerate(names)}
        total = np.zeros((len(self), len(names)))
        for column, part in enumerate(parts):
            total[:, place[part]] += self.values[:, column]
        return names, total

    def by_group(self) -> tuple[tuple[str, ...], FloatArray]:
        """Return names and (m, g) sums of ``values`` by feature group (trend, momentum, ...), ``shift`` the last."""
        names, sums = self.summed([group_of(name) for name in self.names])
        if self.shift is None:
            return names, sums
        return (*names, SHIFT), np.concatenate([sums, self.shift[:, None]], axis=1)

    def by_feature(self) -> tuple[tuple[str, ...], FloatArray]:
        """Return names and (m, f) sums of ``values`` by feature, its missing flag included."""
        return self.summed([feature_of(name) for name in self.names])


MISSING = "_missing"
SHIFT = "fairness"
"""The part of a forecast that comes from shifting its group so that groups are forecast alike."""


def feature_of(column: str) -> str:
    """Return the feature a prepared column is made of."""
    return column.removesuffix(MISSING)


def group_of(column: str) -> str:
    """Return the feature group of a prepared column; the text model's column counts as sentiment."""
    name = feature_of(column)
    return str(Group.SENTIMENT if name == HEAD_COLUMN else REGISTRY.get(name).group)
