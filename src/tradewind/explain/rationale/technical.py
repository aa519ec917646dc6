"""The third layer: from the members' forecasts to the probability, and which bars weighed most."""

from __future__ import annotations

from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import Layer, Table, cells, level_form
from tradewind.explain.rationale.local_line import local_line
from tradewind.explain.rationale.sentences import Sentence, say

METHODS = {
    "weights": "members' calibrated log odds are averaged with weights that sum to one",
    "stack": "members' calibrated log odds are added with factors that are not negative",
    "vote": "each member has one vote, and a little of the mean log odds settles ties",
}
LATEST = 3


def technical(facts: Facts) -> Layer:
    """Return the technical decomposition."""
    line, slopes = local_line(facts)
    sentences = [
        say(facts, f"Members are joined by {{joining.method}}: {METHODS[facts.value('joining.method')]}.", "method"),
        *_dissent(facts),
        say(
            facts,
            "Joined, they have log odds of {joining.log_odds|signed4}, a probability of {joining.before|pct2}; the "
            "last calibration makes {joining.calibrated|pct2} of it.",
            "calibration",
        ),
        *_shift(facts),
        *_interval(facts),
        *_profile(facts),
        *_attention(facts),
        *line,
    ]
    return Layer(
        name="technical", title="Technical decomposition", sentences=tuple(sentences), tables=(_members(facts), *slopes)
    )


def _dissent(facts: Facts) -> list[Sentence]:
    count = len(facts.value("members"))
    if count < 2:
        return []
    given = tuple(f"members[{i}].calibrated" for i in range(count))
    facts.derive("members.least", "least", given, "pct2")
    facts.derive("members.greatest", "greatest", given, "pct2")
    words = (
        "; members with {doubt.dissent|pct0} of the weight lean the other way"
        if facts.value("doubt.dissenters")
        else "; none leans the other way"
    )
    return [
        say(
            facts,
            f"Calibrated one by one they range from {{members.least|pct2}} to {{members.greatest|pct2}}{words}.",
            "dissent",
        )
    ]


def _shift(facts: Facts) -> list[Sentence]:
    if abs(facts.value("joining.shift")) < 1e-12:
        return []
    return [
        say(
            facts,
            "A shift of {joining.shift|points2} for the row's group, which evens out how groups are forecast, makes it "
            "{forecast.probability|pct2}; the attribution explains the probability before it.",
            "shift",
        )
    ]


def _interval(facts: Facts) -> list[Sentence]:
    if not facts.has("forecast.lower"):
        return []
    told = (
        "; it is wider than {doubt.wider_than|pct0} of those on earlier bars" if facts.has("doubt.wider_than") else ""
    )
    held = (
        "; out of sample {track.coverage|pct1} of returns fell inside such intervals"
        if facts.has("track.coverage")
        else ""
    )
    return [
        say(
            facts,
            f"The interval, {{forecast.width|pct2}} wide, is to hold {{forecast.level|{level_form(facts)}}} of "
            f"returns{told}{held}.",
            "interval",
        )
    ]


def _profile(facts: Facts) -> list[Sentence]:
    """Return what the latest bars gave together and what the bars before gave, in the nets' log odds."""
    if not facts.has("profile"):
        return []
    count = len(facts.value("profile"))
    if count <= LATEST:
        return []
    paths = tuple(f"profile[{i}].value" for i in range(count))
    facts.derive("profile.latest", "magnitude", paths[:LATEST], "num4")
    facts.derive("profile.all", "magnitude", paths, "num4")
    if facts["profile.all"].value == 0:
        return []
    facts.derive("profile.share", "fraction", ("profile.latest", "profile.all"), "pct0")
    facts.derive("profile.bars", "count", ("profile",), "count")
    return [
        say(
            facts,
            "Sequence models look back {profile.bars|count} bars; the latest few give {profile.share|pct0} of all that "
            "bars give, whichever way.",
            "profile",
        )
    ]


def _attention(facts: Facts) -> list[Sentence]:
    """Return how much of its attention each member that tells it puts on the latest bars."""
    found = []
    for i, one in enumerate(facts.value("attention")):
        if len(one["bars"]) <= LATEST:
            continue
        key = f"attention.{one['name']}"
        facts.derive(key, "sum", tuple(f"attention[{i}].bars[{back}]" for back in range(LATEST)), "pct0")
        facts.derive(f"{key}.bars", "count", (f"attention[{i}].bars",), "count")
        found.append(
            say(
                facts,
                f"{{attention[{i}].name}} puts {{{key}|pct0}} of its attention on the latest few of its "
                f"{{{key}.bars|count}} bars.",
                "attention",
            )
        )
    return found


def _members(facts: Facts) -> Table:
    rows = []
    for i, row in enumerate(facts.value("members")):
        at = f"members[{i}]"
        rows.append(
            cells(
                facts,
                f"{{{at}.name}}",
                f"{{{at}.weight|pct1}}",
                f"{{{at}.given|pct2}}",
                f"{{{at}.calibrated|pct2}}",
                f"{{{at}.expected_return|move2}}",
                "" if row["part"] is None else f"{{{at}.part|signed4}}",
            )
        )
    return Table(
        title="Members",
        columns=("member", "weight", "says", "calibrated", "expected return", "gives in log odds"),
        rows=tuple(rows),
        numeric=(False, True, True, True, True, True),
    )
