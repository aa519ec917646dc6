"""Where training runs, with how many threads, and in which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache

import torch

from tradewind.core import UsageError


@contextmanager
def fixed_threads(count: int = 1) -> Iterator[None]:
    """Run PyTorch on ``count`` threads inside the block: small products are not worth sharing among threads.

    Sums then have one order whatever the machine, so forecasts do not depend on its number of cores.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def training_device(wanted: str) -> torch.device:
    """Return the device to train on; "auto" takes a GPU where there is one.

    Raises
    ------
    UsageError : "cuda" is asked for and there is no GPU.
    """
    if wanted == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    if wanted == "cuda":
        raise UsageError("there is no GPU that PyTorch can use", field="device", fix='set device = "auto" or "cpu"')
    return torch.device("cpu")


@cache
def cpu_has_bfloat16() -> bool:
    """Return whether PyTorch finds bfloat16 products for an LSTM on this processor: older ones have none."""
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        try:
            torch.nn.LSTM(1, 1)(torch.zeros(1, 1, 1))
        except RuntimeError:
            return False
    return True


def mixed_precision(device: torch.device, wanted: str) -> AbstractContextManager[object]:
    """Return the context in which losses are formed: bfloat16 products, sums and weights in float32, or none.

    bfloat16 has the range of float32, so gradients need no scaling.

    Raises
    ------
    UsageError : bfloat16 is asked for on a processor that has no such products for recurrent nets.
    """
    if wanted == "bfloat16" and device.type == "cpu" and not cpu_has_bfloat16():
        raise UsageError(
            "this processor cannot train recurrent nets in bfloat16", field="precision", fix='set precision = "float32"'
        )
    if wanted == "bfloat16" or (wanted == "auto" and device.type == "cuda"):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()


@contextmanager
def own_random_state(device: torch.device, seed: int) -> Iterator[None]:
    """Seed PyTorch inside the block and leave its global generators as they were."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
