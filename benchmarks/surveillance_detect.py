"""What the alerts of the whole pipeline are worth on markets never learned from, and what becomes of the rest.

An alert is true where it names scheme, symbol, an account and the time of an episode. One that meets an attempt that
came to nothing is neither right nor wrong and left out; how many there were is told, and the precision with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from surveillance_markets import BenchMarket, make
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.evaluation import Judged, evaluate_alerts, match
from tradewind.surveillance.learning import Described, SurveillanceModel, bundled_model
from tradewind.surveillance.live.warming import warm
from tradewind.surveillance.pipeline import Surveillance, watch
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.schemes import Scheme

FATES = ("found", "below the bar", "told as another scheme", "no candidate")
ERRORS = ("another scheme's episode", "an attempt under another name", "nothing planted")


class Claim(NamedTuple):
    """A candidate by name."""

    scheme: Scheme
    symbol: str
    accounts: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Listening(SurveillanceModel):
    """Another model, ``inner``, that remembers what it was asked."""

    inner: SurveillanceModel
    heard: list[Scored] = field(default_factory=list)

    def score(self, described: Described) -> list[Scored]:
        """Return the candidates with their probabilities."""
        found = self.inner.score(described)
        self.heard.extend(replace(one, values=np.empty(0, np.float32), pieces=np.empty(0)) for one in found)
        return found


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One market's alerts, those that count; ``left_out`` met attempts. ``fates`` of episodes, ``errors`` of alerts."""

    judged: Judged
    left_out: int
    fates: tuple[tuple[Scheme, str], ...]
    errors: tuple[tuple[Scheme, str], ...]


@cache
def load(path: Path | None) -> SurveillanceModel:
    """Return the model in a folder, the bundled one by default; once a process, with compiled kernels."""
    model = bundled_model() if path is None else SurveillanceModel.load(path)
    model.check(Surveyor())
    warm(model)
    return model


def watch_one(suite: str, seed: int, events: int | None, path: Path | None) -> Watched:
    """Simulate a market, watch it, and hold the alerts against what was planted."""
    model = load(path)
    return judge_market(make(suite, seed, events), model)


def judge_market(market: BenchMarket, model: SurveillanceModel) -> Watched:
    """Watch a market and hold the alerts against what was planted."""
    listening = Listening(models=model.models, thresholds=model.thresholds, inner=model)
    raised = watch(market.events, Surveillance(listening, market.sessions))
    alerts = [replace(alert, features={}, contributions={}, evidence=()) for alert in raised]
    true = match(alerts, market.truth).true
    tried = match(alerts, market.attempts).true & ~true
    kept = [alert for alert, out in zip(alerts, tried, strict=True) if not out]
    return Watched(
        judged=Judged(market=market.name, alerts=tuple(kept), truth=market.truth, events=len(market.events)),
        left_out=int(tried.sum()),
        fates=_fates(market, alerts, listening.heard),
        errors=_errors(market, [alert for alert in kept if not match([alert], market.truth).true[0]]),
    )


def _fates(market: BenchMarket, alerts: Sequence[Alert], heard: Sequence[Scored]) -> tuple[tuple[Scheme, str], ...]:
    found = match(alerts, market.truth).found
    named = match(_claims(market, heard), market.truth).found
    other = match(alerts, market.truth, any_scheme=True).found
    which = np.select([found, other, named], [0, 2, 1], default=3)
    return tuple((deed.scheme, FATES[int(fate)]) for deed, fate in zip(market.truth, which, strict=True))


def _claims(market: BenchMarket, heard: Sequence[Scored]) -> list[Claim]:
    names, symbols = market.events.accounts, market.events.symbols
    return [
        Claim(c.scheme, symbols[c.symbol], tuple(names[a] for a in c.accounts if a >= 0), c.start, c.end)
        for c in (one.candidate for one in heard)
    ]


def _errors(market: BenchMarket, false: Sequence[Alert]) -> tuple[tuple[Scheme, str], ...]:
    other = match(false, market.truth, any_scheme=True).true
    tried = match(false, market.attempts, any_scheme=True).true
    which = np.select([other, tried], [0, 1], default=2)
    return tuple((alert.scheme, ERRORS[int(kind)]) for alert, kind in zip(false, which, strict=True))


def summary(watched: Sequence[Watched]) -> dict[str, Any]:
    """Return precision, recall and fates of a suite as plain values."""
    score = evaluate_alerts([one.judged for one in watched])
    plain = score.to_dict()
    for part in (plain["overall"], *plain["schemes"].values()):
        del part["curve"]
    left_out = sum(one.left_out for one in watched)
    whole = score.overall.alerts + left_out
    return {
        **plain,
        "left_out": left_out,
        "precision_with_left_out": score.overall.true_alerts / whole if whole else None,
        "fates": _counted([pair for one in watched for pair in one.fates]),
        "errors": _counted([pair for one in watched for pair in one.errors]),
    }


def _counted(pairs: Sequence[tuple[Scheme, str]]) -> dict[str, dict[str, int]]:
    return {scheme.value: dict(Counter(what for s, what in pairs if s is scheme)) for scheme in Scheme}
