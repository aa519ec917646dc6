"""Teach the newest column, and distil several columns into fewer.

Sources: Rusu et al. 2016; Ba and Caruana, "Do deep nets really need to be deep?" (2014): a student is taught the
teacher's log odds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from tradewind.continual.lesson import Lesson
from tradewind.continual.progressive.columns import ProgressiveNet
from tradewind.core.arrays import AnyArray


@dataclass(frozen=True, kw_only=True)
class Course:
    """How long and how fast: ``steps`` of AdamW over batches of ``batch`` rows, from ``rate`` down to a tenth of it."""

    steps: int
    batch: int
    rate: float
    decay: float


def teach_newest(net: ProgressiveNet, lesson: Lesson, course: Course, seed: int) -> None:
    """Fit the newest column of ``net`` to ``lesson`` in place; every other column stays bit for bit."""
    inputs = torch.as_tensor(lesson.inputs)
    rose = torch.as_tensor(lesson.rose, dtype=torch.float32)
    weight = torch.as_tensor(lesson.weight / lesson.weight.mean(), dtype=torch.float32)

    def loss(rows: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(net.newest(inputs[rows]), rose[rows], weight[rows])

    _descend(net, loss, len(lesson), course, seed)


def distil_newest(net: ProgressiveNet, inputs: AnyArray, odds: AnyArray, course: Course, seed: int) -> None:
    """Teach the newest column to give ``odds`` (m,) log odds for ``inputs`` (m, p)."""
    table, wanted = torch.as_tensor(inputs), torch.as_tensor(odds, dtype=torch.float32)

    def loss(rows: Tensor) -> Tensor:
        return ((net.newest(table[rows]) - wanted[rows]) ** 2).mean()

    _descend(net, loss, len(table), course, seed)


def merge(
    net: ProgressiveNet, pair: tuple[int, int], seen: Sequence[AnyArray], course: Course, seed: int
) -> ProgressiveNet:
    """Return a net in which the columns ``pair`` are one, in the place of the first.

    Parameters
    ----------
    pair : (i, j), i before j. The merged column answers as i on what i has seen and as j on what j has seen.
    seen : for each column (m, p) inputs of its period; no outcomes are needed.

    Columns before i stay bit for bit; later ones read i or j, so that they are taught their own answers again.
    """
    first, second = pair
    known = np.concatenate(list(seen))
    with torch.no_grad():
        answers = net(torch.as_tensor(known)).numpy()
    owner = np.repeat(np.arange(len(seen)), [len(one) for one in seen])
    order = [k for k in range(len(net.columns)) if k != second]
    merged = ProgressiveNet(net.inputs, net.width, columns=first)
    merged.load_state_dict({k: v for k, v in net.state_dict().items() if int(k.split(".")[1]) < first})
    for place, column in enumerate(order[first:], start=first):
        wanted = answers[column].copy()
        if column == first:
            wanted = np.where(owner == second, answers[second], answers[first])
        rows = np.isin(owner, pair) if column == first else np.ones(len(owner), dtype=bool)
        merged.grow()
        distil_newest(merged, known[rows], wanted[rows], course, seed + place)
    return merged


def _descend(net: ProgressiveNet, loss: Callable[[Tensor], Tensor], rows: int, course: Course, seed: int) -> None:
    """Take the steps of ``course`` down ``loss`` of some drawn rows, in the weights that may move."""
    moving = [value for value in net.parameters() if value.requires_grad]
    optimiser = torch.optim.AdamW(moving, lr=course.rate, weight_decay=course.decay)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, course.steps, eta_min=course.rate / 10.0)
    drawn = np.random.default_rng(seed)
    for _ in range(course.steps):
        some = torch.as_tensor(drawn.integers(rows, size=min(rows, course.batch)))
        optimiser.zero_grad(set_to_none=True)
        loss(some).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        falling.step()
