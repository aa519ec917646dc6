"""The fourth layer: what the model is, what it learned from, and how exact its explanation is."""

from __future__ import annotations

from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.layers import Layer, Table, cells
from tradewind.explain.rationale.sentences import Sentence, say

LEAST_P = 0.0005
"""Below this a p value would be printed as zero."""


def internals(facts: Facts) -> Layer:
    """Return the model's record and the exactness of the explanation."""
    sentences = [
        say(
            facts,
            "The model learned from {record.train_rows|count} bars, labels known by {data.trained_until}; this bar is "
            "{data.days_since_training|count} days later.",
            "training",
        ),
        say(
            facts,
            "It reads {record.columns|count} prepared columns, drawn in at the {record.winsor[0]|pct1} and "
            "{record.winsor[1]|pct1} quantiles of training and filled with training medians where missing.",
            "columns",
        ),
        say(
            facts,
            "The base of {attribution.base|pct2} is the forecast where nothing is known of a row, and percentiles are "
            "told against {record.reference_rows|count} training rows.",
            "base",
        ),
        say(
            facts,
            "Base and contributions sum to the explained probability; the gap is {attribution.gap|tiny}.",
            "gap",
        ),
        *_exactness(facts),
        *_test(facts),
    ]
    return Layer(name="internals", title="Model internals", sentences=tuple(sentences), tables=(_record(facts),))


def _exactness(facts: Facts) -> list[Sentence]:
    """Return how each member's part was found, and what the method missed before that was shared out."""
    found = []
    for i, row in enumerate(facts.value("members")):
        if not row["method"]:
            continue
        missed = ""
        if row["missed"]:
            missed = f"; it missed {{members[{i}].missed|signed4}} of the member's own output, shared out in proportion"
        found.append(say(facts, f"{{members[{i}].name}}: {{members[{i}].method}}{missed}.", "exactness"))
    if found:
        found.append(
            say(
                facts,
                "Members' parts are carried through calibration by the rescale rule, which keeps the sum; it is exact "
                "where a calibration is a line in log odds.",
                "exactness",
            )
        )
    return found


def _test(facts: Facts) -> list[Sentence]:
    if not facts.has("track.p_value"):
        return []
    skill = "skill" if facts.value("track.skill") else "no skill"
    chance = "{track.p_value|num3}" if facts.value("track.p_value") >= LEAST_P else "below one in a thousand"
    tries = " as the best of {track.trials|count} variants" if facts.value("track.trials") > 1 else ""
    return [
        say(
            facts,
            f"The test over {{track.n_days|count}} days found {skill} (p value {chance}{tries}); "
            "Brier score {track.brier|num4}, calibration error {track.calibration_error|num3}.",
            "test",
        )
    ]


def _record(facts: Facts) -> Table:
    pairs = [
        ("symbol", "{data.symbol}"),
        ("bar", "{data.date}, known at {data.known_at} UTC"),
        ("bars of the symbol so far", "{data.bars|count}"),
        ("age against the latest bar of the prices", "{data.age_days|count} days"),
        ("sector, size, volatility regime", "{data.sector}, {data.size_bucket}, {data.volatility_regime}"),
        ("training data", "{record.data.first} to {data.trained_until}, {record.data.symbols|count} symbols"),
        ("id of the training data", "{record.data.panel}"),
        ("id of these prices", "{data.panel}"),
        ("settings id", "{record.settings_id}"),
        ("code", "{record.code.source}, Tradewind {record.code.tradewind}, Python {record.code.python}"),
        ("seed", "{record.seed}"),
    ]
    return Table(
        title="Record",
        columns=("what", "value"),
        rows=tuple(cells(facts, what, value) for what, value in pairs),
        numeric=(False, False),
    )
