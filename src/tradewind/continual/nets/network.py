"""The net of the learners, and its descent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from tradewind.continual.lesson import Lesson
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.models.nets.learning.device import fixed_threads, own_random_state

CPU = torch.device("cpu")


@contextmanager
def own_torch(seed: int) -> Iterator[None]:
    """Run PyTorch on one thread from ``seed`` and leave its settings as they were."""
    with fixed_threads(), own_random_state(CPU, seed):
        yield


def build(inputs: int, width: int) -> nn.Sequential:
    """Return a net of two hidden layers that gives one log odds."""
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))


@dataclass(frozen=True, kw_only=True)
class Course:
    """``steps`` of AdamW from ``rate`` down to a tenth of it."""

    steps: int
    rate: float
    decay: float


def descend(weights: list[nn.Parameter], loss: Callable[[int], Tensor], course: Course) -> None:
    """Take the steps of ``course`` down ``loss``, which is given the number of the step."""
    optimiser = torch.optim.AdamW(weights, lr=course.rate, weight_decay=course.decay)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, course.steps, eta_min=course.rate / 10.0)
    for step in range(course.steps):
        optimiser.zero_grad(set_to_none=True)
        loss(step).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        falling.step()


def batch_loss(net: nn.Module, lesson: Lesson, batch: int, rng: np.random.Generator) -> Callable[[], Tensor]:
    """Return a draw of the mean weighted cross entropy of ``net`` on ``batch`` rows of ``lesson``."""
    inputs = torch.as_tensor(np.asarray(lesson.inputs, dtype=np.float32))
    rose = torch.as_tensor(lesson.rose, dtype=torch.float32)
    weight = torch.as_tensor(lesson.weight / lesson.weight.mean(), dtype=torch.float32)

    def drawn() -> Tensor:
        rows = torch.as_tensor(rng.integers(len(lesson), size=min(batch, len(lesson))))
        return binary_cross_entropy_with_logits(net(inputs[rows]).squeeze(-1), rose[rows], weight[rows])

    return drawn


def forecast(net: nn.Module, inputs: AnyArray) -> FloatArray:
    """(m,) probability of a rise for ``inputs`` (m, p)."""
    with torch.no_grad(), fixed_threads():
        odds = net(torch.as_tensor(np.asarray(inputs, dtype=np.float32))).squeeze(-1).double()
        out: FloatArray = torch.sigmoid(odds).numpy()
    return out


def fisher(net: nn.Module, inputs: AnyArray) -> dict[str, Tensor]:
    """Diagonal Fisher information of the weights: mean square of the gradient of the log likelihood, over ``inputs``.

    The expectation over the direction is taken under the net's own forecast and in closed form: with log odds z and
    probability q it is ``q (1 - q) (dz / dw)^2``.
    """
    from torch.func import functional_call, grad, vmap

    weights = {name: value.detach() for name, value in net.named_parameters()}

    def odds(values: dict[str, Tensor], row: Tensor) -> Tensor:
        given: Tensor = functional_call(net, values, (row[None],))
        return given.reshape(())

    rows = torch.as_tensor(np.asarray(inputs, dtype=np.float32))
    slopes: dict[str, Tensor] = vmap(grad(odds), in_dims=(None, 0))(weights, rows)
    with torch.no_grad():
        q = torch.sigmoid(net(rows).squeeze(-1))
        variance = q * (1.0 - q)
        return {
            name: (variance.reshape(-1, *[1] * (slope.dim() - 1)) * slope**2).mean(dim=0)
            for name, slope in slopes.items()
        }
