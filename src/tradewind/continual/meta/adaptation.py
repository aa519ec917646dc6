"""A small net as a function of its weights, its adaptation in a few steps, and the gradient through them.

Source: Finn, Abbeel and Levine, "Model-agnostic meta-learning for fast adaptation of deep networks" (2017), second
order and first order; Nichol, Achiam and Schulman, "On first-order meta-learning algorithms" (2018), Reptile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.func import grad, vmap

from tradewind.core.arrays import AnyArray, FloatArray

Weights = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Rows of one task: ``features`` (m, p), ``rose`` (m,) in {0, 1} and ``weight`` (m,), not all 0."""

    features: Tensor
    rose: Tensor
    weight: Tensor

    @classmethod
    def of(cls, features: Tensor, rose: Tensor, weight: Tensor) -> Rows:
        """Build rows of tensors given in this order."""
        return cls(features=features, rose=rose, weight=weight)


def rows_of(features: AnyArray, rose: AnyArray, weight: AnyArray, dtype: torch.dtype = torch.float32) -> Rows:
    """Return arrays as :class:`Rows`; all must be finite."""
    return Rows(
        features=torch.as_tensor(features, dtype=dtype),
        rose=torch.as_tensor(rose, dtype=dtype),
        weight=torch.as_tensor(weight, dtype=dtype),
    )


def initial_weights(inputs: int, width: int, seed: int, dtype: torch.dtype = torch.float32) -> Weights:
    """Return weights of a net with two hidden layers of ``width``, Glorot and Bengio 2010; the last layer is 0."""
    rng = np.random.default_rng(seed)

    def layer(rows: int, columns: int) -> Tensor:
        drawn = rng.normal(scale=np.sqrt(2.0 / (rows + columns)), size=(rows, columns))
        return torch.as_tensor(drawn, dtype=dtype)

    return {
        "w1": layer(width, inputs),
        "b1": torch.zeros(width, dtype=dtype),
        "w2": layer(width, width),
        "b2": torch.zeros(width, dtype=dtype),
        "w3": torch.zeros(1, width, dtype=dtype),
        "b3": torch.zeros(1, dtype=dtype),
    }


def logit(weights: Mapping[str, Tensor], features: Tensor) -> Tensor:
    """(m,) log odds of a rise; tanh layers, so that second derivatives exist everywhere."""
    hidden = torch.tanh(features @ weights["w1"].T + weights["b1"])
    hidden = torch.tanh(hidden @ weights["w2"].T + weights["b2"])
    return (hidden @ weights["w3"].T + weights["b3"]).squeeze(-1)


def loss(weights: Mapping[str, Tensor], rows: Rows) -> Tensor:
    """Weighted mean log loss."""
    each = torch.nn.functional.binary_cross_entropy_with_logits(logit(weights, rows.features), rows.rose, rows.weight)
    return each / rows.weight.mean()


def slope_of(weights: Mapping[str, Tensor], rows: Rows) -> Weights:
    """Return the gradient of :func:`loss` written out: cheaper than a tape, and differentiable in turn."""
    one = torch.tanh(rows.features @ weights["w1"].T + weights["b1"])
    two = torch.tanh(one @ weights["w2"].T + weights["b2"])
    odds = (two @ weights["w3"].T + weights["b3"]).squeeze(-1)
    out = ((torch.sigmoid(odds) - rows.rose) * rows.weight / rows.weight.sum()).unsqueeze(-1)
    second = (out @ weights["w3"]) * (1.0 - two * two)
    first = (second @ weights["w2"]) * (1.0 - one * one)
    return {
        "w1": first.T @ rows.features,
        "b1": first.sum(dim=0),
        "w2": second.T @ one,
        "b2": second.sum(dim=0),
        "w3": out.T @ two,
        "b3": out.sum(dim=0),
    }


