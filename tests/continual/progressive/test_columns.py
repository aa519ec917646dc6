"""A later column reads the earlier ones and never changes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tradewind.continual.progressive.columns import ProgressiveNet


@pytest.fixture
def grown():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ProgressiveNet(4, 6, columns=3)


def test_teaching_the_newest_column_leaves_the_others_bit_for_bit(grown):
    before = {name: value.clone() for name, value in grown.state_dict().items()}
    features = torch.as_tensor(np.random.default_rng(0).normal(size=(64, 4)), dtype=torch.float32)
    told = grown(features).detach()
    moving = [value for value in grown.parameters() if value.requires_grad]
    optimiser = torch.optim.Adam(moving, lr=0.05)
    for _ in range(5):
        optimiser.zero_grad()
        torch.nn.functional.softplus(-grown.newest(features)).mean().backward()
        optimiser.step()
    after = grown.state_dict()
    for name, value in before.items():
        assert torch.equal(value, after[name]) == (not name.startswith("columns.2.")), name
    now = grown(features).detach()
    assert torch.equal(now[:2], told[:2])
    assert not torch.equal(now[2], told[2])


def test_adapters_add_nothing_until_they_are_taught(grown):
    features = torch.randn(10, 4, generator=torch.Generator().manual_seed(1))
    column = grown.columns[2]
    alone = column.out(torch.tanh(column.second(torch.tanh(column.first(features))))).squeeze(-1)
    assert torch.equal(grown.newest(features), alone)
    torch.nn.init.ones_(column.to_out.up.weight)
    assert not torch.allclose(grown.newest(features), alone)


def test_what_an_earlier_column_knows_reaches_a_later_one(grown):
    torch.nn.init.ones_(grown.columns[2].to_second.up.weight)
    features = torch.randn(10, 4, generator=torch.Generator().manual_seed(2))
    before = grown.newest(features).detach()
    with torch.no_grad():
        grown.columns[0].first.weight.mul_(2.0)
    assert not torch.allclose(grown.newest(features), before)


def test_the_newest_is_the_last_row_of_all(grown):
    features = torch.randn(10, 4, generator=torch.Generator().manual_seed(3))
    assert grown(features).shape == (3, 10)
    assert torch.equal(grown(features)[2], grown.newest(features))
