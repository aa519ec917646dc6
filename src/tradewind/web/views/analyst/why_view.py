"""From an explanation to the shape that the page reads: nothing is computed here but sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset
from tradewind.web.views.analyst.why_shapes import (
    WhyBarBack,
    WhyChange,
    WhyDoubt,
    WhyExplanation,
    WhyFeature,
    WhyGroup,
    WhyLayer,
    WhyMember,
    WhyOutcome,
    WhySentence,
    WhyTable,
    WhyTurn,
)

if TYPE_CHECKING:
    from tradewind.explain.counterfactual import BarSearch, FeatureSearch
    from tradewind.explain.rationale import Explanation, Layer

MOST_BARS_BACK = 20


def explained(found: Explanation, project: str, outcome: WhyOutcome | None, seconds: float) -> WhyExplanation:
    """Return ``found`` as the page reads it."""
    tree = found.evidence
    forecast, attribution = tree["forecast"], tree["attribution"]
    return WhyExplanation(
        id=found.id,
        project=project,
        symbol=tree["data"]["symbol"],
        date=tree["data"]["date"],
        known_at=tree["data"]["known_at"],
        horizon=forecast["horizon"],
        trained_until=tree["data"]["trained_until"],
        probability=forecast["probability"],
        expected_return=forecast["expected_return"],
        lower=forecast["lower"],
        upper=forecast["upper"],
        level=forecast["level"],
        base=attribution["base"],
        left=attribution["gap"],
        groups=_groups(tree),
        members=[WhyMember(**{name: row[name] for name in WhyMember.model_fields}) for row in tree["members"]],
        layers=[_layer(layer) for layer in found.layers],
        doubts=[WhyDoubt(name=d.name, text=d.sentence.text, value=d.value, limit=d.limit) for d in found.doubts],
        more=None if found.more is None else _layer(found.more),
        profile=[WhyBarBack(**row) for row in tree.get("profile", [])[:MOST_BARS_BACK]],
        outcome=outcome,
        seconds=seconds,
    )


def _groups(tree: Mapping[str, Any]) -> list[WhyGroup]:
    inputs = {row["feature"]: row for row in tree["inputs"]}
    features: dict[str, list[WhyFeature]] = {}
    for part in tree["attribution"]["features"]:
        features.setdefault(part["group"], []).append(_feature(part, inputs[part["name"]]))
    return [
        WhyGroup(name=row["name"], gives=row["value"], features=features.get(row["name"], []))
        for row in tree["attribution"]["groups"]
    ]


def _feature(part: Mapping[str, Any], seen: Mapping[str, Any]) -> WhyFeature:
    from tradewind.explain.rationale.forms import FORMS

    def shown(value: float | None) -> str | None:
        return None if value is None else FORMS[seen["form"]].show(value)

    missing = bool(seen["missing"])
    return WhyFeature(
        name=part["name"],
        words=seen["words"],
        gives=part["value"],
        value="missing" if missing else str(shown(seen["value"])),
        low=shown(seen["low"]),
        high=shown(seen["high"]),
        below=None if missing else seen["below"],
        missing=missing,
        outside=bool(seen["outside"]),
    )


def _layer(layer: Layer) -> WhyLayer:
    return WhyLayer(
        name=layer.name,
        title=layer.title,
        sentences=[WhySentence(text=one.text, topic=one.topic) for one in layer.sentences],
        tables=[
            WhyTable(
                title=table.title,
                columns=list(table.columns),
                numeric=list(table.numeric),
                rows=[[cell.text for cell in row] for row in table.rows],
            )
            for table in layer.tables
        ],
    )


def outcome_of(data: Dataset, row: int) -> WhyOutcome | None:
    """Return what came of the forecast at ``row``; None where the bars do not reach so far."""
    labels = data.labels
    moved, rose = float(labels.forward_return[row]), float(labels.direction[row])
    if not np.isfinite(moved) or np.isnat(labels.end[row]):
        return None
    return WhyOutcome(
        day=str(labels.end[row])[:10], forward_return=moved, rose=None if np.isnan(rose) else bool(rose > 0.5)
    )


def turned_by_bar(search: BarSearch) -> WhyTurn:
    """Return a search among plausible bars as the page reads it."""
    first = search.found[0] if search.found else None
    return WhyTurn(
        kind="bar",
        found=first is not None,
        words=search.words,
        changes=[
            WhyChange(name=one.name, before=f"{one.before:,.6g}", after=f"{one.after:,.6g}")
            for one in (first.changes if first else ())
        ],
        probability=first.probability if first else None,
        runs=search.runs,
    )


def turned_by_features(search: FeatureSearch) -> WhyTurn:
    """Return a search among a few features as the page reads it."""
    from tradewind.explain.rationale.forms import FORMS
    from tradewind.explain.rationale.words import describe

    first = search.found[0] if search.found else None
    changes = []
    for one in first.changes if first else ():
        form = FORMS[describe(one.name)[1]]
        changes.append(WhyChange(name=one.name, before=form.show(one.before), after=form.show(one.after)))
    return WhyTurn(
        kind="features",
        found=first is not None,
        words=search.words,
        changes=changes,
        probability=first.probability if first else None,
        runs=search.runs,
        like=first.nearest if first else None,
    )
