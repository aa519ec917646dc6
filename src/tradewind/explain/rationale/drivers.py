"""The second layer: what each feature and group gave, with its value and how usual that value is."""

from __future__ import annotations

from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import Layer, Table, cells, listed
from tradewind.explain.rationale.sentences import Sentence, say

TOLD = 3


def drivers(facts: Facts) -> Layer:
    """Return the attribution layer."""
    facts.derive("push.up", "push_up", ("attribution.groups",), "points2")
    facts.derive("push.down", "push_down", ("attribution.groups",), "points2")
    up = "pushes up add {push.up|points2}" if facts["push.up"].value else "nothing pushes up"
    down = "pushes down add {push.down|points2}" if facts["push.down"].value else "nothing pushes down"
    sentences = [
        say(
            facts,
            f"Starting from a base of {{attribution.base|pct2}}, {up} and {down}, which makes "
            "{attribution.probability|pct2}.",
            "sum",
        )
    ]
    sentences += [_feature(facts, i) for i in _strongest(facts)]
    sentences += _what_if(facts)
    tables = (_groups(facts), _features(facts))
    return Layer(name="attribution", title="Attribution", sentences=tuple(sentences), tables=tables)


def _strongest(facts: Facts) -> list[int]:
    """Return places of the strongest features that push up and of those that push down, up first."""
    rows = facts.value("attribution.features")
    up = [i for i, row in enumerate(rows) if row["value"] > 0][:TOLD]
    down = [i for i, row in enumerate(rows) if row["value"] < 0][:TOLD]
    return up + down


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
        else f"is {{{at}.value|{seen['form']}}}, above {{{at}.percentile|pct0}} of training rows"
    )
    way = "up" if row["value"] > 0 else "down"
    return say(
        facts,
        f"{{attribution.features[{i}].name}} ({{{at}.words}}) {stands}; the model takes "
        f"{{attribution.features[{i}].value|points2}} from it.",
        way,
    )


def _what_if(facts: Facts) -> list[Sentence]:
    """Return a sentence for each counterfactual or scenario that was made by running the model again."""
    found = []
    for i, one in enumerate(facts.value("what_if")):
        parts = [
            f"{{what_if[{i}].changes[{j}].feature}} were {{what_if[{i}].changes[{j}].after|{change['form']}}} and not "
            f"{{what_if[{i}].changes[{j}].before|{change['form']}}}"
            for j, change in enumerate(one["changes"])
        ]
        found.append(
            say(facts, f"Run again, the model gives {{what_if[{i}].probability|pct1}} if {listed(parts)}.", "what_if")
        )
    return found


def _groups(facts: Facts) -> Table:
    rows = []
    for i, row in enumerate(facts.value("attribution.groups")):
        at = f"attribution.groups[{i}]"
        share = ""
        if row["value"] != 0:
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
        rows.append(cells(facts, "{rest.features|count} others", "", "", "", "{rest.value|points2}"))
    return Table(
        title="The strongest features",
        columns=("feature", "measures", "value", "above, of training rows", "gives"),
        rows=tuple(rows),
        numeric=(False, False, True, True, True),
    )


def _feature_cells(facts: Facts, i: int) -> tuple[Sentence, ...]:
    one = f"attribution.features[{i}]"
    at = f"inputs[{_place(facts, facts.value(f'{one}.name'))}]"
    seen = facts.value(at)
    value = "missing" if seen["missing"] else f"{{{at}.value|{seen['form']}}}"
    above = "" if seen["missing"] else f"{{{at}.percentile|pct0}}"
    return cells(facts, f"{{{one}.name}}", f"{{{at}.words}}", value, above, f"{{{one}.value|points2}}")
