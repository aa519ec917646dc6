"""Sections that say how good a model is: performance, calibration, slices, stress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.governance.cards.sources import CardSources
from tradewind.governance.pages import Block, Mark, Notice, Pairs, Section, Table, Text
from tradewind.governance.pages.numbers import DASH, chance, count, counted, day, number, percent, percent_range, text

SLICES = {"sector": "sector", "size_bucket": "size", "volatility_regime": "volatility regime"}
NOT_MEASURED = "Skill was not measured: nothing may be claimed of this model."


def verdict(figures: Mapping[str, Any]) -> tuple[Mark, str]:
    """Return the judgement of skill as a mark and as the sentence the evaluation wrote."""
    found = figures.get("verdict") or {}
    words = found.get("words")
    if not words:
        return Mark("Skill not measured", "bad"), NOT_MEASURED
    sentence = f"{words[0].upper()}{words[1:]}."
    if found.get("skill") is True:
        return Mark("Skill shown out of sample", "good"), sentence
    return Mark("No skill shown", "bad"), f"{sentence} It has no skill that these data can show."


def performance(sources: CardSources) -> Section:
    """Return the metrics with intervals, beside members and baselines, and the verdict in words."""
    figures = sources.figures
    models = figures.get("models") or {}
    mark, sentence = verdict(figures)
    blocks: list[Block] = [Notice(sentence, mark.tone), _evaluated_on(sources)]
    if models:
        order = sorted(models, key=lambda name: (name != sources.primary, bool(models[name].get("baseline"))))
        blocks.append(
            Table(
                ("model", "accuracy", "95 % interval", "MCC", "Brier", "IC", "AUC", "skill: p", "forecasts"),
                tuple(_model_row(name, models[name], figures, primary=sources.primary) for name in order),
                note="Out of sample, on the days of the folds below. The p value is of the day-clustered test of "
                "Pesaran and Timmermann, one-sided.",
            )
        )
        blocks += _against(sources)
    trials = ((figures.get("settings") or {}).get("trials")) or (figures.get("deflation") or {}).get("trials")
    if trials and trials > 1:
        deflated = (figures.get("verdict") or {}).get("deflated_p_value")
        blocks.append(Text(f"{count(trials)} variants were tried; corrected for them p = {chance(deflated)}."))
    return Section("Performance", "performance", tuple(blocks))


def _evaluated_on(sources: CardSources) -> Block:
    """Return the data of the evaluation, what counts as a forecast of a rise, and how intervals are made."""
    folds = sources.record.get("folds") or ()
    label = (sources.record.get("settings") or {}).get("label") or {}
    horizon = label.get("horizon")
    return Pairs(
        (
            (
                "Evaluated from",
                day(min((fold["test_start"] for fold in folds if fold.get("test_start")), default=None)),
            ),
            ("Evaluated until", day(max((fold["test_end"] for fold in folds if fold.get("test_end")), default=None))),
            ("Days judged", count((sources.figures.get("verdict") or {}).get("n_days"))),
            ("Forecast of", f"the direction of the price {counted(horizon, 'bar')} ahead" if horizon else DASH),
            ("Decision threshold", "a probability above one half counts as a forecast of a rise"),
            ("Intervals", "redraw whole days in blocks: forecasts of one day are not independent"),
            ("Groups crossed (sector by size)", "not assessed"),
        )
    )


def _model_row(name: str, model: Mapping[str, Any], figures: Mapping[str, Any], *, primary: str) -> tuple[str, ...]:
    verdict_of = (figures.get("verdict") if name == primary else model.get("verdict")) or {}
    return (
        f"{name} (baseline)" if model.get("baseline") else name,
        percent(model.get("accuracy")),
        percent_range(model.get("accuracy_interval")),
        number(model.get("mcc")),
        number(model.get("brier"), 4),
        number(model.get("ic")),
        number(model.get("auc")),
        chance(verdict_of.get("p_value")),
        count(model.get("n")),
    )


def _against(sources: CardSources) -> list[Block]:
    tests = sources.main.get("diebold_mariano") or {}
    brier = {other: found.get("brier") or {} for other, found in tests.items()}
    rows = tuple(
        (other, number(test.get("statistic"), 2), chance(test.get("p_value"))) for other, test in brier.items()
    )
    if not rows:
        return []
    note = "Diebold-Mariano test of the Brier score by day; a small p says the model is better than the baseline."
    return [Table(("against baseline", "statistic", "p"), rows, note=note)]


def calibration(sources: CardSources) -> Section:
    """Return whether probabilities and intervals mean what they say."""
    main, settings = sources.main, sources.record.get("settings") or {}
    alpha = (settings.get("ensemble") or {}).get("alpha")
    promised = 1 - alpha if isinstance(alpha, float) else None
    blocks: list[Block] = [
        Pairs(
            (
                ("Mean calibration error", percent(main.get("calibration_error"))),
                ("Brier score (0.25: a coin)", number(main.get("brier"), 4)),
                ("Log loss (0.693: a coin)", number(main.get("log_loss"), 4)),
                ("Share of rises", percent(main.get("up_share"))),
                ("Interval holds", f"{percent(main.get('coverage'))} of returns; promised {percent(promised)}"),
                ("Mean width of the interval", percent(main.get("mean_width"), 2)),
            )
        )
    ]
    over_time = main.get("coverage_over_time") or []
    if over_time:
        blocks.append(
            Table(
                ("from", "to", "forecasts", "interval holds", "mean width"),
                tuple(
                    (
                        day(one.get("start")),
                        day(one.get("end")),
                        count(one.get("n")),
                        percent(one.get("coverage")),
                        percent(one.get("width"), 2),
                    )
                    for one in over_time
                ),
                left=2,
            )
        )
    return Section("Calibration", "calibration", tuple(blocks))


def slices(sources: CardSources) -> Section:
    """Return accuracy by sector, size and volatility regime."""
    rows = sources.figures.get("slices") or []
    if not rows:
        return Section("Performance by slice", "slices", (Notice("Slices: not assessed.", "bad"),))
    blocks: list[Block] = []
    for by in dict.fromkeys(row["by"] for row in rows):
        name = SLICES.get(by, text(by).replace("_", " "))
        blocks.append(
            Table(
                (name, "forecasts", "days", "accuracy", "95 % interval", "MCC", "Brier", "coverage"),
                tuple(_slice_row(row) for row in rows if row["by"] == by),
            )
        )
    blocks.append(Text("Slices marked (small) rest on few forecasts; read them with care.", "soft"))
    return Section("Performance by slice", "slices", tuple(blocks))


def _slice_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    metrics = row.get("metrics") or {}

    def value(name: str) -> Any:
        return (metrics.get(name) or {}).get("value")

    accuracy = metrics.get("accuracy") or {}
    return (
        f"{row['value']} (small)" if row.get("small") else str(row["value"]),
        count(row.get("n")),
        count(row.get("n_days")),
        percent(accuracy.get("value")),
        percent_range((accuracy.get("lower"), accuracy.get("upper"))),
        number(value("mcc"), 2),
        number(value("brier"), 4),
        percent(value("coverage")),
    )


def stress(sources: CardSources) -> Section:
    """Return how the portfolio built on the forecasts fared in crises and shocks."""
    found = sources.figures.get("stress") or {}
    blocks: list[Block] = []
    crises, shocks = found.get("crises") or [], found.get("shocks") or []
    if crises:
        blocks.append(
            Table(
                ("crisis", "from", "to", "days", "portfolio", "market", "max drawdown", "accuracy"),
                tuple(
                    (
                        text(c.get("name")),
                        day(c.get("start")),
                        day(c.get("end")),
                        count(c.get("days")),
                        percent(c.get("portfolio")),
                        percent(c.get("market")),
                        percent(c.get("max_drawdown")),
                        percent(c.get("accuracy")),
                    )
                    for c in crises
                ),
                left=3,
            )
        )
    elif found:
        blocks.append(Text("No known crisis lies in the span of the evaluation: behaviour in one is not known."))
    if shocks:
        rows = tuple(
            (text(s.get("name")), percent(s.get("now"), 2), percent(s.get("shocked"), 2), percent(s.get("worst"), 2))
            for s in shocks
        )
        blocks.append(Table(("shock", "now", "shocked", "worst day's positions"), rows))
    return Section("Stress", "stress", tuple(blocks) or (Notice("Stress: not assessed.", "bad"),))
