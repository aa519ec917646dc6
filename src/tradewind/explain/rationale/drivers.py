"""The second layer: what each feature and group gave, with its value and how usual that value is."""

from __future__ import annotations

from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import Layer, Table, cells
from tradewind.explain.rationale.rules import SLIGHTEST
from tradewind.explain.rationale.sentences import Sentence, say
from tradewind.explain.rationale.what_if import what_if

TOLD = 3
NOTABLE = 0.05
"""Share of the strongest feature's contribution below which a feature gets no sentence of its own."""


def drivers(facts: Facts) -> Layer:
    """Return the attribution layer."""
    up = "pushes up add {push.up|points2}" if facts["push.up"].value >= SLIGHTEST else "nothing pushes up"
    down = "pushes down add {push.down|points2}" if facts["push.down"].value <= -SLIGHTEST else "nothing pushes down"
    sentences = [
        say(
            facts,
            f"Starting from a base of {{attribution.base|pct2}}, {up} and {down}, which makes "
            "{attribution.probability|pct2}.",
            "sum",
        )
    ]
    sentences += [_feature(facts, i) for i in _strongest(facts)]
    sentences += what_if(facts)
    tables = (_groups(facts), _features(facts))
    return Layer(name="attribution", title="Attribution", sentences=tuple(sentences), tables=tables)


def _strongest(facts: Facts) -> list[int]:
    """Return places of the strongest features that push up and of those that push down, up first."""
    rows = facts.value("attribution.features")
    least = NOTABLE * max((abs(row["value"]) for row in rows), default=0.0)
    told = [i for i, row in enumerate(rows) if row["value"] != 0 and abs(row["value"]) >= least]
    up = [i for i in told if rows[i]["value"] > 0][:TOLD]
    return up + [i for i in told if rows[i]["value"] < 0][:TOLD]


def _place(facts: Facts, feature: str) -> int:
    """Return where ``feature`` stands among the inputs."""
    return next(i for i, row in enumerate(facts.value("inputs")) if row["feature"] == feature)


def _feature(facts: Facts, i: int) -> Sentence:
    row = facts.value(f"attribution.features[{i}]")
    at = f"inputs[{_place(facts, row['name'])}]"
    seen = facts.value(at)
    stands = (
        "is missing, so the training median stands in for it"
        if seen["missing"]
        else f"is {{{at}.value|{seen['form']}}}, above {{{at}.below|pct0}} of training rows"
    )
    way = "up" if row["value"] > 0 else "down"
    return say(
        facts,
        f"{{attribution.features[{i}].name}} ({{{at}.words}}) {stands}; it gives "
        f"{{attribution.features[{i}].value|points2}}.",
        way,
    )


def _groups(facts: Facts) -> Table:
    rows = []
    for i, row in enumerate(facts.value("attribution.groups")):
        at = f"attribution.groups[{i}]"
        share = ""
        if abs(facts["push.up" if row["value"] > 0 else "push.down"].value) >= SLIGHTEST and row["value"] != 0:
            facts.derive(f"share.{row['name']}", "share_of_push", (f"{at}.value", "attribution.groups"), "pct0")
            share = f"{{share.{row['name']}|pct0}} of the push {'up' if row['value'] > 0 else 'down'}"
        rows.append(cells(facts, f"{{{at}.name}}", f"{{{at}.value|points2}}", share))
    return Table(
        title="What each group gave",
        columns=("group", "gives", "share"),
        rows=tuple(rows),
        numeric=(False, True, False),
    )


def _features(facts: Facts) -> Table:
    found, top = facts.value("attribution.features"), facts.value("settings.top")
    rows = [_feature_cells(facts, i) for i in range(min(top, len(found)))]
    if len(found) > top:
        rest = tuple(f"attribution.features[{i}].value" for i in range(top, len(found)))
        facts.derive("rest.value", "sum", rest, "points2")
        facts.derive("rest.features", "difference_of_counts", ("attribution.features", "settings.top"), "count")
        rows.append(
            cells(
                facts,
                "{rest.features|count} other" + ("" if len(found) == top + 1 else "s"),
                "",
                "",
                "",
                "{rest.value|points2}",
            )
        )
    return Table(
        title="The strongest features",
        columns=("feature", "measures", "value", "training rows below", "gives"),
        rows=tuple(rows),
        numeric=(False, False, True, True, True),
    )


def _feature_cells(facts: Facts, i: int) -> tuple[Sentence, ...]:
    one = f"attribution.features[{i}]"
    at = f"inputs[{_place(facts, facts.value(f'{one}.name'))}]"
    seen = facts.value(at)
    value = "missing" if seen["missing"] else f"{{{at}.value|{seen['form']}}}"
    above = "" if seen["missing"] else f"{{{at}.below|pct0}}"
    return cells(facts, f"{{{one}.name}}", f"{{{at}.words}}", value, above, f"{{{one}.value|points2}}")
