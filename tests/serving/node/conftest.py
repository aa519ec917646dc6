"""A served model of the session: exported, with the bars it is asked about."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest

from tradewind.serving.node import Deployed, Deployment, NodeSettings, Outside, ServingApp, Universe, build_app
from tradewind.serving.node.versions import first_honest
from tradewind.streaming.log import open_log
from tradewind.streaming.records import Bar
from tradewind.training import ENSEMBLE
from tradewind.training.export import CheckRows, ExportSettings, export_model


@dataclass(frozen=True, kw_only=True)
class Market:
    """``bars`` in order of time; ``expected`` the probability by (symbol, time) that the trained model gives."""

    folder: Path
    universe: Universe
    bars: Sequence[Bar]
    expected: dict[tuple[str, int], float]

    def deployment(self, path: Path, **roles: str) -> None:
        """Write a deployment of ``demo/1``, or of other versions of it by role."""
        chosen = roles or {"champion": "demo/1"}
        versions = {
            ref: Deployed(artefact=str(self.folder / ref.replace("/", "-")), model="-") for ref in chosen.values()
        }
        Deployment(universe=self.universe, roles=chosen, versions=versions).write(path)


def micros(moments: np.ndarray) -> list[int]:
    return moments.astype("datetime64[us]").astype(np.int64).tolist()


@pytest.fixture(scope="session")
def market(fitted, tmp_path_factory: pytest.TempPathFactory) -> Market:
    folder = tmp_path_factory.mktemp("artefacts")
    check = CheckRows(data=fitted.data, rows=fitted.test)
    for version in (1, 2):
        export_model(
            fitted.model,
            folder / f"demo-{version}",
            ref=f"demo/{version}",
            check=check,
            settings=ExportSettings(study=False, seconds=0.002, sizes=(1, 8)),
        )
    panel = fitted.data.panel
    names = np.array(panel.symbols)[panel.symbol_code].tolist()
    times, known = micros(panel.time), micros(panel.known_at)
    fields = ("open", "high", "low", "close", "adj_close", "volume")
    order = np.lexsort((panel.symbol_code, panel.time)).tolist()
    bars = [
        Bar(symbol=names[i], time=times[i], known_at=known[i], **{n: float(getattr(panel, n)[i]) for n in fields})
        for i in order
    ]
    honest = np.flatnonzero(panel.time >= np.datetime64(fitted.model.record["trained_until"]))
    forecast = fitted.model.forecast(fitted.data, honest)[ENSEMBLE]
    expected = {
        (names[r], times[r]): p for r, p in zip(forecast.rows.tolist(), forecast.probability.tolist(), strict=True)
    }
    universe = Universe.of(dict(zip(panel.symbols, panel.sectors, strict=True)))
    return Market(folder=folder, universe=universe, bars=bars, expected=expected)


@pytest.fixture
def settings(market: Market, tmp_path: Path) -> NodeSettings:
    """Return a server of demo/1 with an audit log, in ``tmp_path``."""
    market.deployment(tmp_path / "deployment.json")
    auditor = (sys.executable, "-m", "tradewind.cli.auditor", "--audit", str(tmp_path / "audit.db"))
    return NodeSettings(
        state=tmp_path / "state",
        deployment=tmp_path / "deployment.json",
        features="model",
        auditor=auditor,
        reload_every=0.05,
        grace=0.05,
    )


@asynccontextmanager
async def served(
    settings: NodeSettings, outside: Outside | None = None
) -> AsyncIterator[tuple[ServingApp, httpx.AsyncClient]]:
    """Run the server of ``settings`` and yield it with a client."""
    app = build_app(settings, outside)
    await app.start()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            yield app, client
    finally:
        await app.drain()
        await app.stop()


async def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until ``holds``."""
    for _ in range(int(seconds / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not come true")


def send(settings: NodeSettings, bars: Sequence[Bar]) -> None:
    """Write ``bars`` into the server's log, durably."""
    with open_log(settings.log_place) as log:
        producer = log.producer()
        producer.send_many(bars)
        producer.close()


def caught_up(app: ServingApp, bars: int) -> Callable[[], bool]:
    """Tell whether the server has taken in ``bars`` bars, closed every slice, and answered every newest bar."""
    node = app.node
    assert node is not None
    assert node.features is not None

    def holds() -> bool:
        state = node.features.status()
        done = state["bars"] >= bars and state["open_slices"] == 0 and state["lag"] == 0 and state["caught_up"]
        return done and all(map(answered, range(len(node.source.universe.symbols))))

    def answered(code: int) -> bool:
        newest = int(node.features.windows.newest(np.array([code])).time[0])
        champion = node.versions.shelf.role("champion")
        if newest < first_honest(champion):
            return True
        entry = node.cache.l1.get(node.source.universe.symbols[code], champion.ref)
        return entry is not None and entry.prediction.time == newest

    return holds
