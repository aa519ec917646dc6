"""From labelled markets to a model, with a report of what it earned on markets it was not fitted on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.errors import UsageError
from tradewind.core.files import write_json_file
from tradewind.core.progress import NoProgress, Progress
from tradewind.surveillance.evaluation.report import evaluation_table, write_evaluation
from tradewind.surveillance.evaluation.scores import SurveillanceEvaluation, evaluate_alerts
from tradewind.surveillance.learning.bars import given_bars, set_bars
from tradewind.surveillance.learning.collect import collect
from tradewind.surveillance.learning.described import CandidateSource, LabelledMarket
from tradewind.surveillance.learning.floors import above, rule_floors
from tradewind.surveillance.learning.folds import make_folds
from tradewind.surveillance.learning.joint_bars import move_together
from tradewind.surveillance.learning.judging import judge
from tradewind.surveillance.learning.members import MEMBERS
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.learning.scheme_model import FittedScheme, fit_scheme
from tradewind.surveillance.learning.settings import LearningSettings
from tradewind.surveillance.learning.table import CandidateTable, SchemeTable, joined
from tradewind.surveillance.learning.threshold import Threshold
from tradewind.surveillance.schemes import Scheme

TRAINING_FILE = "training.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A model and what it said of markets while it had not seen them.

    Attributes
    ----------
    scores : (n,) out-of-fold probabilities of each scheme's rows.
    bars : how each threshold was found.
    evaluation : alerts of out-of-fold scores at those thresholds, all schemes at once.
    balancing, average_precision : of each scheme, see :class:`FittedScheme`.
    importance : share of the trees' questions that ask for each column, by scheme, the largest first.
    passed : share of each scheme's candidates that the folds' sieves let through.
    left_out : schemes with too few examples for a model, and why.
    """

    model: SurveillanceModel
    scores: Mapping[Scheme, FloatArray]
    bars: Mapping[Scheme, Threshold]
    evaluation: SurveillanceEvaluation
    balancing: Mapping[Scheme, str]
    average_precision: Mapping[Scheme, Mapping[str, float]]
    importance: Mapping[Scheme, Mapping[str, float]]
    passed: Mapping[Scheme, float]
    left_out: Mapping[Scheme, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        schemes = {
            scheme.value: {
                "threshold": bar.score,
                "target_reached": bar.reached,
                "alerts_at_threshold": bar.kept,
                "true_at_threshold": bar.true,
                "precision_bound": bar.bound,
                "balancing": self.balancing[scheme],
                "average_precision_by_balancing": dict(self.average_precision[scheme]),
                "passed_the_sieve": self.passed[scheme],
                "weights": dict(zip(MEMBERS, self.model.models[scheme].stack.weight.tolist(), strict=True)),
                "uses": dict(list(self.importance[scheme].items())[:20]),
            }
            for scheme, bar in self.bars.items()
        }
        return {
            "model": self.model.id,
            "about": dict(self.model.about),
            "schemes": schemes,
            "left_out": {scheme.value: why for scheme, why in self.left_out.items()},
        }

    def write(self, folder: Path) -> Path:
        """Write ``training.json``, ``evaluation.json`` and the curves into ``folder``; return it.

        Raises
        ------
        OutputError : the folder cannot be made or written.
        """
        write_json_file(folder / TRAINING_FILE, self.to_dict())
        write_evaluation(self.evaluation, folder)
        return folder

    def words(self) -> str:
        """Return the out-of-fold scores as lines of text."""
        return evaluation_table(self.evaluation)


def train_surveillance(
    markets: Iterable[LabelledMarket],
    source: CandidateSource,
    settings: LearningSettings | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Collect candidates of ``markets`` and fit a model of every scheme.

    Raises
    ------
    UsageError : no market is given, or none holds enough to learn any scheme from.
    """
    shown = progress or NoProgress()
    tables = []
    for number, market in enumerate(markets):
        tables.append(collect(market, source, name=f"market {number}"))
        shown.update("collect", number + 1, number + 1)
    if not tables:
        raise UsageError("no market is given to learn from", field="markets", fix="give labelled markets")
    return train_on(joined(tables), settings, shown)


def train_on(
    table: CandidateTable,
    settings: LearningSettings | None = None,
    progress: Progress | None = None,
    *,
    floors: Mapping[Scheme, float] | None = None,
    jobs: int = 1,
) -> Trained:
    """Fit a model of every scheme on collected candidates, ``jobs`` schemes at a time.

    ``floors`` : those of :func:`rule_floors`, if the table was made without what lies below them.

    Raises
    ------
    UsageError : no scheme has enough examples.
    """
    settings, shown = settings or LearningSettings(), progress or NoProgress()
    fitted: dict[Scheme, FittedScheme] = {}
    left_out: dict[Scheme, str] = {}
    apart = table.venues_of(settings.alike) if settings.whole_venues else None
    found = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_fit)(part, settings, table.venues, apart) for part in table.schemes.values()
    )
    for number, (scheme, one) in enumerate(zip(table.schemes, found, strict=True)):
        if isinstance(one, str):
            left_out[scheme] = one
        else:
            fitted[scheme] = one
        shown.update("fit", number + 1, len(table.schemes))
    if not fitted:
        raise UsageError(
            f"no scheme has enough examples ({'; '.join(left_out.values()) or 'no candidates at all'})",
            field="markets",
            fix="give more labelled markets",
        )
    floors = rule_floors([table], settings.unclear_share) if floors is None else floors
    scores = above(table, {scheme: one.score for scheme, one in fitted.items()}, floors)
    bars = _bars(table, scores, settings)
    thresholds = {scheme: bar.score for scheme, bar in bars.items()}
    model = SurveillanceModel(
        models={scheme: one.model for scheme, one in fitted.items()},
        thresholds=thresholds,
        floors={scheme: floors[scheme] for scheme in fitted},
        about={
            "name": settings.name,
            "markets": len(table.markets),
            "events": table.events,
            "candidates": {scheme.value: len(part) for scheme, part in table.schemes.items()},
            "planted": {s.value: sum(p.scheme is s for m in table.markets for p in m.truth) for s in Scheme},
            "settings": settings.model_dump(mode="json"),
        },
    )
    return Trained(
        model=model,
        scores=scores,
        bars=bars,
        evaluation=evaluate_alerts(judge(table, scores, thresholds)),
        balancing={scheme: one.balancing.value for scheme, one in fitted.items()},
        average_precision={scheme: one.average_precision for scheme, one in fitted.items()},
        importance={scheme: _uses(one) for scheme, one in fitted.items()},
        passed={scheme: float(one.passed.mean()) for scheme, one in fitted.items()},
        left_out=left_out,
    )


def _fit(part: SchemeTable, settings: LearningSettings, venues: IntArray, apart: IntArray | None) -> FittedScheme | str:
    """Return the model of one scheme, or why there is none."""
    try:
        folds = make_folds(part, settings.folds, settings.seed, apart)
        return fit_scheme(part, folds, settings.scheme, venues)
    except UsageError as error:
        return error.problem


def _bars(
    table: CandidateTable, scores: Mapping[Scheme, FloatArray], settings: LearningSettings
) -> dict[Scheme, Threshold]:
    """Return the bars that are given, those of other schemes found out of fold, and what they earn there."""
    if set(scores) <= set(settings.bars):
        return given_bars(table, scores, settings.bars, settings)
    found = move_together(table, scores, set_bars(table, scores, settings), settings)
    if not settings.bars:
        return dict(found)
    return given_bars(table, scores, {s: settings.bars.get(s, bar.score) for s, bar in found.items()}, settings)


def _uses(fitted: FittedScheme) -> dict[str, float]:
    """Return for each column the share of the trees' questions that ask for it, the largest first."""
    asked = fitted.model.members.trees.feature
    counts = np.bincount(asked[asked >= 0], minlength=len(fitted.model.names))
    share = counts / max(int(counts.sum()), 1)
    order = np.argsort(-share, kind="stable")
    return {fitted.model.names[i]: float(share[i]) for i in order if share[i] > 0}
