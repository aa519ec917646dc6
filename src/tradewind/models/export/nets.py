"""A fitted sequence net as an ONNX file that reads one place of each window."""

from __future__ import annotations

import copy
import io
import warnings
from typing import TYPE_CHECKING, Any

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
        import onnx  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("onnx", "serve") from error
    import torch
    from torch import nn

    net, window = model._fitted(), model.settings.window

    class Readout(nn.Module):
        """The heads at one place of each window; a gather, where indexing would become several nodes."""

        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, values: Tensor, place: Tensor) -> Tensor:
            state = self.net.backbone(values)
            both = torch.cat([state, values], dim=-1)
            index = place[:, None, None].expand(-1, 1, both.shape[2])
            heads: Tensor = self.net.heads(both.gather(1, index)[:, 0])
            return heads

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
    return buffer.getvalue()


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
