"""Networks alone: what a state may depend on."""

from __future__ import annotations

import pytest
import torch

from tradewind.models import MODELS, make_model
from tradewind.models.nets.learning.device import cpu_has_bfloat16

NETS = ("lstm", "gru", "cnn", "tcn", "transformer", "hybrid")
LIMITED = {"cnn": 10, "tcn": 29, "transformer": 60}  # bars that a state of the default net depends on
every_net = pytest.mark.parametrize("name", NETS)


def backbone(name: str):
    torch.manual_seed(0)
    return make_model(name, seed=1).backbone(4).eval()


def test_the_nets_are_registered():
    assert set(NETS) <= set(MODELS)


@every_net
def test_a_later_bar_changes_no_earlier_state(name):
    net = backbone(name)
    values = torch.randn(3, 80, 4, generator=torch.Generator().manual_seed(1))
    changed = values.clone()
    changed[:, 70:] += 3.0
    with torch.no_grad():
        before, after = net(values), net(changed)
    assert before.shape == (3, 80, net.width)
    assert torch.equal(before[:, :70], after[:, :70])
    assert (before[:, 70] != after[:, 70]).any()


@pytest.mark.parametrize(("name", "reach"), sorted(LIMITED.items()))
def test_a_state_depends_on_its_reach_and_on_nothing_older(name, reach):
    net = backbone(name).double()
    values = torch.randn(1, 90, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64, requires_grad=True)
    net(values)[0, 80].sum().backward()
    felt = values.grad.abs().sum(-1)[0] > 0
    assert felt[80 - reach + 1]
    assert not felt[: 80 - reach + 1].any()
    assert not felt[81:].any()


@pytest.mark.parametrize("name", ["transformer", "hybrid"])
def test_attention_is_a_share_of_the_bars_so_far(name):
    weights = backbone(name).weights(torch.randn(2, 70, 4)).detach()
    assert torch.allclose(weights.sum(-1), torch.ones(2, 70), atol=1e-6)
    assert (weights.triu(1) == 0).all()
    assert (weights[:, 65, :6] == 0).all()


@pytest.mark.parametrize("name", ["lstm", "cnn", "tcn", "transformer", "hybrid"])
def test_products_in_bfloat16_give_nearly_the_same_states(name):
    if name == "lstm" and not cpu_has_bfloat16():
        pytest.skip("this processor has no bfloat16 products for an LSTM")
    net, values = backbone(name), torch.randn(2, 20, 4, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        exact = net(values)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            coarse = net(values)
    assert torch.allclose(exact, coarse.float(), atol=0.02)
    assert not torch.equal(exact, coarse.float())
