"""The selector: fitted on the training rows of one fold, it names the features a model shall see."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from tradewind.core import Dataset, NotFittedError, Settings, UsageError
from tradewind.core.arrays import BoolArray, FloatArray, Int32Array, IntArray, TimeArray
from tradewind.features.selection.elimination import Candidates, correlated, eliminate
from tradewind.features.selection.relevance import (
    cells,
    centred_ranks,
    clustered_t,
    information_coefficient,
    moved_targets,
    mutual_information,
    stability,
    time_blocks,
    volatility_regimes,
)

MIN_ROWS = 50


class SelectionSettings(Settings):
    """How features are chosen.

    Attributes
    ----------
    n_features : features left at the end (fewer when fewer survive the screens).
    keep : features that must stay, whatever they score.
    max_missing : a feature missing in a larger share of the training rows is dropped.
    max_correlation : of two features whose rank correlation is larger in size, the one that says less is dropped.
    min_agreement : a feature is dropped when its information coefficient has its overall sign in a smaller share of
        the time blocks and volatility regimes.
    n_blocks : time blocks of the training window.
    steps : steps of the recursive elimination.
    max_rows : symbols are left out at random (by the seed) until no more rows than these are left; one always stays.
    """

    n_features: int = Field(default=47, ge=1)
    keep: tuple[str, ...] = ()
    max_missing: float = Field(default=0.5, ge=0.0, le=1.0)
    max_correlation: float = Field(default=0.95, gt=0.0, le=1.0)
    min_agreement: float = Field(default=0.5, ge=0.0, le=1.0)
    n_blocks: int = Field(default=4, ge=2)
    steps: int = Field(default=5, ge=1)
    max_rows: int = Field(default=60_000, ge=MIN_ROWS)

    @model_validator(mode="after")
    def _room_for_keep(self) -> Self:
        if len(set(self.keep)) > self.n_features:
            raise UsageError(
                f"{len(set(self.keep))} features must stay but only {self.n_features} may",
                field="n_features",
                fix="raise n_features or shorten keep",
            )
        return self


@dataclass(frozen=True, kw_only=True)
class FeatureReport:
    """What selection found of one feature.

    Attributes
    ----------
    feature : its name.
    mutual_information : nats with the direction above what chance gives; NaN where it was screened out before.
    information_score : the same in standard deviations of chance, by which features are compared.
    information_coefficient : rank correlation with the forward return over the training rows.
    stability : 0 to 1; see :func:`~tradewind.features.selection.relevance.stability`.
    kept : whether models see it.
    reason : why it was dropped or kept.
    """

    feature: str
    mutual_information: float = math.nan
    information_score: float = math.nan
    information_coefficient: float = math.nan
    stability: float = math.nan
    kept: bool = False
    reason: str = ""


class FeatureSelector:
    """Chooses features on the training rows of a fold: :meth:`fit`, then ``names`` and ``report``.

    In turn: drop the near-constant and mostly missing; score mutual information with the direction, information
    coefficient with the forward return and its stability over time blocks and volatility regimes; drop what repeats a
    better feature; drop what changes its sign; recursively eliminate down to ``n_features``. Only features and labels
    of the rows given are read.
    """

    def __init__(self, settings: SelectionSettings | None = None) -> None:
        self.settings = settings or SelectionSettings()
        self._names: tuple[str, ...] | None = None
        self._report: tuple[FeatureReport, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The chosen features, in the order of the dataset; NotFittedError before :meth:`fit`."""
        if self._names is None:
            raise NotFittedError("the feature selector is used before fit")
        return self._names

    @property
    def report(self) -> tuple[FeatureReport, ...]:
        """One row per candidate, in the order of the dataset; NotFittedError before :meth:`fit`."""
        if self._names is None:
            raise NotFittedError("the feature selector is used before fit")
        return self._report

    def fit(self, data: Dataset, rows: IntArray, *, seed: int) -> Self:
        """Choose features from ``rows`` of ``data``; the order of ``rows`` does not matter.

        Raises
        ------
        UsageError : a feature of ``keep`` is not in the data, fewer than 50 rows have a direction, or every feature
            is constant or missing.
        """
        rule = self.settings
        self._check_keep(data.names)
        rows = np.sort(data.labelled(np.unique(rows)))
        rows = rows[np.isfinite(data.labels.forward_return[rows])]
        if len(rows) < MIN_ROWS:
            raise UsageError(
                f"selection has {len(rows)} labelled training rows and needs {MIN_ROWS}",
                fix="lengthen the training window or narrow the label's thresholds",
            )
        rows = _thinned(data.panel.symbol_code[rows], rows, rule.max_rows, seed)
        report = {name: FeatureReport(feature=name) for name in data.names}
        column = self._screen(data, rows, report)
        left = self._choose(data, rows, column, report, seed)
        for j in left:
            name = data.names[j]
            report[name] = replace(report[name], kept=True, reason="must stay" if name in rule.keep else "chosen")
        self._names = tuple(data.names[j] for j in left)
        self._report = tuple(report.values())
        return self

    def _check_keep(self, names: tuple[str, ...]) -> None:
        for name in self.settings.keep:
            if name not in names:
                near = ", ".join(get_close_matches(name, names, n=3))
                raise UsageError(
                    f"the feature {name!r} must stay but is not among the features",
                    field="keep",
                    fix=f"did you mean {near}" if near else "name features that the data has",
                )

    def _screen(self, data: Dataset, rows: IntArray, report: dict[str, FeatureReport]) -> IntArray:
        """Return the columns that hold something: not mostly missing, not near constant."""
        good: list[int] = []
        for j, name in enumerate(data.names):
            values = data.features[rows, j]
            known = values[np.isfinite(values)]
            missing = 1.0 - len(known) / len(values)
            if name in self.settings.keep:
                good.append(j)
            elif missing > self.settings.max_missing:
                report[name] = replace(report[name], reason=f"missing in {missing:.0%} of rows")
            elif _near_constant(known.astype(np.float64)):
                report[name] = replace(report[name], reason="nearly constant")
            else:
                good.append(j)
        if not good:
            raise UsageError(
                "every feature is constant or mostly missing on the training rows",
                fix="give more history before the training window",
            )
        return np.array(good, dtype=np.int64)

    def _choose(
        self, data: Dataset, rows: IntArray, column: IntArray, report: dict[str, FeatureReport], seed: int
    ) -> IntArray:
        """Score the screened columns, drop twins, the unsteady and the weakest; return the columns that stay."""
        from scipy.stats import rankdata  # takes a second to import

        rule = self.settings
        time = data.labels.start[rows]
        rows = rows[np.argsort(time, kind="stable")]
        day = np.unique(data.labels.start[rows], return_inverse=True)[1].astype(np.int64)
        cluster = day // data.labels.horizon  # labels that overlap are not independent either
        values = data.features[rows][:, column]
        ranks = centred_ranks(values)
        direction, returns = data.labels.direction[rows], data.labels.forward_return[rows]
        symbol = np.unique(data.panel.symbol_code[rows], return_inverse=True)[1].astype(np.int64)
        moved = moved_targets(symbol, day, direction, seed)
        information, score = mutual_information(cells(ranks, np.isfinite(values)), direction, moved)
        overall = clustered_t(ranks, returns, cluster)
        parts = self._parts(data.labels.start[rows], ranks, returns, cluster)
        steady = stability(overall, parts)
        agreement = ((parts * np.sign(overall)) > 0).mean(axis=0)
        coefficient = information_coefficient(ranks, returns)
        for i, j in enumerate(column):
            report[data.names[j]] = replace(
                report[data.names[j]],
                mutual_information=float(information[i]),
                information_score=float(score[i]),
                information_coefficient=float(coefficient[i]),
                stability=float(steady[i]),
            )
        keep: BoolArray = np.isin(np.array(data.names)[column], rule.keep)
        twins = correlated(ranks, score, rule.max_correlation, keep)
        for i, other in twins.items():
            self._drop(report, data.names[column[i]], f"repeats {data.names[column[other]]}")
        left = np.array([i for i in range(len(column)) if i not in twins], dtype=np.int64)
        unsteady = left[(agreement[left] < rule.min_agreement) & ~keep[left]]
        if len(unsteady) < len(left):  # were all unsteady, the elimination would still find the best of them
            for i in unsteady:
                self._drop(report, data.names[column[i]], f"keeps its sign in {agreement[i]:.0%} of the parts")
            left = left[~np.isin(left, unsteady)]
        candidates = Candidates(
            ranks=ranks[:, left],
            target=direction,
            cluster=cluster,
            merit=rankdata(score[left]) + rankdata(steady[left]),
            keep=keep[left],
        )
        stay, fallen = eliminate(candidates, goal=rule.n_features, steps=rule.steps)
        for i, step in fallen.items():
            self._drop(report, data.names[column[left[i]]], f"eliminated in step {step}")
        return column[left[stay]]

    def _parts(self, time: TimeArray, ranks: FloatArray, returns: FloatArray, cluster: IntArray) -> FloatArray:
        """(k, p) clustered t values in each time block and volatility regime of the training rows."""
        groups = [time_blocks(time, self.settings.n_blocks), volatility_regimes(time, returns)]
        return np.stack(
            [
                clustered_t(ranks[group == part], returns[group == part], cluster[group == part])
                for group in groups
                for part in np.unique(group)
            ]
        )

    @staticmethod
    def _drop(report: dict[str, FeatureReport], name: str, reason: str) -> None:
        report[name] = replace(report[name], reason=reason)

    def to_dict(self) -> dict[str, Any]:
        """Return settings, names and report as plain JSON values (NaN as None)."""
        return {
            "settings": self.settings.model_dump(mode="json"),
            "names": list(self.names),
            "report": [
                {key: None if isinstance(v, float) and math.isnan(v) else v for key, v in asdict(row).items()}
                for row in self.report
            ],
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Rebuild a fitted selector from :meth:`to_dict`."""
        selector = cls(SelectionSettings.model_validate(value["settings"]))
        selector._names = tuple(value["names"])
        rows: list[dict[str, Any]] = [
            {key: math.nan if v is None else v for key, v in row.items()} for row in value["report"]
        ]
        selector._report = tuple(FeatureReport(**row) for row in rows)
        return selector


def _thinned(symbol: Int32Array, rows: IntArray, limit: int, seed: int) -> IntArray:
    """Return the rows of as many whole symbols, taken at random, as fit in ``limit`` rows (at least one symbol)."""
    if len(rows) <= limit:
        return rows
    code, count = np.unique(symbol, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(code))
    taken = order[: max(int((np.cumsum(count[order]) <= limit).sum()), 1)]
    return rows[np.isin(symbol, code[taken])]


def _near_constant(known: FloatArray) -> bool:
    """Tell whether nearly all of the values are one value: 99.9 % equal, or a spread within rounding."""
    if len(known) < 2:
        return True
    spread = float(known.std())
    if spread <= 1e-7 * max(abs(float(known.mean())), 1e-30):
        return True
    ordered = np.sort(known)
    width = max(int(0.999 * len(ordered)) - 1, 1)
    return bool((ordered[width:] == ordered[: len(ordered) - width]).any())
