"""The training loop of every sequence net."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tradewind.models.nets.learning.checkpoint import Standing, load_checkpoint, save_checkpoint
from tradewind.models.nets.learning.device import mixed_precision
from tradewind.models.nets.learning.losses import Lessons, Penalties, training_loss, watched_loss
from tradewind.models.nets.modules.backbone import TwoHeadNet
from tradewind.models.nets.sequences import Chunks

WATCH_BATCH = 256  # chunks forecast at a time when the tail is judged


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How a net is trained; see :class:`~tradewind.models.nets.settings.NetSettings`."""

    epochs: int
    patience: int
    updates: int
    learning_rate: float
    weight_decay: float
    clip: float
    span: int
    precision: str
    penalties: Penalties


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """What is read.

    ``cut`` gives the chunks of an epoch whose cuts are moved by some bars; ``tail`` are the chunks that decide when to
    stop, None to train to the end.
    """

    lessons: Lessons
    cut: Callable[[int], Chunks]
    tail: Chunks | None


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """Where the checkpoint is kept, and the key of the data and settings it belongs to."""

    path: Path
    key: str


def train(
    net: TwoHeadNet,
    course: Course,
    schedule: Schedule,
    rng: np.random.Generator,
    report: Callable[[int], None],
    keeping: Keeping | None = None,
) -> None:
    """Train ``net`` in place; with a tail it ends with the weights of the epoch that forecast the tail best.

    ``report`` is told each finished epoch. ``rng`` moves the cuts; order and dropout come from PyTorch's global
    generator, which the caller seeds and restores. With ``keeping`` every finished epoch is kept, and a training that
    was cut goes on from there.
    """
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    standing = None if keeping is None else load_checkpoint(keeping.path, keeping.key, net, optimiser, rng)
    if standing is None:
        standing = Standing(epoch=0, best=np.inf, best_epoch=0, best_state=deepcopy(net.state_dict()))
    while standing.epoch < schedule.epochs and not standing.stopped:
        phase = int(rng.integers(schedule.span)) if standing.epoch else 0
        _epoch(net, course.lessons, course.cut(phase), optimiser, schedule)
        standing.epoch += 1
        _watch(net, course, schedule, standing)
        if keeping is not None:
            save_checkpoint(keeping.path, keeping.key, standing, net, optimiser, rng)
        report(standing.epoch)
    if course.tail is not None:
        net.load_state_dict(standing.best_state)
    net.eval()


def _epoch(
    net: TwoHeadNet, lessons: Lessons, chunks: Chunks, optimiser: torch.optim.Optimizer, schedule: Schedule
) -> None:
    net.train()
    for batch in _batches(chunks, schedule.updates):
        optimiser.zero_grad(set_to_none=True)
        with mixed_precision(lessons.features.device, schedule.precision):
            loss = training_loss(net, lessons, batch, schedule.penalties)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), schedule.clip)
        optimiser.step()


def _watch(net: TwoHeadNet, course: Course, schedule: Schedule, standing: Standing) -> None:
    """Judge the tail after an epoch and note in ``standing`` whether it was the best, or training is to stop."""
    tail = course.tail
    if tail is None:
        return
    net.eval()
    total = weight = 0.0
    with torch.no_grad(), mixed_precision(course.lessons.features.device, schedule.precision):
        for start in range(0, len(tail.index), WATCH_BATCH):
            some = slice(start, start + WATCH_BATCH)
            part, share = watched_loss(net, course.lessons, Chunks(index=tail.index[some], taught=tail.taught[some]))
            total, weight = total + part, weight + share
    watched = total / max(weight, 1e-9)
    if watched < standing.best:
        standing.best, standing.best_epoch = watched, standing.epoch
        standing.best_state = deepcopy(net.state_dict())
    elif standing.epoch - max(standing.best_epoch, 1) >= schedule.patience:
        standing.stopped = True


def _batches(chunks: Chunks, updates: int) -> Iterator[Chunks]:
    order = torch.randperm(len(chunks.index)).numpy()
    size = max(8, -(-len(order) // updates))
    for start in range(0, len(order), size):
        some = order[start : start + size]
        yield Chunks(index=chunks.index[some], taught=chunks.taught[some])
