"""The first layer: what, how sure, what speaks for and against, what to remember, in five sentences."""

from __future__ import annotations

from tradewind.explain.rationale.doubts import Doubt
from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import Layer, level_form, listed
from tradewind.explain.rationale.rules import NEITHER, SLIGHTEST, SMALLEST_SHARE
from tradewind.explain.rationale.sentences import Sentence, say

SHOWN = 3
NO_SKILL = "no skill was shown out of sample"


def executive(facts: Facts, doubts: tuple[Doubt, ...]) -> Layer:
    """Return the executive summary."""
    sentences = (_what(facts), _returns(facts), _track(facts), _drivers(facts), _remember(facts, doubts))
    return Layer(name="executive", title="Executive summary", sentences=sentences)


def _what(facts: Facts) -> Sentence:
    facts.derive("side", "side", ("forecast.probability",), "text")
    limits = ("settings.slight", "settings.moderate", "settings.strong")
    facts.derive("strength", "strength", ("forecast.confidence", *limits), "text")
    when = "by its next bar" if facts.value("forecast.horizon") == 1 else "over its next {forecast.horizon|count} bars"
    banded = facts.value("forecast.up") != 0 or facts.value("forecast.down") != 0
    rise = " (at least {forecast.up|move2}) rather than a fall (at most {forecast.down|move2})" if banded else ""
    lean = "no lean" if facts["side"].value == NEITHER else "{strength} lean to {side}"
    return say(
        facts,
        f"At the close of {{data.date}} the model gives {{data.symbol}} a probability of {{forecast.probability|pct1}} "
        f"of a rise{rise} {when}: {lean}.",
        "forecast",
    )


def _returns(facts: Facts) -> Sentence:
    expects = "It expects a return of {forecast.expected_return|move2}"
    if not facts.has("forecast.lower"):
        return say(facts, f"{expects}, and gives no interval for it.", "return")
    return say(
        facts,
        f"{expects}, and means {{forecast.level|{level_form(facts)}}} of such returns to lie between "
        "{forecast.lower|move2} and {forecast.upper|move2}.",
        "return",
    )


def _track(facts: Facts) -> Sentence:
    """Return how often such forecasts came true; the verdict's "no skill" is always said."""
    if not facts.has("track"):
        return say(
            facts, "No out-of-sample record was given, so nothing here tells how often the model is right.", "track"
        )
    if not facts.has("track.accuracy"):
        return say(facts, f"The out-of-sample record holds no known outcome yet: {NO_SKILL}.", "track")
    alike = _alike(facts)
    other = "" if facts.value("track.same_settings") is not False else ", in a test of a model with other settings"
    skill = "more than chance and drift alone give" if facts.value("track.skill") else f"but {NO_SKILL}"
    bounds = (
        " ({track.level|pct0} interval {track.lower|pct1} to {track.upper|pct1})" if facts.has("track.lower") else ""
    )
    return say(
        facts,
        f"Out of sample {{track.accuracy|pct1}} of {{track.n|count}} forecasts were right{bounds}{other}, "
        f"{skill}{alike}.",
        "track",
    )


def _alike(facts: Facts) -> str:
    """Return the template of what is known of forecasts of the same slice; empty where nothing is."""
    for i, row in enumerate(facts.value("track.slices")):
        at = f"track.slices[{i}]"
        if row["accuracy"] is None or row["lower"] is None:
            continue
        what = f"with the same {{{at}.by}} ({{{at}.value}})"
        return f"; of those {what} {{{at}.accuracy|pct1}} were ({{{at}.lower|pct1}} to {{{at}.upper|pct1}})"
    return ""


def _drivers(facts: Facts) -> Sentence:
    """Return the strongest groups for the side of the forecast and against it, with their shares of each push."""
    facts.derive("push.up", "push_up", ("attribution.groups",), "points2")
    facts.derive("push.down", "push_down", ("attribution.groups",), "points2")
    up = facts.value("forecast.probability") >= facts.value("settings.coin")
    wanted = "an upward lean" if facts["side"].value == NEITHER else "{side}"
    pro, contra = _pushes(facts, up), _pushes(facts, not up)
    lead = f"the model leans on {listed(pro)} for {wanted}" if pro else f"nothing pushes the model to {wanted}"
    verb = "speaks" if len(contra) == 1 else "speak"
    rest = f"while {listed(contra)} {verb} against it" if contra else "and nothing speaks against it"
    return say(facts, f"From its base of {{attribution.base|pct1}} {lead}, {rest}.", "drivers")


def _pushes(facts: Facts, up: bool) -> list[str]:
    """Return templates of the strongest groups that push up (or down), with their shares of that push."""
    parts: list[str] = []
    if abs(facts["push.up" if up else "push.down"].value) < SLIGHTEST:
        return parts
    for i, row in enumerate(facts.value("attribution.groups")):
        if row["value"] == 0 or (row["value"] > 0) != up or len(parts) == SHOWN:
            continue
        key = f"share.{row['name']}"
        share = facts.derive(key, "share_of_push", (f"attribution.groups[{i}].value", "attribution.groups"), "pct0")
        if share.value < SMALLEST_SHARE:
            continue
        way = "up" if up else "down"
        of = f" of the push {way} of {{push.{way}|points2}}" if not parts else ""
        parts.append(f"{{attribution.groups[{i}].name}} ({{{key}|pct0}}{of})")
    return parts


def _remember(facts: Facts, doubts: tuple[Doubt, ...]) -> Sentence:
    not_causes = "these are what the model leans on, not causes of what the price will do"
    if doubts:
        many = (
            "a sign of low confidence stands"
            if len(doubts) == 1
            else "{doubt.signs|count} signs of low confidence stand"
        )
        facts.derive("doubt.signs", "count", ("doubts",), "count")
        return say(facts, f"Remember: {many} against acting on it, and {not_causes}.", "remember")
    if facts.has("track") and not facts.value("track.skill"):
        return say(
            facts, f"Remember: as {NO_SKILL}, the number is no ground for a decision, and {not_causes}.", "remember"
        )
    return say(facts, f"Remember: {not_causes}.", "remember")
