"""A performance attribution as tables, in per cent, each with its total."""

from __future__ import annotations

import polars as pl

from tradewind.evaluation.attribution.performance import Performance

PERCENT = 100.0


def tables_of(result: Performance) -> dict[str, pl.DataFrame]:
    """Return the tables ``sectors``, ``periods``, ``factors``, ``timing`` and ``symbols``."""
    return {
        "sectors": _sectors(result),
        "periods": _periods(result),
        "factors": _factors(result),
        "timing": _timing(result),
        "symbols": pl.DataFrame(
            [
                {
                    "symbol": row.symbol,
                    "sector": row.sector,
                    "weight": PERCENT * row.weight,
                    "contribution": PERCENT * row.contribution,
                }
                for row in result.symbols
            ]
        ),
    }


def _sectors(result: Performance) -> pl.DataFrame:
    total = result.total
    rows: list[dict[str, object]] = [
        {
            "sector": row.sector,
            "weight": PERCENT * row.weight,
            "benchmark": PERCENT * row.benchmark_weight,
            "allocation": PERCENT * row.allocation,
            "selection": PERCENT * row.selection,
            "interaction": PERCENT * row.interaction,
            "total": PERCENT * row.total,
        }
        for row in total.sectors
    ]
    rows.append({"sector": "costs", "total": PERCENT * total.cost})
    sums = {name: PERCENT * total.total(name) for name in ("allocation", "selection", "interaction")}
    rows.append({"sector": "active return", **sums, "total": PERCENT * total.active})
    return pl.DataFrame(rows, infer_schema_length=None)


def _periods(result: Performance) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "period": row.name,
                "days": row.days,
                "portfolio": PERCENT * row.portfolio,
                "benchmark": PERCENT * row.benchmark,
                "active": PERCENT * row.active,
                **{name: PERCENT * row.total(name) for name in ("allocation", "selection", "interaction")},
                "costs": PERCENT * row.cost,
            }
            for row in (*result.periods, result.total)
        ]
    )


def _factors(result: Performance) -> pl.DataFrame:
    found = result.factors
    rows: list[dict[str, object]] = [
        {
            "factor": row.name,
            "exposure": row.beta,
            "error": row.error,
            "t": row.statistic,
            "p": row.p_value,
            "contribution": PERCENT * row.contribution,
        }
        for row in found.factors
    ]
    rows.append({"factor": "specific", "t": found.alpha_statistic, "contribution": PERCENT * found.specific})
    if found.uncovered_days:
        rows.append({"factor": "days without every factor", "contribution": PERCENT * found.uncovered})
    rows += [
        {"factor": "gross", "contribution": PERCENT * found.gross},
        {"factor": "costs", "contribution": PERCENT * result.cost},
        {"factor": "net", "contribution": PERCENT * result.net},
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _timing(result: Performance) -> pl.DataFrame:
    found = result.timing
    parts = {
        f"market at mean net exposure {found.net_exposure:+.2f}": found.passive,
        "timing of exposure": found.timing,
        "selection among longs": found.selection_long,
        "selection among shorts": found.selection_short,
        "gross": found.gross,
    }
    return pl.DataFrame([{"part": name, "sum": PERCENT * value} for name, value in parts.items()])
