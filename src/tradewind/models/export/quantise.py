"""Weights in 8 bits: ONNX Runtime's dynamic quantisation of an exported net."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from tradewind.core import MissingExtraError


def int8(content: bytes) -> bytes:
    """Return the ONNX file ``content`` with its matrices in int8; activations are quantised as they come.

    Raises
    ------
    MissingExtraError : ``onnx`` or ONNX Runtime is not installed.
    """
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise MissingExtraError(error.name or "onnxruntime", "serve") from error
    with tempfile.TemporaryDirectory() as folder:  # the tool reads and writes files only
        out = Path(folder) / "int8.onnx"
        root = logging.getLogger()
        level = root.level
        root.setLevel(logging.ERROR)  # it advises a pre-processing that changes nothing here
        try:
            quantize_dynamic(onnx.load_from_string(content), out, weight_type=QuantType.QInt8)
        finally:
            root.setLevel(level)
        return out.read_bytes()
