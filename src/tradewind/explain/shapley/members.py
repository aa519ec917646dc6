"""Shapley values of one member, by the method that fits its kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tradewind.core import Dataset, UsageError
from tradewind.core.arrays import IntArray
from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.linear import linear_shap
from tradewind.explain.shapley.nets import NetShap
from tradewind.explain.shapley.part import MemberShap
from tradewind.explain.shapley.sampled import SampledShap
from tradewind.explain.shapley.trees import TreeShap
from tradewind.models import AlwaysUp, Forecaster, LogisticForecaster
from tradewind.models.baselines import Rule
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.trees.table import TreeModel

MemberExplainer = Callable[[Dataset, IntArray], MemberShap]


def member_shap(model: Forecaster, data: Dataset, rows: IntArray, background: Background) -> MemberShap:
    """Return the Shapley values of ``rows`` of ``data`` (prepared columns) in the scale of ``model`` itself.

    Trees and lines are exact. Sequence nets are explained by expected gradients, anything else by sampled orders.
    """
    return member_explainer(model, background)(data, rows)


def member_explainer(
    model: Forecaster, background: Background, *, seed: int = 7, known: float | None = None
) -> MemberExplainer:
    """Return what explains ``model``, with all that does not depend on the rows done once.

    ``known`` : what an earlier explainer of the same model found by measuring (:func:`found_by`), so that it is not
    measured again and values are equal on every machine: the nodes of a net's paths, the base of sampled orders.

    Raises
    ------
    UsageError : ``model`` is a rule on past prices. It reads no column, so there is nothing to split its forecast over.
    """
    if isinstance(model, Rule) and not isinstance(model, AlwaysUp):
        raise UsageError(
            f"{model.name} is a rule on past prices and reads no column: its forecast cannot be split over columns",
            field="models",
            fix=f"train the ensemble without {model.name}; as a baseline it is compared with all the same",
        )
    if isinstance(model, TreeModel):
        return ForestShap(model, background)
    if isinstance(model, LogisticForecaster):
        return LineShap(model, background)
    if isinstance(model, NetForecaster):
        return NetShap(model, background, nodes=None if known is None else int(known), seed=seed)
    return SampledShap(model, background, seed=seed, base=known)


def found_by(explain: MemberExplainer) -> float | None:
    """Return what ``explain`` found by measuring, None where there is nothing to measure."""
    if isinstance(explain, NetShap):
        return float(explain.nodes)
    return explain.base if isinstance(explain, SampledShap) else None


class ForestShap:
    """Explains a model of trees exactly, against the background's rows."""

    def __init__(self, model: TreeModel, background: Background) -> None:
        self._table = model.direction_trees()
        self._shap = TreeShap(self._table, background.values)

    def __call__(self, data: Dataset, rows: IntArray) -> MemberShap:
        """Return the values of ``rows`` of ``data`` (prepared columns)."""
        inputs = data.features[rows]
        return MemberShap(
            values=self._shap.values(inputs),
            base=self._shap.base,
            output=self._table.output(inputs),
            scale=self._table.scale,
            gap=np.zeros(len(rows)),
        )


class LineShap:
    """Explains a logistic regression exactly."""

    def __init__(self, model: LogisticForecaster, background: Background) -> None:
        self._line = model.direction_line()
        self._background = background.values

    def __call__(self, data: Dataset, rows: IntArray) -> MemberShap:
        """Return the values of ``rows`` of ``data`` (prepared columns)."""
        inputs = data.features[rows]
        values, base = linear_shap(*self._line, inputs, self._background)
        output = base + values.sum(axis=1)
        return MemberShap(values=values, base=base, output=output, scale="log_odds", gap=np.zeros(len(rows)))