def adapt(weights: Mapping[str, Tensor], support: Rows, *, steps: int, rate: float) -> Weights:
    """Return weights after ``steps`` steps down the loss of ``support``; differentiable in ``weights``."""
    moved = dict(weights)
    for _ in range(steps):
        slope = slope_of(moved, support)
        moved = {name: value - rate * slope[name] for name, value in moved.items()}
    return moved


@dataclass(frozen=True, kw_only=True)
class Inner:
    """The steps inside a task: ``steps`` of ``rate``; ``second_order`` is read by :func:`maml_gradient` alone."""

    steps: int
    rate: float
    second_order: bool = True


def maml_gradient(weights: Mapping[str, Tensor], tasks: Sequence[tuple[Rows, Rows]], inner: Inner) -> Weights:
    """Return the gradient, in ``weights``, of the mean loss on the queries after adapting to the supports.

    Parameters
    ----------
    tasks : (support, query) of each task; the query lies after the support in time.
    inner : with ``second_order`` the gradient goes through the steps; without, they are taken as constants and the
        gradient at the adapted weights is returned (first-order MAML).
    """

    support, query = _stacked([one for one, _ in tasks]), _stacked([two for _, two in tasks])

    def outcome(start: Mapping[str, Tensor]) -> Tensor:
        def of_task(*parts: Tensor) -> Tensor:
            early, late = Rows.of(*parts[:3]), Rows.of(*parts[3:])
            return loss(adapt(start, early, steps=inner.steps, rate=inner.rate), late)

        each: Tensor = vmap(of_task)(*support, *query)
        return each.mean()

    if inner.second_order:
        slope: Weights = grad(outcome)(dict(weights))
        return slope

    def at_the_end(*parts: Tensor) -> Weights:
        early, late = Rows.of(*parts[:3]), Rows.of(*parts[3:])
        return slope_of(adapt(weights, early, steps=inner.steps, rate=inner.rate), late)

    slopes = vmap(at_the_end)(*support, *query)
    return {name: value.mean(dim=0) for name, value in slopes.items()}


def reptile_gradient(weights: Mapping[str, Tensor], tasks: Sequence[Rows], inner: Inner) -> Weights:
    """Return weights minus the mean of the weights adapted to each task.

    A step of size 1 against it ends at the average of the adapted weights.
    """

    def end(*parts: Tensor) -> Weights:
        return adapt(weights, Rows.of(*parts), steps=inner.steps, rate=inner.rate)

    ends = vmap(end)(*_stacked(tasks))
    return {name: value - ends[name].mean(dim=0) for name, value in weights.items()}


def _stacked(tasks: Sequence[Rows]) -> tuple[Tensor, Tensor, Tensor]:
    """Return features (t, m, p), outcomes and weights (t, m) of tasks side by side; missing rows weigh 0."""
    most = max(len(one.rose) for one in tasks)

    def padded(value: Tensor) -> Tensor:
        return torch.cat([value, value.new_zeros((most - len(value), *value.shape[1:]))])

    parts = [(padded(one.features), padded(one.rose), padded(one.weight)) for one in tasks]
    features, rose, weight = zip(*parts, strict=True)
    return torch.stack(features), torch.stack(rose), torch.stack(weight)


def forecast(weights: Mapping[str, Tensor], features: AnyArray) -> FloatArray:
    """(m,) probability of a rise for ``features`` (m, p)."""
    with torch.no_grad():
        some = torch.as_tensor(features, dtype=weights["w1"].dtype)
        return torch.sigmoid(logit(weights, some)).double().numpy()


def to_arrays(weights: Mapping[str, Tensor]) -> dict[str, AnyArray]:
    """Return the weights as arrays."""
    return {name: value.detach().numpy().copy() for name, value in weights.items()}


def from_arrays(arrays: Mapping[str, AnyArray]) -> Weights:
    """Return what :func:`to_arrays` was given."""
    return {name: torch.as_tensor(value) for name, value in arrays.items()}
