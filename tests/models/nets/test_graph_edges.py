"""Peers of stocks: chosen from what was known, and heard only where their bar was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset, Labels, Panel
from tradewind.models.nets.graph_edges import NOBODY, PeerRule, choose_peers
from tradewind.models.nets.graph_market import Market, recent_moves
from tradewind.models.past import past_return

RULE = PeerRule(correlated=3, same_sector=2, window=60, least=30, refresh=7)


def dataset(panel: Panel) -> Dataset:
    n = len(panel)
    nothing = np.full(n, np.nan)
    labels = Labels(
        start=panel.time, end=np.full(n, "NaT", "datetime64[us]"), direction=nothing, forward_return=nothing, horizon=1
    )
    features = np.arange(n, dtype=np.float32)[:, None]
    return Dataset(panel=panel, features=features, names=("row",), labels=labels)


@pytest.fixture(scope="module")
def ragged(make_panel) -> Panel:
    return make_panel(12, 200, seed=4, gaps=True)


def named(panel: Panel, table, day: int) -> dict[str, tuple[list[str], list[str]]]:
    """Return each symbol's peers of both kinds on ``day`` by name."""
    at = table.period[day]
    names = (*panel.symbols, None)
    return {
        symbol: tuple([names[c] for c in kind[at, s] if c != NOBODY] for kind in (table.correlated, table.same_sector))
        for s, symbol in enumerate(panel.symbols)
    }


def test_peers_are_the_most_correlated_on_common_days_before_the_week(ragged):
    day = 150
    table = choose_peers(ragged, np.array([day]), RULE)
    monday = (ragged.times.astype("datetime64[D]").astype(int) + 3) // 7
    start = int(np.flatnonzero(monday == monday[day])[0])
    moves = np.full((len(ragged.times), 12), np.nan)
    moves[ragged.time_code, ragged.symbol_code] = past_return(ragged, 1)
    past = moves[start - 60 : start]
    for s in range(12):
        scores = {}
        for other in range(12):
            both = np.isfinite(past[:, s]) & np.isfinite(past[:, other])
            if other != s and both.sum() >= 30:
                scores[other] = float(np.corrcoef(past[both, s], past[both, other])[0, 1])
        best = sorted(scores, key=lambda o: -scores[o])
        chosen = table.correlated[0, s]
        assert (chosen != NOBODY).all()
        # Means are taken over a stock's own days and not the common ones: equal up to a little.
        assert [scores[c] for c in chosen] == pytest.approx([scores[o] for o in best[:3]], abs=0.03)
        assert table.correlated_weight[0, s] == pytest.approx([scores[c] for c in chosen], abs=0.03)


def test_sector_peers_share_the_sector_and_unknown_is_no_sector(ragged):
    table = choose_peers(ragged, np.arange(100, 200), RULE)
    symbol = np.arange(12)[None, :, None]
    chosen = table.same_sector
    assert (chosen != NOBODY).all()
    assert (ragged.sector_code[chosen] == ragged.sector_code[symbol]).all()
    assert (chosen != symbol).all()
    nameless = replace(ragged, sectors=("unknown",) * 12)
    assert (choose_peers(nameless, np.arange(100, 200), RULE).same_sector == NOBODY).all()


@pytest.mark.parametrize("day", [0, 10, 90, 141])
def test_the_future_changes_no_peers(ragged, day):
    rng = np.random.default_rng(0)
    later = ragged.time > ragged.times[day]
    changed = replace(ragged, adj_close=ragged.adj_close * np.where(later, rng.lognormal(0, 0.3, len(ragged)), 1.0))
    short = ragged.until(ragged.times[day])
    before = named(ragged, choose_peers(ragged, np.array([day]), RULE), day)
    assert named(changed, choose_peers(changed, np.array([day]), RULE), day) == before
    cut = named(short, choose_peers(short, np.array([day]), RULE), day)
    assert cut == {symbol: before[symbol] for symbol in short.symbols}


def test_peers_do_not_depend_on_where_the_panel_begins_or_on_the_days_asked_for(ragged):
    tail = ragged.select(ragged.time >= ragged.times[60])
    whole = named(ragged, choose_peers(ragged, np.arange(200), RULE), 180)
    assert named(tail, choose_peers(tail, np.array([120]), RULE), 120) == whole


def test_bars_that_became_known_late_are_not_counted(ragged):
    day = 150
    late = replace(ragged, known_at=ragged.known_at + np.timedelta64(400, "D"))
    table = choose_peers(late, np.array([day]), RULE)
    assert (table.correlated == NOBODY).all()
    assert (table.correlated_weight == 0.0).all()


def test_edges_join_bars_of_one_day_and_leave_out_stocks_without_a_bar(ragged):
    days = np.array([120, 150, 151])
    graph = Market(dataset(ragged), days, RULE, 2).graph(days)
    assert set(np.unique(ragged.time_code[graph.rows])) == set(days)
    assert len(graph.rows) == np.isin(ragged.time_code, days).sum()
    np.testing.assert_array_equal(graph.values[:, 0], graph.rows)
    for edges in graph.edges:
        own, peer = np.broadcast_to(graph.rows[:, None], edges.peer.shape), graph.rows[edges.peer]
        assert edges.there.mean() > 0.8
        np.testing.assert_array_equal(ragged.time[own[edges.there]], ragged.time[peer[edges.there]])
        assert (own[edges.there] != peer[edges.there]).all()
        assert not edges.there.all()  # some peers have no bar on the day


def test_a_peer_whose_bar_is_known_later_that_day_is_not_heard(make_panel):
    panel = make_panel(4, 100)
    late = panel.symbol_code == 0
    panel = replace(panel, known_at=panel.known_at + np.where(late, np.timedelta64(2, "h"), np.timedelta64(0, "h")))
    days = np.arange(60, 100)
    graph = Market(dataset(panel), days, RULE, 1).graph(days)
    edges = graph.edges[0]
    own, peer = panel.symbol_code[graph.rows], panel.symbol_code[graph.rows[edges.peer]]
    assert not (edges.there & (peer == 0)).any()
    assert edges.there[own == 0].all()  # the late one hears all others


def test_one_symbol_has_no_edges(make_panel):
    panel = make_panel(1, 80)
    graph = Market(dataset(panel), np.arange(80), RULE, 1).graph(np.arange(80))
    assert all(not edges.there.any() for edges in graph.edges)


def test_recent_moves_are_past_returns_in_past_volatilities(ragged):
    moves = recent_moves(ragged, 3)
    row = int(ragged.offsets[5] + 90)
    change = past_return(ragged, 1)[row - 59 : row + 1]
    scale = np.sqrt(np.mean(change**2))
    np.testing.assert_allclose(moves[row], change[:-4:-1] / scale, rtol=1e-4)
    first = ragged.offsets[:-1]
    assert (moves[first] == 0.0).all()
    assert (moves[first + 1, 1:] == 0.0).all()
    scaled = replace(ragged, adj_close=ragged.adj_close * 4.0)
    np.testing.assert_array_equal(recent_moves(scaled, 3), moves)


@pytest.mark.slow
def test_peers_of_a_large_market_take_little_memory(make_panel):
    panel = make_panel(300, 600)
    table = choose_peers(panel, np.arange(600), RULE)
    parts = (table.correlated, table.correlated_weight, table.same_sector, table.same_sector_weight)
    assert sum(part.nbytes for part in parts) < 40 * len(panel) / 4
