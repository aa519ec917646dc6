"""Let a kernel borrow its arrays: no references to them are counted while it runs.

Numba counts a reference whenever an array is taken out of a tuple or handed to a function, an atomic operation each
time. In loops over events that was most of the work. The caller holds every array for as long as the kernel runs, so
the count is not needed.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic


def _without_owner(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return ``value`` with the owner of each array in it left out."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = array.meminfo.type(None)
        array.parent = array.parent.type(None)
        return array._getvalue()
    parts: tuple[Any, ...] = getattr(kind, "types", ()) if isinstance(kind, types.BaseTuple) else ()
    for place, part in enumerate(parts):
        held = builder.extract_value(value, place)
        value = builder.insert_value(value, _without_owner(context, builder, part, held), place)
    return value


def _borrowed(typing: Any, value: Any) -> Any:  # noqa: ARG001 - numba gives the context
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _without_owner(context, builder, signature.args[0], arguments[0])

    return value(value), generate


borrowed: Any = intrinsic(_borrowed)
"""Returns an array, or a tuple of arrays, whose references are not counted; for compiled functions alone.

Nothing borrowed may outlive the call of the kernel: it is neither returned nor kept.
"""
