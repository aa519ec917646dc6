"""Array types shared by every package."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Float32Array: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]
Int32Array: TypeAlias = npt.NDArray[np.int32]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
TimeArray: TypeAlias = npt.NDArray[np.datetime64]
AnyArray: TypeAlias = npt.NDArray[Any]


def freeze(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a read-only view of ``array``: records handed between packages cannot be changed by a receiver."""
    view = array.view()
    view.flags.writeable = False
    return view


def as_time(value: Any) -> np.datetime64:
    """Return ``value`` (ISO text, date, datetime or ``datetime64``) as ``datetime64[us]``."""
    moment: Any = np.asarray(value).astype("datetime64[us]")[()]
    return np.datetime64(moment, "us")
