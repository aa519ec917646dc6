"""A fitted sequence net as an ONNX file that reads one place of each window."""

from __future__ import annotations

import copy
import io
import warnings
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tradewind.core import MissingExtraError, UsageError
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.settings import NetSettings

if TYPE_CHECKING:
    from torch import Tensor

OPSET = 18


def net_onnx(model: NetForecaster[Any]) -> bytes:
    """Return the ONNX file of a fitted net.

    Inputs ``values`` (rows, window, q) float32 and ``place`` (rows,) int64, output ``heads`` (rows, 2): the logit of a
    rise and the scaled return at each place, with any number of rows.

    Raises
    ------
    MissingExtraError : ``onnx`` is not installed. NotFittedError : the model is not fitted.
    """
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError("onnx", "serve") from error
    import torch
    from torch import nn

    from tradewind.models.nets.modules.backbone import quiet
    from tradewind.models.nets.modules.recurrent import GRUBackbone, LSTMBackbone

    net, window = model._fitted(), model.settings.window
    backbone = net.backbone
    recurrent = isinstance(backbone, LSTMBackbone | GRUBackbone)

    class Readout(nn.Module):
        """The heads at one place of each window; a gather, where indexing would become several nodes."""

        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, values: Tensor, place: Tensor) -> Tensor:
            if recurrent:  # the state it ends with, which is that of the place: see _ends_at_place
                read = torch.cat([_last_state(values), self._at(values, place)], dim=-1)
            else:
                read = self._at(torch.cat([self.net.backbone(values), values], dim=-1), place)
            heads: Tensor = self.net.heads(read)
            return heads

        def _at(self, values: Tensor, place: Tensor) -> Tensor:
            return values.gather(1, place[:, None, None].expand(-1, 1, values.shape[2]))[:, 0]

    def _last_state(values: Tensor) -> Tensor:
        if isinstance(backbone, LSTMBackbone):
            return cast("Tensor", backbone.lstm(values)[1][0][0])
        return quiet(cast("GRUBackbone", backbone).gru(values)[1][0])

    readout, buffer = Readout().eval(), io.BytesIO()
    example = (torch.zeros(3, window, net.n_features), torch.zeros(3, dtype=torch.int64))
    rows = {0: "rows"}
    with warnings.catch_warnings(), torch.inference_mode():
        # The older of PyTorch's two exporters: the newer one gives the same graph for these nets in 20 times the time.
        # It warns that it is the older, and that a recurrent net may depend on the batch size, which is checked.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            readout,
            example,
            buffer,  # type: ignore[arg-type]  # this exporter writes to a stream as well
            input_names=["values", "place"],
            output_names=["heads"],
            dynamic_axes={"values": rows, "place": rows, "heads": rows},
            opset_version=OPSET,
            dynamo=False,
        )
    if not recurrent:
        return buffer.getvalue()
    graph = onnx.load_from_string(buffer.getvalue())
    _ends_at_place(graph)
    content: bytes = graph.SerializeToString()
    return content


def _ends_at_place(model: Any) -> None:
    """Let the recurrence of an ONNX model end at ``place`` of each row, by the operator's own ``sequence_lens``.

    States of other bars are then never written out, which saves a fifth of the time of a batch.
    """
    from onnx import TensorProto, helper

    graph = model.graph
    node = next(node for node in graph.node if node.op_type in ("LSTM", "GRU"))
    one = helper.make_tensor("one_bar", TensorProto.INT64, [], [1])
    bars = helper.make_node("Add", ["place", "one_bar"], ["place_bars"])
    lengths = helper.make_node("Cast", ["place_bars"], ["place_lengths"], to=TensorProto.INT32)
    node.input[4] = "place_lengths"
    graph.initializer.append(one)
    for number, new in enumerate((bars, lengths)):
        graph.node.insert(number, new)


def pruned(model: NetForecaster[NetSettings], share: float) -> NetForecaster[NetSettings]:
    """Return a copy of a fitted net whose ``share`` smallest weights of each matrix are 0 (Han et al. 2015, NeurIPS).

    Biases are left. The copy is as fast as the net, for dense engines multiply zeros as well; what shrinks is the
    compressed file. UsageError where ``share`` is not in [0, 1).
    """
    if not 0.0 <= share < 1.0:
        raise UsageError(f"{share} cannot be pruned", field="share", fix="give a share from 0 up to, but not, 1")
    import torch

    one = copy.copy(model)
    one._net = copy.deepcopy(model._fitted())
    with torch.no_grad():
        for weight in one._net.parameters():
            count = int(share * weight.numel())
            if weight.ndim < 2 or count == 0:
                continue
            flat = weight.abs().flatten().numpy()
            smallest = np.argpartition(flat, count - 1)[:count]
            weight.view(-1)[torch.from_numpy(smallest)] = 0.0
    return one
