"""Every kind of member as files and a few values; which engines can run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tradewind.core import UsageError
from tradewind.models.baselines import AlwaysUp, LastDirection, Rule
from tradewind.models.engines.member import Kind
from tradewind.models.engines.packed import PackedTrees
from tradewind.models.export.nets import net_onnx
from tradewind.models.export.quantise import int8
from tradewind.models.export.trees import return_trees, trees_onnx
from tradewind.models.logistic import LogisticForecaster
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.protocol import Forecaster
from tradewind.models.storage import pack_arrays
from tradewind.models.trees.table import TreeModel

LAST_RETURN = "return_1"


@dataclass(frozen=True, kw_only=True, eq=False)
class ExportedMember:
    """A member ready to be written.

    ``engines`` : file of each engine, by the engine's name. ``files`` : their content. ``values`` : small numbers.
    ``needs`` : raw features it reads beside the prepared columns.
    """

    name: str
    kind: Kind
    window: int
    engines: Mapping[str, str]
    files: Mapping[str, bytes]
    values: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def export_member(
    model: Forecaster, n_columns: int, *, threads: tuple[int, ...] = (1,), eight_bits: bool = True
) -> ExportedMember:
    """Return a fitted member of any kind that needs no more than its symbol's own features.

    ``n_columns`` : prepared columns. ``threads`` : thread counts a net may be run with. ``eight_bits`` : offer it too.

    Raises
    ------
    UsageError : the member reads other symbols (the graph net) or prices themselves (momentum, reversal).
    """
    if isinstance(model, NetForecaster):
        return _net(model, threads, eight_bits)
    if isinstance(model, TreeModel):
        return _trees(model, n_columns)
    if isinstance(model, LogisticForecaster):
        return _line(model)
    if isinstance(model, Rule):
        return _rule(model)
    raise UsageError(
        f"a {model.name!r} member cannot be exported: its forecast of a symbol reads the other symbols of the day",
        field="models",
        fix="train the ensemble to be served without it, or ask it in batch with `tradewind predict`",
    )


def _net(model: NetForecaster[Any], threads: tuple[int, ...], eight_bits: bool) -> ExportedMember:
    name = model.name
    content = net_onnx(model)
    files = {f"{name}.onnx": content}
    engines = {"onnx" if count == 1 else f"onnx_threads_{count}": f"{name}.onnx" for count in threads}
    if eight_bits:
        files[f"{name}.int8.onnx"] = int8(content)
        engines["int8"] = f"{name}.int8.onnx"
    values = {"scale": model._scale}
    window = int(model.settings.window)
    return ExportedMember(name=name, kind="net", window=window, engines=engines, files=files, values=values)


def _trees(model: TreeModel, n_columns: int) -> ExportedMember:
    if not isinstance(model, Forecaster):
        raise UsageError("a tree model that does not forecast cannot be exported", fix="export a member")
    name, direction, returns = model.name, model.direction_trees(), return_trees(model)
    files = {f"{name}.trees.npz": pack_arrays(PackedTrees.of(direction, returns).to_arrays())}
    engines = {"packed": f"{name}.trees.npz"}
    content = trees_onnx(direction, returns, n_columns)
    if content is not None:
        files[f"{name}.onnx"] = content
        engines["onnx"] = f"{name}.onnx"
    values = {"log_odds": direction.scale == "log_odds"}
    return ExportedMember(name=name, kind="trees", window=1, engines=engines, files=files, values=values)


def _line(model: LogisticForecaster) -> ExportedMember:
    slope, intercept = model.direction_line()
    if model._return is None:
        raise UsageError("the logistic regression has no return head", fix="train it again")
    arrays = {"direction": [*slope.tolist(), intercept], "returns": model._return.tolist()}
    file = f"{model.name}.npz"
    content = pack_arrays({key: np.array(values) for key, values in arrays.items()})
    return ExportedMember(name=model.name, kind="line", window=1, engines={"numpy": file}, files={file: content})


def _rule(model: Rule) -> ExportedMember:
    if not isinstance(model, AlwaysUp | LastDirection):
        raise UsageError(
            f"the rule {model.name!r} cannot be exported: it reads a year of prices, which a served model is not given",
            field="models",
            fix="choose always_up, last_direction or logistic",
        )
    return ExportedMember(
        name=model.name,
        kind="rule",
        window=1,
        engines={"numpy": ""},
        files={},
        values={"edge": model.settings.edge, "move": model._fitted()},
        needs=() if isinstance(model, AlwaysUp) else (LAST_RETURN,),
    )
