"""Settings of the learners that are one net."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tradewind.continual.schedule import ScheduleSettings
from tradewind.core import Settings


class NetSettings(Settings):
    """The net and how it is taught; every learner of one net has these.

    Attributes
    ----------
    width : values of each of the two hidden layers.
    steps, batch : of AdamW on each experience, over batches drawn from its rows.
    rate, decay : first step, which falls to a tenth along a cosine, and weight decay.
    schedule : in place of ``rate``, where given: the rate of each day by how stable its regime was.
    seed : of weights, batches and what is kept.
    """

    width: int = Field(default=32, ge=2, le=512)
    steps: int = Field(default=400, ge=1)
    batch: int = Field(default=256, ge=8)
    rate: float = Field(default=0.004, gt=0.0)
    decay: float = Field(default=0.01, ge=0.0)
    schedule: ScheduleSettings | None = None
    seed: int = Field(default=0, ge=0)


class RehearsalSettings(NetSettings):
    """What is kept and how it is rehearsed.

    Attributes
    ----------
    kept : rows kept in all.
    balance : "experience": each experience, and each direction in it, has an equal part of the buffer; "reservoir":
        every row ever seen has an equal chance to be in it (Vitter 1985).
    old : weight of the loss on old rows; the new rows have 1.
    """

    kept: int = Field(default=3000, ge=10)
    balance: Literal["experience", "reservoir"] = "experience"
    old: float = Field(default=1.0, ge=0.0)


class EWCSettings(NetSettings):
    """How strongly weights that mattered are held.

    Attributes
    ----------
    strength : weight of the quadratic penalty.
    forget : factor in [0, 1] by which older Fisher information shrinks with each experience (Schwarz et al. 2018); 1
        keeps it all.
    fisher_rows : rows on which the Fisher information is measured.
    """

    strength: float = Field(default=20.0, ge=0.0)
    forget: float = Field(default=1.0, ge=0.0, le=1.0)
    fisher_rows: int = Field(default=2000, ge=1)


class EpisodicSettings(NetSettings):
    """What is remembered and how it is retrieved.

    Attributes
    ----------
    kept : rows remembered in all, an equal part of each experience.
    neighbours : rows retrieved for each forecast.
    bandwidth : of the kernel, in distances to the last neighbour.
    """

    kept: int = Field(default=6000, ge=10)
    neighbours: int = Field(default=200, ge=1)
    bandwidth: float = Field(default=1.0, gt=0.0)


class ExternalMemorySettings(NetSettings):
    """What is written into the memory and how it is read.

    Attributes
    ----------
    slots : in all; where more are needed, those of the experience with most that are read least are freed.
    written : slots that an experience writes, at most an equal part of all.
    sharpness : at the start, factor of the cosines in the softmax; it is learned.
    addressing : weight of the loss by which the read head learns whose slots to read.
    """

    slots: int = Field(default=80, ge=1)
    written: int = Field(default=16, ge=1)
    sharpness: float = Field(default=10.0, gt=0.0)
    addressing: float = Field(default=1.0, ge=0.0)
