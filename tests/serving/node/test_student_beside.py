"""A student beside the champion: the champion is served, and what the student does not share carries a flag."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tradewind.explain.distillation import distil, export_student
from tradewind.serving.node import Deployed, Deployment, NodeSettings
from tradewind.serving.rollout import AgreementRule, ReviewList
from tradewind.training.export import CheckRows

from .conftest import Market, caught_up, send, served, until


@pytest.mark.slow
def test_a_forecast_the_student_does_not_share_is_served_with_a_flag_and_kept_for_review(
    market: Market, settings: NodeSettings, fitted, tmp_path: Path
) -> None:
    student = distil(fitted.model, fitted.data, fitted.model.record["trained_until"]).student
    export_student(
        student,
        fitted.model,
        market.folder / "student-1",
        ref="student/1",
        check=CheckRows(data=fitted.data, rows=fitted.train),
    )
    versions = {
        ref: Deployed(artefact=str(market.folder / ref.replace("/", "-")), model="-") for ref in ("demo/1", "student/1")
    }
    roles = {"champion": "demo/1", "student": "student/1"}
    Deployment(universe=market.universe, roles=roles, versions=versions).write(settings.deployment)
    strict = settings.model_copy(update={"agreement": AgreementRule(gap=0.02), "auditor": ()})

    async def run() -> tuple[list[str | None], int]:
        async with served(strict) as (app, client):
            send(strict, market.bars)
            await until(caught_up(app, len(market.bars)))
            flags = []
            for symbol in market.universe.symbols:
                cached = (await client.get(f"/v1/forecasts/{symbol}")).json()
                fresh = (await client.get(f"/v1/forecasts/{symbol}?fresh=true")).json()
                assert cached == fresh
                assert cached["model"] == "demo/1"
                flags.append(cached["flag"])
            assert app.node is not None
            assert app.node.beside is not None
            return flags, app.node.beside.disagreed

    flags, disagreed = asyncio.run(run())
    assert set(flags) == {None, "student_disagrees"}
    review = ReviewList(strict.state / "review.db")
    assert len(review.waiting(100_000)) == disagreed >= flags.count("student_disagrees")
    review.close()
