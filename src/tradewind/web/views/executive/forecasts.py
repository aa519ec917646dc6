"""What a model says now: its forecasts of the next bar, and the sentence that says why."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tradewind.web.projects.plan import FORECAST, WHY
from tradewind.web.projects.project import Project
from tradewind.web.views.executive.shapes import ExecutiveForecast, ExecutiveMarket, Side

if TYPE_CHECKING:
    from tradewind.explain.rationale.settings import RationaleSettings

COIN = 0.5


def files_of(project: Project) -> tuple[Path, ...]:
    """Return the files that forecasts and sentences are read from; they need not exist."""
    return project.folder / FORECAST, project.folder / WHY


def forecasts_of(project: Project) -> tuple[list[ExecutiveForecast], bool]:
    """Return the latest forecast of every symbol, the surest first, and whether they are of the bar to come.

    Without forecasts of the next bar these are the last ones that were made out of sample.

    Raises
    ------
    Problem : no forecast was made at all.
    """
    path, why = files_of(project)
    ahead = path.exists()
    table = pl.read_parquet(path) if ahead else project.predictions()
    latest = table.sort("date").group_by("symbol", maintain_order=True).last()
    told = _told(why) if ahead and why.exists() else {}
    universe = project.universe()
    names = dict(zip(universe.symbols, universe.names, strict=True)) if universe else {}
    sectors = universe.sector_of if universe else {}
    found = [_forecast(row, told.get((row["symbol"], str(row["date"])[:10]))) for row in latest.iter_rows(named=True)]
    for one in found:
        name = names.get(one.symbol)
        one.name = name if name != one.symbol else None
        one.sector = sectors.get(one.symbol)
    return sorted(found, key=lambda one: (-abs(one.probability - COIN), one.symbol)), ahead


def market_of(forecasts: list[ExecutiveForecast]) -> ExecutiveMarket | None:
    """Return the lean of all symbols together, None without a forecast."""
    if not forecasts:
        return None
    rises, falls = (sum(1 for one in forecasts if one.side == side) for side in ("rise", "fall"))
    mean = math.fsum(one.probability for one in forecasts) / len(forecasts)
    side, strength = lean(mean)
    if side == "none" or strength == "hardly any":
        words = "Taken together the symbols lean neither way."
    else:
        words = f"Taken together the symbols lean to a {side}: a {strength} lean."
    return ExecutiveMarket(symbols=len(forecasts), rises=rises, falls=falls, mean_probability=mean, words=words)


def lean(probability: float) -> tuple[Side, str]:
    """Return the side of a probability of a rise, and the word for how far it leans, as explanations use it."""
    limits = _limits()
    confidence = 2 * abs(probability - COIN)
    word = "hardly any"
    for limit, name in ((limits.slight, "slight"), (limits.moderate, "moderate"), (limits.strong, "strong")):
        if confidence >= limit:
            word = name
    if probability == COIN:
        return "none", word
    return ("rise" if probability > COIN else "fall"), word


def _forecast(row: dict[str, Any], told: dict[str, Any] | None) -> ExecutiveForecast:
    side, strength = lean(row["probability"])
    return ExecutiveForecast(
        symbol=row["symbol"],
        name=None,
        sector=None,
        date=str(row["date"]).removesuffix(" 00:00:00").replace(" ", "T"),
        probability=row["probability"],
        side=side,
        strength=strength,
        expected_return=known(row["expected_return"]),
        lower=known(row["lower"]),
        upper=known(row["upper"]),
        why=told["why"] if told else None,
        doubts=told["doubts"] if told else [],
        explanation=told["id"] if told else None,
    )


def known(value: float | None) -> float | None:
    """Return ``value``, None where it is not a number."""
    return None if value is None or not math.isfinite(value) else float(value)


def _told(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return by symbol and date the sentence of what speaks for and against, the doubts, and the explanation's id."""
    told = {}
    for record in json.loads(path.read_text(encoding="utf-8")):
        executive = next((layer for layer in record["layers"] if layer["name"] == "executive"), None)
        sentences = executive["sentences"] if executive else []
        why = next((one["text"] for one in sentences if one["topic"] == "drivers"), None)
        doubts = [str(one["name"]) for one in record["evidence"].get("doubts", ())]
        told[record["symbol"], str(record["date"])[:10]] = {"why": why, "doubts": doubts, "id": record["id"]}
    return told


@cache
def _limits() -> RationaleSettings:
    """Return from where on explanations call a lean by which word."""
    from tradewind.explain.rationale.settings import RationaleSettings

    return RationaleSettings()
