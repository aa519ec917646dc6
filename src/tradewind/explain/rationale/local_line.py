"""A second opinion on what moved the forecast: LIME's line near the row, as evidence and in words."""

from __future__ import annotations

from typing import Any

from tradewind.core import Dataset
from tradewind.core.arrays import IntArray
from tradewind.explain.attribution import Attribution
from tradewind.explain.lime import LimeSettings, Neighbourhood, explain_by_lime
from tradewind.explain.probe import Probe, ensemble_odds, look_back
from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import Table, cells
from tradewind.explain.rationale.sentences import Sentence, say
from tradewind.training import TrainedModel

SHOWN = 8


def local_lines_of(
    model: TrainedModel,
    prepared: Dataset,
    attribution: Attribution,
    train: IntArray,
    settings: LimeSettings | None = None,
) -> dict[int, dict[str, Any]]:
    """Return, by place, the line near each row of ``attribution`` and how far it agrees with the Shapley values.

    ``train`` : training rows of ``prepared``, which tell how columns vary together.

    Raises
    ------
    InputError : fewer than three training rows.
    UsageError : a member reads the bars of other stocks.
    """
    near = Neighbourhood.of(prepared, train)
    probe = Probe(prepared, attribution.rows, ensemble_odds(model), look_back=look_back(model))
    found = {}
    for place in range(len(attribution)):
        line = explain_by_lime(probe, place, near, settings)
        found[place] = {
            "r2": line.r2,
            "steadiness": line.steadiness,
            "verdict": line.verdict,
            "agreement": line.agreement(attribution.log_odds[place]),
            "columns": [
                {"name": name, "slope": slope, "deviation": deviation} for name, slope, deviation in line.top(SHOWN)
            ],
        }
    return found


def local_line(facts: Facts) -> tuple[list[Sentence], list[Table]]:
    """Return what the line says, and its slopes; nothing where there is none."""
    if not facts.has("lime"):
        return [], []
    agrees = (
        "; its order of columns correlates with the Shapley values at {lime.agreement|num2}"
        if facts.has("lime.agreement")
        else ""
    )
    steady = "; two draws agree at {lime.steadiness|num2}" if facts.has("lime.steadiness") else ""
    sentence = say(
        facts,
        f"LIME's line near this row explains {{lime.r2|pct0}} of how the log odds vary there{steady}{agrees} "
        "({lime.verdict}).",
        "lime",
    )
    rows = [
        cells(
            facts,
            f"{{lime.columns[{i}].name}}",
            f"{{lime.columns[{i}].slope|signed4}}",
            f"{{lime.columns[{i}].deviation|num4}}",
        )
        for i in range(len(facts.value("lime.columns")))
    ]
    table = Table(
        title="LIME: change of log odds per training deviation",
        columns=("column", "slope", "deviation over draws"),
        rows=tuple(rows),
        numeric=(False, True, True),
    )
    return [sentence], [table] if rows else []
