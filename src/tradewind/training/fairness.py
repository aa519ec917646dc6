"""Fairness among groups of symbols: which groups, re-weighting before training, a penalty of parity in training.

The penalty is the models' own (``parity`` in their settings); re-weighting goes through the dataset's sample weights;
what is done after training is in :mod:`~tradewind.training.group_shift`. Groups are sectors or size thirds, both as
known at each row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, Panel, Settings, UsageError
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features import row_slices
from tradewind.features.slices import UNKNOWN
from tradewind.models import ModelSettings
from tradewind.training.group_shift import Equalise

GroupBy = Literal["sector", "size_bucket", "both"]
MOST = 10.0
"""No group is raised by more than this: a handful of rows must not teach as much as a tenth of the market."""


class FairnessSettings(Settings):
    """What is asked of the groups of symbols; by default nothing, and forecasts are as without this module.

    ``by`` : the groups (``both``: sector and size together). ``parity`` : strength of the models' penalty on unequal
    mean forecasts of the groups. ``reweight`` : let every group, and rises and falls within each, count the same.
    ``equalise`` : shift each group's finished forecasts, see :class:`~tradewind.training.group_shift.GroupShift`.
    """

    by: GroupBy = "sector"
    parity: float = Field(default=0.0, ge=0.0)
    reweight: bool = False
    equalise: Equalise = "none"

    @property
    def on(self) -> bool:
        """True where anything is asked for."""
        return self.teaches or self.equalise != "none"

    @property
    def teaches(self) -> bool:
        """True where members are fitted otherwise than without fairness."""
        return self.parity > 0.0 or self.reweight


def group_names(panel: Panel, by: GroupBy) -> AnyArray:
    """(n,) str group of every row of ``panel``, as known at the row.

    Raises
    ------
    UsageError : fewer than two groups are known, so that there is nothing to be fair between.
    """
    parts = _parts(panel, by)
    for part, what in zip(parts, ("sector", "size") if by != "size_bucket" else ("size",), strict=False):
        if len(set(np.unique(part)) - {UNKNOWN}) < 2:
            fix = (
                "give --universe with the sector of each symbol, or use --parity-by size_bucket"
                if what == "sector"
                else "give prices of more symbols"
            )
            raise UsageError(f"fairness among groups needs two {what} groups, and fewer are known", fix=fix)
    return _joined(parts)


def known_groups(panel: Panel, by: GroupBy) -> AnyArray:
    """(n,) str group of every row, as :func:`group_names`, also where there is only one: forecasts need no second."""
    return _joined(_parts(panel, by))


def _parts(panel: Panel, by: GroupBy) -> list[AnyArray]:
    slices = row_slices(panel)
    one = {"sector": [slices.sector], "size_bucket": [slices.size_bucket]}
    return one.get(by, [slices.sector, slices.size_bucket])


def _joined(parts: list[AnyArray]) -> AnyArray:
    if len(parts) == 1:
        return parts[0]
    unknown = (parts[0] == UNKNOWN) | (parts[1] == UNKNOWN)
    both = np.char.add(np.char.add(parts[0].astype(str), ", "), parts[1].astype(str))
    return np.where(unknown, UNKNOWN, both)


def with_groups(data: Dataset, by: GroupBy) -> Dataset:
    """Return ``data`` with group codes: -1 is not used, ``unknown`` rows are a group of their own.

    Groups that ``data`` already has are kept: whoever set them knows better.
    """
    if data.group is not None:
        return data
    _, code = np.unique(group_names(data.panel, by), return_inverse=True)
    return replace(data, group=code.astype(np.int64))


def with_parity(members: ModelSettings, parity: float) -> ModelSettings:
    """Return ``members`` with ``parity`` in every model's settings that has such a field."""
    changes = {
        name: own.model_copy(update={"parity": parity})
        for name in type(members).model_fields
        if takes_parity(own := getattr(members, name))
    }
    return members.model_copy(update=changes)


def takes_parity(settings: object) -> bool:
    """Return True where the settings of a model have a ``parity``."""
    return isinstance(settings, Settings) and "parity" in type(settings).model_fields


def parity_takers(members: ModelSettings, models: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``models`` that can be penalised.

    Raises
    ------
    UsageError : there is none.
    """
    found = tuple(name for name in models if takes_parity(getattr(members, name, None)))
    if not found:
        able = [name for name in type(members).model_fields if takes_parity(getattr(members, name))]
        raise UsageError(
            f"none of the models {', '.join(models)} can be trained with a parity penalty",
            fix=f"add one of {', '.join(able)} to --models, or use --reweight, which works with every model",
        )
    return found


def reweighed(data: Dataset, rows: IntArray) -> Dataset:
    """Return ``data`` with sample weights that make group and direction independent among labelled ``rows``.

    Reweighing of Kamiran and Calders (2012, *Knowledge and Information Systems* 33): a row of group g and direction y
    gets P(y) / P(y | g), so that each group has the same weighted share of rises. Each group is also raised or
    lowered to the same total, by at most ``MOST``. Weights that ``data`` has are multiplied; rows outside
    ``rows``, and rows without a direction, keep theirs: nothing is learned from them.
    """
    known = data.labelled(rows)
    if data.group is None or not len(known):
        return data
    base: FloatArray = np.ones(len(data)) if data.weight is None else data.weight
    _, group = np.unique(data.group[known], return_inverse=True)
    direction = data.labels.direction[known].astype(np.int64)
    table = np.zeros((int(group.max()) + 1, 2))
    np.add.at(table, (group, direction), base[known])
    totals, whole = table.sum(axis=1), table.sum()
    size = np.minimum(whole / len(totals) / np.maximum(totals, 1e-300), MOST)
    share = table / np.maximum(totals[:, None], 1e-300)
    wanted = table.sum(axis=0) / whole
    factor = size[:, None] * np.divide(wanted, share, out=np.zeros_like(share), where=share > 0)
    weight = base.copy()
    weight[known] *= factor[group, direction]
    return replace(data, weight=weight)
