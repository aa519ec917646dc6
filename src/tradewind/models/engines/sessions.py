"""ONNX Runtime sessions: one thread each unless measured otherwise, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradewind.core import MissingExtraError

CPU, GPU = "CPUExecutionProvider", "CUDAExecutionProvider"


def providers_for(available: Sequence[str], *, net: bool) -> tuple[str, ...]:
    """Return the providers to ask for, best first: the GPU for nets where there is one; trees stay on the CPU.

    ONNX Runtime has no tree kernels for the GPU, and copying a row there takes longer than walking the trees here.
    """
    return (GPU, CPU) if net and GPU in available else (CPU,)


def open_session(content: bytes, *, net: bool, threads: int = 1) -> Any:
    """Return a session of an ONNX file's bytes, safe to share among threads.

    Raises
    ------
    MissingExtraError : ONNX Runtime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("onnxruntime", "serve") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a spinning thread starves the others
    wanted = list(providers_for(onnxruntime.get_available_providers(), net=net))
    return onnxruntime.InferenceSession(content, options, providers=wanted)
