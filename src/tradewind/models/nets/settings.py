"""What every sequence net's settings share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tradewind.core import Settings


class NetSettings(Settings):
    """A small net, strongly regularised, stopped early.

    ``window`` : bars that a forecast looks back on. Training reads chunks of ``span`` bars after ``burn_in`` bars, so
    a taught row has seen between ``burn_in`` and ``burn_in + span`` bars: on average ``window`` with the defaults.
    ``updates`` : optimiser steps per epoch at most; batches grow with the panel. ``weight_decay`` : L2, decoupled;
    ``l1`` : of the weights' absolute sum. ``tail_share`` : share of the training span, at its end, that decides when to
    stop, after ``embargo`` sessions. ``return_weight`` : of the return's loss. ``parity`` : strength of the penalty
    on unequal mean probabilities of the dataset's groups; of no effect without groups. ``adversarial`` : weight of the
    loss on what the heads read, moved by ``adversarial_radius`` where it hurts most (Feng et al. 2019, IJCAI).
    ``device`` : where training runs; forecasts are made on the CPU. ``precision`` : "auto" trains in bfloat16 on a GPU,
    in float32 on the CPU. ``threads`` : CPU threads of training, whatever the machine has; sums have one order for a
    number of threads, so another number gives slightly other weights.
    """

    window: int = Field(default=60, ge=1)
    span: int = Field(default=60, ge=1)
    burn_in: int = Field(default=30, ge=0)
    hidden: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.3, ge=0.0, lt=1.0)
    max_epochs: int = Field(default=12, ge=1)
    patience: int = Field(default=3, ge=1)
    updates: int = Field(default=40, ge=1)
    learning_rate: float = Field(default=0.003, gt=0.0)
    weight_decay: float = Field(default=0.01, ge=0.0)
    l1: float = Field(default=0.0, ge=0.0)
    clip: float = Field(default=1.0, gt=0.0)
    return_weight: float = Field(default=0.2, ge=0.0)
    parity: float = Field(default=0.0, ge=0.0)
    adversarial: float = Field(default=0.0, ge=0.0)
    adversarial_radius: float = Field(default=0.1, gt=0.0)
    tail_share: float = Field(default=0.2, gt=0.0, lt=1.0)
    embargo: int = Field(default=0, ge=0)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    threads: int = Field(default=1, ge=1)
    seed: int = 7


def check_reach(reach: int, window: int) -> None:
    """Refuse a net whose states depend on more bars than a forecast reads; pydantic reports the ValueError."""
    if reach > window:
        raise ValueError(f"the layers reach back over {reach} bars, more than the window of {window}")
