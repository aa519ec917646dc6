"""Changes of a market are told soon, seldom without one, and never because of what comes later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tradewind.continual.regimes import RegimeModel, RegimeSettings, market_observations
from tradewind.core import Panel
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.simulator import MarketSettings, MarketShock, simulate
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.regime import RegimeWatcher, RegimeWatcherSettings
from tradewind.monitoring.slices import Bars, Slice
from tradewind.monitoring.watcher import Watcher

CUT, FIRST = 400, 500
MARKET = MarketSettings(n_symbols=20, n_days=700, factor_share=0.4, kind="random_walk", seed=6)


def slices(panel: Panel, first: int = 0) -> Iterator[Slice]:
    names, sectors = np.array(panel.symbols), np.array(panel.sectors)
    for time in panel.times[first:]:
        rows = np.flatnonzero(panel.time == time)
        code = panel.symbol_code[rows]
        yield Slice(
            time=time,
            known_at=time.item().replace(hour=21, tzinfo=UTC),
            symbol=names[code],
            sector=sectors[code],
            expected=panel.symbols,
            feed=np.full(len(rows), ""),
            bars=Bars(**{name: getattr(panel, name)[rows] for name in PRICE_FIELDS}),
            names=(),
            features=np.empty((len(rows), 0), dtype=np.float32),
        )


def told(panel: Panel) -> list[tuple[int, Finding]]:
    watcher = RegimeWatcher.trained_on(panel.until(panel.times[CUT - 1]))
    return [(at, finding) for at, one in enumerate(slices(panel, CUT), start=CUT) for finding in watcher.observe(one)]


def learned_from_a_storm(**shock: object) -> Panel:
    """Return a market whose past holds a storm, so that the model knows what one is."""
    past = MarketShock(kind="volatility", first=150, last=220, size=2.5)
    return simulate(MARKET.model_copy(update={"shocks": (past, MarketShock(first=FIRST, last=550, **shock))})).panel


def shocked(**shock: object) -> Panel:
    one = MarketShock(first=FIRST, last=FIRST + 50, **shock)
    return simulate(MARKET.model_copy(update={"shocks": (one,)})).panel


@pytest.mark.slow
def test_a_market_that_stays_as_it_is_gives_few_findings() -> None:
    begun = 0
    for seed in (1, 2, 3):
        days: dict[str, list[int]] = {}
        for at, one in told(simulate(MARKET.model_copy(update={"seed": seed})).panel):
            days.setdefault(one.fingerprint, []).append(at)
        begun += sum(1 + int((np.diff(found) > 1).sum()) for found in days.values())
    assert begun <= 5  # in 3.6 years; 2 kinds and 5 sectors are watched


@pytest.mark.slow
def test_a_volatility_shock_is_told_within_days_and_ends() -> None:
    found = [at for at, one in told(shocked(kind="volatility", size=2.5)) if one.kind == "volatility_shift"]
    assert FIRST <= found[0] <= FIRST + 4
    assert not [at for at in found if at > FIRST + 140]


@pytest.mark.slow
def test_a_regime_change_is_told_once_and_says_what_it_was() -> None:
    panel = learned_from_a_storm(kind="volatility", size=2.5)
    found = [one for at, one in told(panel) if one.kind == "regime_change" and FIRST <= at < 550]
    assert len(found) == 1
    assert found[0].time.date() <= panel.times[FIRST + 8].item().date()
    assert found[0].subject == {"regime": "stressed"}
    assert found[0].area is Area.REGIME
    assert found[0].evidence["before"] in {"calm", "normal"}
    assert found[0].known_at > found[0].time


@pytest.mark.slow
def test_a_rotation_names_its_sectors() -> None:
    panel = shocked(kind="rotation", size=0.35, up=0, down=1)
    sectors = [panel.sectors[panel.symbols.index(name)] for name in panel.symbols[:2]]
    found = [
        (at, one.subject["sector"], one.statistic)
        for at, one in told(panel)
        if one.kind == "sector_rotation" and FIRST <= at <= FIRST + 30
    ]
    assert {sector for _, sector, _ in found} >= set(sectors)
    assert next(score for _, sector, score in found if sector == sectors[0]) > 0
    assert next(score for _, sector, score in found if sector == sectors[1]) < 0
    assert min(at for at, _, _ in found) <= FIRST + 15


@pytest.mark.slow
def test_symbols_that_begin_to_move_together_are_told() -> None:
    found = [at for at, one in told(shocked(kind="correlation", size=-0.8)) if one.kind == "correlation_shift"]
    assert any(FIRST + 2 <= at <= FIRST + 30 for at in found)
    usual = [at for at, one in told(simulate(MARKET).panel) if one.kind == "correlation_shift" and at >= FIRST]
    assert not usual


@pytest.mark.slow
def test_the_future_changes_no_finding() -> None:
    panel = shocked(kind="volatility", size=2.5)
    whole = [(at, one.to_dict()) for at, one in told(panel)]
    part = [(at, one.to_dict()) for at, one in told(panel.until(panel.times[530]))]
    assert part == [one for one in whole if one[0] <= 530]
    assert part


def test_slices_without_anything_are_stood() -> None:
    panel = simulate(MARKET).panel
    watcher: Watcher = RegimeWatcher(RegimeWatcherSettings(least=20, reference=40))
    assert isinstance(watcher, Watcher)
    for count, one in enumerate(slices(panel)):
        if count == 80:
            break
        assert not watcher.observe(one) or count > 20
    empty = Slice(
        time=np.datetime64("2020-01-01", "us"),
        known_at=datetime(2020, 1, 1, 21, tzinfo=UTC),
        symbol=np.array([], dtype=str),
        sector=np.array([], dtype=str),
        expected=("A",),
        feed=np.array([], dtype=str),
        bars=Bars(**{name: np.array([]) for name in PRICE_FIELDS}),
        names=(),
        features=np.empty((0, 0), dtype=np.float32),
    )
    before = watcher.state()
    watcher.observe(empty)
    assert watcher.state() == before
    assert before["regime"] is None


def only(one: Slice, rows: np.ndarray) -> Slice:
    bars = Bars(**{name: getattr(one.bars, name)[rows] for name in PRICE_FIELDS})
    return replace(
        one,
        symbol=one.symbol[rows],
        sector=one.sector[rows],
        feed=one.feed[rows],
        bars=bars,
        features=one.features[rows],
    )


@pytest.mark.slow
def test_prices_beyond_all_measure_are_stood_and_tell_of_nothing() -> None:
    watcher = RegimeWatcher.trained_on(simulate(MARKET).panel.until(simulate(MARKET).panel.times[CUT - 1]))
    days = list(slices(simulate(MARKET).panel, CUT))[:12]
    for at, one in enumerate(days):
        few = only(one, np.arange(len(one.symbol)) < 3)
        price = few.bars.adj_close * (1e-250 if at % 2 else 1e50)
        assert not watcher.observe(replace(few, bars=replace(few.bars, adj_close=price)))
    assert all(watcher.state()[name] is None or abs(watcher.state()[name]) < 10 for name in ("volatility_score",))


@pytest.mark.slow
def test_a_sector_that_is_gone_is_told_of_no_more() -> None:
    panel = shocked(kind="rotation", size=0.35, up=0, down=1)
    watcher = RegimeWatcher.trained_on(panel.until(panel.times[CUT - 1]))
    gone: set[str] = set()
    for one in slices(panel, CUT):
        if not gone:
            found = watcher.observe(one)
            rotated = {finding.subject["sector"] for finding in found if finding.kind == "sector_rotation"}
            gone = rotated if len(rotated) == 2 and one.time >= panel.times[FIRST + 15] else set()
            since = 0
            continue
        since += 1
        found = watcher.observe(only(one, ~np.isin(one.sector, sorted(gone))))
        told_of = {finding.subject["sector"] for finding in found if finding.kind == "sector_rotation"}
        if since > RegimeWatcherSettings().sector_window:
            assert not told_of & gone
            break
    assert gone
    assert since > RegimeWatcherSettings().sector_window


@pytest.mark.slow
def test_every_rotation_passes_the_bound_that_it_names() -> None:
    """A pair has a lower bound than one sector; each finding began beyond the bound it names."""
    began: dict[str, Finding] = {}
    for seed in range(3):
        market = MARKET.model_copy(
            update={"seed": seed, "shocks": (MarketShock(kind="rotation", size=0.25, first=FIRST, last=FIRST + 50),)}
        )
        for _, one in told(simulate(market).panel):
            if one.kind == "sector_rotation":
                began.setdefault(f"{seed} {one.fingerprint}", one)
    assert began
    assert all(abs(one.statistic) >= one.threshold for one in began.values())
    assert RegimeWatcherSettings().pair_bound in {one.threshold for one in began.values()}


@pytest.mark.slow
def test_sessions_without_prices_confirm_no_regime() -> None:
    panel = learned_from_a_storm(kind="volatility", size=2.5)
    watcher = RegimeWatcher.trained_on(panel.until(panel.times[CUT - 1]))
    for at, one in enumerate(slices(panel, CUT), start=CUT):
        told_of = watcher.observe(one if at <= FIRST else only(one, np.zeros(len(one.symbol), dtype=bool)))
        if at > FIRST:
            assert not [finding for finding in told_of if finding.kind == "regime_change"]
        if at > FIRST + 20:
            break


@pytest.mark.slow
def test_the_context_is_the_filtered_regime() -> None:
    panel = simulate(MARKET).panel
    seen = market_observations(panel)
    model = RegimeModel.fit(seen.values[:CUT, [0, 2]], RegimeSettings(order_by=1))
    watcher = RegimeWatcher(model=model)
    for one in slices(panel.until(panel.times[200])):
        watcher.observe(one)
    assert watcher.context is not None
    np.testing.assert_array_equal(watcher.context.probability, model.filter(seen.values[:201, [0, 2]])[-1])
    assert watcher.state()["regime"]["regime"] == watcher.context.regime


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_lasting_change_becomes_the_new_usual(seed: int) -> None:
    shock = MarketShock(kind="volatility", first=450, last=699, size=2.5)
    panel = simulate(MARKET.model_copy(update={"shocks": (shock,), "seed": seed})).panel
    found = [at for at, one in told(panel) if one.kind == "volatility_shift"]
    assert 450 <= found[0] <= 455
    assert len(found) < 60
