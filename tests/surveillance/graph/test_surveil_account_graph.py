"""The graph of accounts: edges against a plain count, rings and communities put in, a view without a future."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core.arrays import Float32Array
from tradewind.core.errors import InputError, UsageError
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.graph import AccountGraph, Edges, GraphView, communities, embeddings, rings
from tradewind.surveillance.graph.neural import AccountNet, AccountSample
from tradewind.surveillance.schemes import Scheme

FIRST = 1_700_000_000_000_000_000


def trades(deals: list[tuple[int, int, int]], *, symbols: int = 1, gap: float = 60.0) -> Tape:
    """Return a tape of trades (seller, buyer, size), the buyer taking, ``gap`` seconds apart, symbols in turn."""
    n = len(deals)
    seller, buyer, size = (np.array(column, dtype=np.int64) for column in zip(*deals, strict=True))
    zero, time = np.zeros(n, np.int64), FIRST + (np.arange(n) * gap * 1e9).astype(np.int64)
    symbol = (np.arange(n) % symbols).astype(np.int32)
    return Tape(
        first_row=0,
        time=time,
        symbol=symbol,
        seq=np.arange(1, n + 1),
        kind=np.full(n, 3, np.int8),
        order=zero + 1,
        account=seller.astype(np.int32),
        side=np.full(n, -1, np.int8),
        price=zero + 1_000_000,
        size=size,
        bid=zero + 999_900,
        ask=zero + 1_000_000,
        bid_size=zero + 100,
        ask_size=zero + 100,
        bid_depth=zero + 500,
        ask_depth=zero + 500,
        order_size=size,
        order_left=size,
        order_time=time,
        level=zero.astype(np.int32),
        taker=buyer.astype(np.int32),
        taker_order=zero + 2,
        taker_side=np.full(n, 1, np.int8),
        pair=(seller * symbols + symbol).astype(np.int32),
        taker_pair=(buyer * symbols + symbol).astype(np.int32),
        symbols=Names(tuple(f"S{i}" for i in range(symbols))),
        accounts=Names(tuple(f"a{i}" for i in range(int(max(seller.max(), buyer.max())) + 1))),
    )


def chance_deals(seed: int, n: int, accounts: int) -> list[tuple[int, int, int]]:
    rng = np.random.default_rng(seed)
    deals = (
        (int(rng.integers(accounts)), int(rng.integers(accounts)), int(rng.integers(1, 9)) * 100) for _ in range(n)
    )
    return [deal for deal in deals if deal[0] != deal[1]]


def candidate(row: int, accounts: tuple[int, ...], symbol: int = 0) -> Candidate:
    return Candidate(
        scheme=Scheme.WASH_TRADING,
        episode=row,
        revision=0,
        symbol=symbol,
        accounts=accounts,
        start=0,
        end=0,
        row=row,
        rule=0.0,
        features=np.zeros(1, np.float32),
    )


def test_counts_of_sales_are_those_of_a_plain_count() -> None:
    deals = chance_deals(1, 400, 12)
    graph = AccountGraph()
    graph.update(trades(deals))
    sales = graph.sales(0)
    plain = Counter((seller, buyer) for seller, buyer, _ in deals)
    assert {(int(a), int(b)) for a, b in zip(sales.source, sales.target, strict=True)} == set(plain)
    for a, b, count in zip(sales.source, sales.target, sales.count, strict=True):
        assert count == pytest.approx(plain[int(a), int(b)], rel=0.03)  # 400 trades fade it by 2 % at most


def test_moments_in_common_need_the_same_side_and_few_seconds() -> None:
    together, apart = AccountGraph(), AccountGraph()
    deals = [(0, 1, 100), (0, 2, 100)] * 20
    together.update(trades(deals, gap=1.0))
    apart.update(trades(deals, gap=30.0))
    assert float(together.moments().count.sum()) == pytest.approx(39, rel=0.01)
    assert len(apart.moments()) == 0


def test_memory_is_bounded() -> None:
    graph = AccountGraph(edges=512, nodes=512)
    graph.update(trades(chance_deals(2, 5000, 2000)))
    assert len(graph.sales()) <= 512
    assert len(graph.state.nodes) == 512


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 500), max_size=5))
def test_cuts_change_nothing(cuts: list[int]) -> None:
    tape = trades(chance_deals(3, 500, 20), symbols=3, gap=2.0)
    asked = [candidate(row, (1, 2, 3), row % 3) for row in range(5, len(tape), 37)]

    def described(bounds: list[int]) -> Float32Array:
        view, parts = GraphView(), []
        for low, high in itertools.pairwise(bounds):
            parts.append(view.advance(tape.rows(low, high), [c for c in asked if low <= c.row < high]))
        return np.concatenate(parts)

    inner = sorted(min(cut, len(tape)) for cut in cuts)
    np.testing.assert_array_equal(described([0, len(tape)]), described([0, *inner, len(tape)]))


def test_the_view_knows_nothing_later() -> None:
    tape = trades(chance_deals(4, 300, 10))
    at = candidate(150, (1, 2))
    np.testing.assert_array_equal(GraphView().advance(tape, [at]), GraphView().advance(tape.rows(0, 151), [at]))


def test_a_closed_group_looks_closed_and_others_do_not() -> None:
    deals = chance_deals(5, 600, 30)
    deals[300:300] = [(31, 32, 500), (32, 33, 500), (33, 31, 500)] * 10
    names = GraphView.feature_names
    ring, others = GraphView().advance(trades(deals), [candidate(400, (31, 32, 33)), candidate(400, (1, 2, 3))])
    for name in ("graph_inside_share", "graph_inside_excess", "graph_balance", "graph_least_inside_share"):
        assert ring[names.index(name)] > others[names.index(name)]
    assert ring[names.index("graph_inside_share")] == pytest.approx(1.0, abs=1e-5)
    assert ring[names.index("graph_linked_members")] == 1.0


def test_rings_come_first_by_how_closed_they_are() -> None:
    deals = chance_deals(6, 300, 15)
    deals += [(21, 22, 400), (22, 23, 400), (23, 24, 400), (24, 21, 400)] * 6
    graph = AccountGraph()
    graph.update(trades(deals))
    best = rings(graph.sales(0), longest=5)[0]
    assert best.accounts == (21, 22, 23, 24)
    assert best.balance > 0.95
    assert best.inside == pytest.approx(1.0)


def test_communities_are_the_groups_that_trade_among_themselves() -> None:
    groups = [tuple(range(6)), tuple(range(6, 12)), tuple(range(12, 18))]
    rng = np.random.default_rng(7)
    deals = [(int(a), int(b), 100) for _ in range(150) for g in groups for a, b in [rng.choice(g, 2, replace=False)]]
    deals += [(0, 6, 100), (6, 12, 100)]
    graph = AccountGraph()
    graph.update(trades(deals))
    assert sorted(communities(graph.sales())) == groups
    assert communities(Edges(*(np.zeros(0, np.int64),) * 3, *(np.zeros(0),) * 2)) == []


def test_embeddings_put_accounts_with_like_partners_near_and_are_fixed() -> None:
    rng = np.random.default_rng(8)
    deals = [(int(rng.integers(0, 5)), int(rng.integers(5, 10)), 100) for _ in range(200)]
    deals += [(int(rng.integers(10, 15)), int(rng.integers(15, 20)), 100) for _ in range(200)]
    graph = AccountGraph()
    graph.update(trades(deals))
    nodes, vectors = embeddings(graph.sales(), dimensions=4)
    again = embeddings(graph.sales(), dimensions=4)[1]
    np.testing.assert_allclose(vectors, again)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = unit @ unit.T
    left = np.isin(nodes, range(5))
    far = np.isin(nodes, range(10, 20))
    assert near[np.ix_(left, left)].min() > near[np.ix_(left, far)].max()


def toy(seed: int, rings_in: int) -> AccountSample:
    """Return a random graph of 60 accounts in which rings of four are planted; features tell of activity alone."""
    rng = np.random.default_rng(seed)
    n = 60
    source, target = rng.integers(0, n, 240), rng.integers(0, n, 240)
    edges, weights = [np.stack([source, target])], [rng.uniform(0.5, 2.0, 240)]
    labels = np.zeros(n)
    for ring in range(rings_in):
        members = np.arange(4 * ring, 4 * ring + 4)
        labels[members] = 1.0
        edges.append(np.stack([members, np.roll(members, -1)]))
        weights.append(np.full(4, 40.0))
    joined, weight = np.concatenate(edges, axis=1), np.concatenate(weights)
    sold = np.bincount(joined[0], weights=weight, minlength=n)
    bought = np.bincount(joined[1], weights=weight, minlength=n)
    busy = rng.random(n) < 0.1  # a few honest accounts trade as much as the rings do
    features = np.stack([sold + 40 * busy, bought + 40 * busy, np.abs(sold - bought)], axis=1)
    return AccountSample(np.log1p(features), joined, weight, labels)


@pytest.mark.slow
def test_the_net_finds_rings_in_graphs_it_has_not_seen() -> None:
    net = AccountNet(wide=16, epochs=80, seed=1).fit([toy(seed, 2) for seed in range(6)])
    unseen = toy(50, 3)
    scores = net.score(unseen)
    assert unseen.labels is not None
    ring, honest = scores[unseen.labels == 1], scores[unseen.labels == 0]
    assert np.mean(ring[:, None] > honest[None, :]) > 0.9
    assert net.score_group(unseen, [0, 1, 2, 3]) > net.score_group(unseen, [40, 41, 42, 43])


def test_the_net_is_the_same_for_the_same_seed_and_after_it_was_put_back() -> None:
    samples = [toy(seed, 2) for seed in range(2)]
    one, two = (AccountNet(wide=8, epochs=5, seed=3).fit(samples) for _ in range(2))
    np.testing.assert_array_equal(one.score(samples[0]), two.score(samples[0]))
    back = AccountNet(wide=8).restore(one.arrays())
    np.testing.assert_allclose(back.score(samples[0]), one.score(samples[0]), atol=1e-7)


def test_the_net_refuses_what_it_cannot_learn_from() -> None:
    with pytest.raises(UsageError, match="not been fitted"):
        AccountNet().score(toy(1, 1))
    with pytest.raises(InputError, match="one label"):
        AccountNet().fit([toy(1, 0)])
    with pytest.raises(InputError, match="node 7"):
        AccountSample(np.zeros((3, 1)), np.array([[0], [7]]), np.ones(1))
