"""From the odds of each cause to a ranking: what one cause explains is not counted for another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from tradewind.monitoring.diagnosis.case import Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind
from tradewind.monitoring.diagnosis.settings import DiagnosisSettings

K = CauseKind
MARKET = (K.VOLATILITY_SHOCK, K.CORRELATION_BREAK, K.SECTOR_ROTATION, K.GRADUAL_DRIFT)
EXPLAINS: Mapping[CauseKind, Mapping[CauseKind, float]] = {
    K.FEED_STOPS: {**dict.fromkeys(MARKET, 1.0), K.LABEL_DELAY: 1.0, K.STALE_SYMBOL: 1.0},
    K.UNIT_CHANGE: {**dict.fromkeys(MARKET, 1.0), K.UNADJUSTED_SPLIT: 1.0},
    K.UNADJUSTED_SPLIT: dict.fromkeys(MARKET, 0.5),
    K.STALE_SYMBOL: dict.fromkeys(MARKET, 0.5),
    K.WRONG_MODEL_VERSION: {K.GRADUAL_DRIFT: 1.0, K.SECTOR_ROTATION: 0.5},
    K.VOLATILITY_SHOCK: {K.CORRELATION_BREAK: 1.0, K.GRADUAL_DRIFT: 1.0, K.SECTOR_ROTATION: 0.5},
    K.CORRELATION_BREAK: {K.GRADUAL_DRIFT: 0.5, K.SECTOR_ROTATION: 0.5},
    K.SECTOR_ROTATION: {K.GRADUAL_DRIFT: 1.0},
    K.ADVERSARIAL_NEWS: {K.GRADUAL_DRIFT: 0.5},
}
"""Share of the first cause's odds that it takes from the second: what it makes look like it.

Bad data make the market look wild, correlated or drifting; a shock makes symbols move together in the same days; a
sector that fails lowers accuracy slowly as it takes over the window.
"""


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A cause with its odds after explaining away, its share of belief, and what took most from it."""

    weighed: Weighed
    log_odds: float
    score: float
    explained_by: CauseKind | None


def rank(said: Sequence[Weighed], extra: Mapping[CauseKind, float], settings: DiagnosisSettings) -> tuple[Ranked, ...]:
    """Return the causes of ``said`` by belief, ``no_fault`` among them.

    ``extra`` adds log odds from watchers' findings to causes that have evidence of their own. Belief is the prior
    times the tempered Bayes factor (Gruenwald 2012, the safe Bayesian: a power below one where a model is not exact).
    """
    own = {
        one.kind: min(one.log_odds + (extra.get(one.kind, 0.0) if one.log_odds > 0 else 0.0), settings.strongest)
        for one in said
    }
    left: dict[CauseKind, float] = {}
    by: dict[CauseKind, CauseKind | None] = {}
    for kind, odds in own.items():
        takers = {other: EXPLAINS[other][kind] * own[other] for other in own if kind in EXPLAINS.get(other, {})}
        takers = {other: taken for other, taken in takers.items() if taken > 0.0}
        most = max(takers, key=lambda other: takers[other], default=None)
        taken = min(max(odds, 0.0), takers[most]) if most is not None else 0.0
        left[kind], by[kind] = odds - taken, most if taken > 0.0 else None
    share = (1.0 - settings.prior_no_fault) / max(len(own), 1)
    logs = {kind: float(np.log(share)) + settings.temper * odds for kind, odds in left.items()}
    logs[K.NO_FAULT] = float(np.log(settings.prior_no_fault))
    total = float(logsumexp(list(logs.values())))
    ranked = [
        Ranked(
            weighed=one,
            log_odds=left[one.kind],
            score=float(np.exp(logs[one.kind] - total)),
            explained_by=by[one.kind],
        )
        for one in said
    ]
    none = Weighed(kind=K.NO_FAULT, looked="nothing is wrong beyond chance")
    ranked.append(Ranked(weighed=none, log_odds=0.0, score=float(np.exp(logs[K.NO_FAULT] - total)), explained_by=None))
    order = list(CauseKind)
    return tuple(sorted(ranked, key=lambda one: (-one.score, order.index(one.weighed.kind))))
