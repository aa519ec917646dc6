"""A training that was cut goes on from its last finished epoch, to the same weights bit for bit."""

from __future__ import annotations

import io
import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from tradewind.core import InputError
from tradewind.core.files import atomic_path

_FIX = "give another path, or remove the file to train from the start"


@dataclass(kw_only=True, eq=False)
class Standing:
    """How far a training has come.

    Attributes
    ----------
    epoch : epochs finished.
    best, best_epoch, best_state : least watched loss, the epoch that gave it and its weights.
    stopped : True where no further epoch is to be trained.
    """

    epoch: int
    best: float
    best_epoch: int
    best_state: dict[str, Any]
    stopped: bool = False


def save_checkpoint(
    path: Path,
    key: str,
    standing: Standing,
    net: nn.Module,
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> None:
    """Write everything that training needs to go on to ``path``, whole or not at all.

    Raises
    ------
    OutputError : the folder cannot be made or written.
    """
    cuda = [torch.cuda.get_rng_state()] if next(net.parameters()).is_cuda else []
    content = {
        "key": key,
        "standing": vars(standing),
        "net": net.state_dict(),
        "optimiser": optimiser.state_dict(),
        "torch_rng": torch.get_rng_state(),
        "cuda_rng": cuda,
        "cuts_rng": json.dumps(rng.bit_generator.state),
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with atomic_path(path) as draft:
        draft.write_bytes(buffer.getvalue())


def load_checkpoint(
    path: Path, key: str, net: nn.Module, optimiser: torch.optim.Optimizer, rng: np.random.Generator
) -> Standing | None:
    """Set net, optimiser and random states from ``path``; None where there is no such file.

    Only tensors and plain values are read, no code.

    Raises
    ------
    InputError : the file is damaged, or of a training on other data or with other settings.
    """
    if not path.exists():
        return None
    device = next(net.parameters()).device
    try:
        content = torch.load(io.BytesIO(path.read_bytes()), weights_only=True, map_location="cpu")
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise InputError("is no readable checkpoint", file=path, fix=_FIX) from error
    if not isinstance(content, dict) or content.get("key") != key:
        raise InputError("is a checkpoint of other data or settings", file=path, fix=_FIX)
    net.load_state_dict(content["net"])
    optimiser.load_state_dict(content["optimiser"])
    torch.set_rng_state(content["torch_rng"])
    if device.type == "cuda" and content["cuda_rng"]:
        torch.cuda.set_rng_state(content["cuda_rng"][0])
    rng.bit_generator.state = json.loads(content["cuts_rng"])
    return Standing(**content["standing"])
