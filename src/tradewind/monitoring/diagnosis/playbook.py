"""The on-call play-book, step by step: what was looked at, and how it came out."""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.monitoring.diagnosis.causes import Cause, CauseKind, Step, Verdict
from tradewind.monitoring.diagnosis.ranking import Ranked

K = CauseKind
STEPS: tuple[tuple[str, tuple[CauseKind, ...]], ...] = (
    (
        "Data quality",
        (K.FEED_STOPS, K.UNIT_CHANGE, K.UNADJUSTED_SPLIT, K.STALE_SYMBOL, K.LABEL_DELAY, K.ADVERSARIAL_NEWS),
    ),
    ("Regime", (K.VOLATILITY_SHOCK, K.CORRELATION_BREAK, K.SECTOR_ROTATION)),
    ("Drift", (K.GRADUAL_DRIFT,)),
    ("Infrastructure", (K.SLOW_DEPENDENCY, K.WRONG_MODEL_VERSION)),
)
AT_FAULT = 0.2
"""Share of belief from which a step is called at fault."""


def steps_of(ranked: Sequence[Ranked], top: Cause) -> tuple[Step, ...]:
    """Return the five steps; the last is the action that ``top`` asks for."""
    by_kind = {one.weighed.kind: one for one in ranked}
    steps = []
    for name, kinds in STEPS:
        looked = [by_kind[kind] for kind in kinds if kind in by_kind]
        if any(one.score >= AT_FAULT for one in looked):
            verdict = Verdict.AT_FAULT
        elif any(one.weighed.known for one in looked):
            verdict = Verdict.FINE
        else:
            verdict = Verdict.NOT_KNOWN
        steps.append(Step(name=name, verdict=verdict, lines=tuple(line_of(one) for one in looked)))
    fine = top.kind is CauseKind.NO_FAULT
    steps.append(Step(name="Action", verdict=Verdict.FINE if fine else Verdict.AT_FAULT, lines=(top.action.text,)))
    return tuple(steps)


def line_of(one: Ranked) -> str:
    """Return the sentence of one cause, with what explains it where something does."""
    text = f"{one.weighed.kind.words}: {one.weighed.looked}"
    if one.explained_by is not None and one.score < AT_FAULT:
        text += f" (explained by {one.explained_by.words})"
    return text
