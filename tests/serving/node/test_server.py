"""A whole server: bars in, the trained model's forecasts out, each recorded, through late bars, restarts, reloads."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import msgspec
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tradewind.governance.audit import AuditLog
from tradewind.governance.audit.served import served_lines
from tradewind.serving.cache import PredictionStore
from tradewind.serving.node import NodeSettings, ServingApp
from tradewind.serving.rollout import Arm, Experiment, Ramp
from tradewind.streaming.records import Prediction

from .conftest import Market, caught_up, send, served, until


def stored(settings: NodeSettings, market: Market, ref: str = "demo/1") -> dict[tuple[str, int], Prediction]:
    store = PredictionStore(settings.state / "predictions.db")
    found = {}
    for symbol in market.universe.symbols:
        for one in store.history(symbol, limit=10_000, model=ref):
            assert (one.symbol, one.time) not in found
            found[one.symbol, one.time] = one
    store.close()
    return found


def same_as_trained(found: dict[tuple[str, int], Prediction], market: Market) -> None:
    """Hold stored predictions to the trained model's: at every test bar one, and the same."""
    assert market.expected.keys() <= found.keys()
    away = [abs(found[key].probability - probability) for key, probability in market.expected.items()]
    assert max(away) < 1e-6


@pytest.mark.slow
def test_the_served_forecasts_are_those_of_the_trained_model_and_each_is_recorded(
    market: Market, settings: NodeSettings, tmp_path: Path
) -> None:
    async def run() -> list[str]:
        async with served(settings) as (app, client):
            assert (await client.get("/health/ready")).status_code in (200, 503)
            send(settings, market.bars)
            await until(caught_up(app, len(market.bars)))
            ready = await client.get("/health/ready")
            assert ready.status_code == 200, ready.text
            symbol = market.universe.symbols[0]
            first = await client.get(f"/v1/forecasts/{symbol}", headers={"x-request-id": "the-first-request"})
            assert first.status_code == 200, first.text
            again = (await client.get(f"/v1/forecasts/{symbol}?fresh=true")).json()
            assert again == first.json()  # computed anew: the same inputs, the same prediction
            answers = (await client.post("/v1/forecasts", json={"symbols": list(market.universe.symbols)})).json()
            for one in answers["forecasts"]:
                time = int(np.datetime64(one["time"].removesuffix("Z"), "us").astype(np.int64))
                assert one["probability"] == pytest.approx(market.expected[one["symbol"], time], abs=1e-6)
            text = (await client.get("/metrics")).text
            metrics = {s.name: s.value for f in text_string_to_metric_families(text) for s in f.samples}
            assert metrics["tradewind_bars_total"] == len(market.bars)
            assert metrics["tradewind_audit_lines_total"] >= 3
            (listed,) = (await client.get("/v1/models")).json()["models"]
            given = await client.post("/v1/compute", json={"rows": [dict.fromkeys(listed["features"], 0.01)]})
            assert given.status_code == 200, given.text
            unknown = await client.get("/v1/forecasts/NOBODY")
            assert unknown.status_code == 404
            return [one["id"] for one in answers["forecasts"]]

    given = asyncio.run(run())
    same_as_trained(stored(settings, market), market)
    with AuditLog.open(tmp_path / "audit.db", readonly=True) as log:
        assert log.verify().ok
        recorded = {entry.body["output"]["prediction"] for entry in log.query(kind="prediction")}
        lines = [line for entry in log.query(kind="served") for line in served_lines(entry.body)]
    assert set(given) <= recorded
    assert [line.request for line in lines].count("the-first-request") == 1
    assert len(lines) == 3 + len(given)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_disorder_duplicates_late_bars_and_restarts_leave_the_same_one_prediction_a_bar(
    market: Market, settings: NodeSettings, seed: int
) -> None:
    rng = random.Random(seed)
    bars = list(market.bars)
    late = [bars.pop(rng.randrange(len(bars) - 400, len(bars) - 30)) for _ in range(3)]
    wrong = msgspec.structs.replace(bars[-100], close=bars[-100].close * 1.07, adj_close=bars[-100].adj_close * 1.07)
    sent = [*bars[:-100], wrong, *bars[-99:], *rng.sample(bars, 200), bars[-100]]
    for start in range(0, len(sent) - 16, 16):  # disorder within about two slices
        part = sent[start : start + 16]
        rng.shuffle(part)
        sent[start : start + 16] = part
    pieces = [sent[: len(sent) // 3], sent[len(sent) // 3 : -150], sent[-150:], late]

    async def run() -> None:
        total = 0
        for piece in pieces:
            async with served(settings) as (app, _):
                send(settings, piece)
                total += len(piece)
                await until(lambda app=app, total=total: read(app) >= total)
                await until(caught_up(app, 0))

    def read(app: ServingApp) -> int:
        assert app.node is not None
        assert app.node.features is not None
        return int(app.node.features.status()["bars"])

    asyncio.run(run())
    found = stored(settings, market)
    same_as_trained(found, market)
    assert max(one.revision for one in found.values()) >= 1


@pytest.mark.slow
def test_a_new_version_takes_over_without_a_lost_request_and_a_damaged_one_does_not(
    market: Market, settings: NodeSettings, tmp_path: Path
) -> None:
    symbol = market.universe.symbols[0]

    async def run() -> None:
        async with served(settings) as (app, client):
            send(settings, market.bars)
            await until(caught_up(app, len(market.bars)))
            seen: list[tuple[int, str]] = []
            stop = asyncio.Event()

            async def ask() -> None:
                while not stop.is_set():
                    answer = await client.get(f"/v1/forecasts/{symbol}")
                    seen.append((answer.status_code, answer.json().get("model", "")))
                    await asyncio.sleep(0)

            askers = [asyncio.create_task(ask()) for _ in range(4)]
            market.deployment(settings.deployment, champion="demo/2")
            assert app.node is not None
            node = app.node
            await until(lambda: node.versions.champion == "demo/2")
            await until(lambda: seen[-1][1] == "demo/2")
            settings.deployment.write_text("{")
            await until(lambda: node.versions.failures > 0)
            market.deployment(settings.deployment, champion="demo/9")
            before = node.versions.failures
            await until(lambda: node.versions.failures > before)
            stop.set()
            await asyncio.gather(*askers)
            assert {status for status, _ in seen} == {200}
            models = [model for _, model in seen]
            assert models == sorted(models)  # one change, and none back
            assert models[-1] == "demo/2"

    asyncio.run(run())


@pytest.mark.slow
def test_a_canary_answers_its_share_and_a_failing_one_is_taken_back(market: Market, settings: NodeSettings) -> None:
    market.deployment(settings.deployment, champion="demo/1", canary="demo/2")
    experiment = Experiment(
        name="try",
        kind="canary",
        subject="symbol",
        arms=(Arm(name="champion", model="demo/1", share=1.0), Arm(name="canary", model="demo/2", share=0.0)),
        ramp=Ramp(shares=(0.5, 1.0), seconds=3600.0),
        window=0.1,
    )

    async def run() -> None:
        async with served(replace_settings(settings, experiment)) as (app, client):
            send(settings, market.bars)
            await until(caught_up(app, len(market.bars)))
            by_symbol = {s: (await client.get(f"/v1/forecasts/{s}")).json() for s in market.universe.symbols}
            models = {one["model"] for one in by_symbol.values()}
            assert models == {"demo/1", "demo/2"}
            assert len({(s, one["model"]) for s, one in by_symbol.items()}) == len(by_symbol)
            for symbol, one in by_symbol.items():
                assert (await client.get(f"/v1/forecasts/{symbol}")).json()["model"] == one["model"]
            assert app.node is not None
            rollout = app.node.rollout
            assert rollout is not None
            for _ in range(300):
                rollout.observe("canary", 0.001, True)
            await until(lambda: rollout.stats()["status"] == "rolled_back", 5.0)
            after = {(await client.get(f"/v1/forecasts/{s}")).json()["model"] for s in market.universe.symbols}
            assert after == {"demo/1"}

    asyncio.run(run())


def replace_settings(settings: NodeSettings, experiment: Experiment) -> NodeSettings:
    return settings.model_copy(update={"experiment": experiment})


@pytest.mark.slow
def test_two_servers_cannot_share_a_state_folder(settings: NodeSettings) -> None:
    from tradewind.core import UsageError

    async def run() -> None:
        async with served(settings):
            with pytest.raises(UsageError, match="another server"):
                async with served(settings):
                    pass

    asyncio.run(run())
