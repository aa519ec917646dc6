"""The model of one scheme: members, stacked and calibrated on rows that none of them was fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray
from tradewind.core.errors import UsageError
from tradewind.surveillance.evaluation.curves import precision_recall
from tradewind.surveillance.learning.folds import Fold
from tradewind.surveillance.learning.imbalance import Balancing
from tradewind.surveillance.learning.members import MEMBERS, Members
from tradewind.surveillance.learning.negatives import thinned
from tradewind.surveillance.learning.settings import SchemeModelSettings
from tradewind.surveillance.learning.sieve import Sieve, cheap_columns, least_odds
from tradewind.surveillance.learning.stacking import Stack
from tradewind.surveillance.learning.table import SchemeTable
from tradewind.surveillance.schemes import Scheme

PIECES = (*MEMBERS, "calibration")
"""What an alert's contributions are of; they sum to the log odds of its score."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SchemeModel:
    """Scores candidates of one scheme.

    Attributes
    ----------
    names : columns it reads, in order.
    sieve : what does not pass it is scored 0.
    """

    scheme: Scheme
    names: tuple[str, ...]
    sieve: Sieve
    members: Members
    stack: Stack

    def score(self, values: Float32Array, rule: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return probabilities (n,) and pieces (n, 5) of :data:`PIECES`, for ``values`` (n, p) and ``rule`` (n,).

        Both are 0 where the sieve holds a candidate back.

        Raises
        ------
        UsageError : the number of columns is not the one it was fitted on.
        """
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise UsageError(
                f"candidates of {self.scheme} have shape {values.shape}, the model reads {len(self.names)} columns",
                field="values",
                fix="describe candidates with the version the model was fitted with",
            )
        chance, pieces = np.zeros(len(values)), np.zeros((len(values), len(PIECES)))
        passed = self.sieve.passes(values)
        if passed.any():
            arguments = self.members.arguments(values[passed], rule[passed])
            chance[passed], pieces[passed] = expit(self.stack.log_odds(arguments)), self.stack.pieces(arguments)
        return chance, pieces

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the fitted state as arrays by name; the names of columns are not in it."""
        return {
            **self.sieve.to_arrays(),
            **self.members.to_arrays(),
            "stack.weight": self.stack.weight,
            "stack.intercept": np.array([self.stack.intercept]),
            "stack.bend": self.stack.bend,
        }

    @classmethod
    def from_arrays(cls, scheme: Scheme, names: tuple[str, ...], arrays: Mapping[str, AnyArray]) -> SchemeModel:
        """Return the model that :meth:`to_arrays` described."""
        stack = Stack(arrays["stack.weight"], float(arrays["stack.intercept"][0]), arrays["stack.bend"])
        sieve, members = Sieve.from_arrays(arrays), Members.from_arrays(arrays)
        return cls(scheme=scheme, names=names, sieve=sieve, members=members, stack=stack)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedScheme:
    """A model with what it said of rows it had not seen.

    Attributes
    ----------
    score : (n,) out-of-fold probabilities, 0 where the fold's sieve held a row back; NaN for rows no fold tested.
    arguments : (n, 4) out-of-fold arguments of the members.
    passed : (n,) what the folds' sieves let through.
    balancing : how positives were given a voice, and ``average_precision`` what each way earned out of fold.
    """

    model: SchemeModel
    score: FloatArray
    arguments: FloatArray
    passed: BoolArray
    balancing: Balancing
    average_precision: dict[str, float]


def row_weights(table: SchemeTable, venues: IntArray | None = None, level: float = 0.0) -> FloatArray:
    """Return (n,) weights with mean 1: what is told often must not count as often.

    Revisions of one episode share the weight of the square root of their number; so do the positives of one planted
    deed, however many episodes tell of it. ``level`` brings ``venues``, (markets,) where each market comes from, to the
    same weight among positives and among negatives: what is learned is to hold on a venue that nobody has seen.
    """
    told = table.episodes
    _, code = np.unique(table.deeds, return_inverse=True)
    story = np.where(table.label, code.reshape(-1), told + code.max(initial=0) + 1)
    _, group, count = np.unique(story, return_inverse=True, return_counts=True)
    weight = 1.0 / np.sqrt(count[group.reshape(-1)])
    if venues is not None and level > 0.0:
        for rows in (np.flatnonzero(table.label), np.flatnonzero(~table.label)):
            weight[rows] = _levelled(weight[rows], venues[table.market[rows]], level)
    return np.asarray(weight / weight.mean()) if len(weight) else np.empty(0)


def _levelled(weight: FloatArray, venue: IntArray, level: float) -> FloatArray:
    """Return ``weight`` (n,) of the same sum, that of each venue brought to the power of one less ``level``."""
    share = np.bincount(venue, weight)[venue]
    levelled = weight * share**-level
    return levelled * (weight.sum() / levelled.sum()) if len(weight) else weight


def fit_scheme(
    table: SchemeTable, folds: Sequence[Fold], settings: SchemeModelSettings, venues: IntArray | None = None
) -> FittedScheme:
    """Fit the model of one scheme; ``venues`` as in :func:`row_weights`.

    For each fold a sieve and members are fitted on its training rows and speak of its test rows; weights and
    calibration are fitted on those, and for the out-of-fold scores on those of the *other* folds. The sieve's bar is
    the one that what was found out of fold would have passed. Then sieve and members are fitted on all rows.

    Raises
    ------
    UsageError : no fold, or one class alone.
    """
    if not folds or not 0 < table.label.sum() < len(table):
        raise UsageError(
            f"candidates of {table.scheme} hold {int(table.label.sum())} true ones among {len(table)}, in "
            f"{len(folds)} folds; a model needs both kinds",
            fix="collect more markets in which the scheme is planted",
        )
    weight = row_weights(table, venues, settings.level)
    cheap = cheap_columns(table.names, settings.sieve.dear)
    sieved = [
        (fold, Sieve.fit(table.values[fold.train], table.label[fold.train], weight[fold.train], cheap, settings))
        for fold in folds
    ]
    ways = list(Balancing) if settings.balancing is None else [settings.balancing]
    tried = {way: _out_of_fold(table, sieved, weight, settings, way) for way in ways}
    earned = {way: _average_precision(table, folds, found) for way, found in tried.items()}
    chosen = _choose(earned)
    arguments = tried[chosen]
    score = np.full(len(table), np.nan)
    tested: BoolArray = np.all(np.isfinite(arguments), axis=1)
    for fold in folds:
        others = tested.copy()
        others[fold.test] = False
        if not 0 < table.label[others].sum() < others.sum():
            others = tested
        stack = Stack.fit(arguments[others], table.label[others], weight[others])
        score[fold.test] = expit(stack.log_odds(arguments[fold.test]))
    passed, bar = _sifted(table, sieved, score, settings)
    whole = Sieve.fit(table.values, table.label, weight, cheap, settings).with_bar(bar)
    model = SchemeModel(
        scheme=table.scheme,
        names=table.names,
        sieve=whole,
        members=_members(table, np.arange(len(table)), weight, whole, settings, chosen),
        stack=Stack.fit(arguments[tested], table.label[tested], weight[tested]),
    )
    return FittedScheme(
        model=model,
        score=np.where(passed, score, 0.0),
        arguments=arguments,
        passed=passed,
        balancing=chosen,
        average_precision={way.value: float(np.mean(list(by_fold))) for way, by_fold in earned.items()},
    )


def _out_of_fold(
    table: SchemeTable,
    folds: Sequence[tuple[Fold, Sieve]],
    weight: FloatArray,
    settings: SchemeModelSettings,
    way: Balancing,
) -> FloatArray:
    told = np.full((len(table), len(MEMBERS)), np.nan)
    for fold, sieve in folds:
        members = _members(table, fold.train, weight, sieve, settings, way)
        told[fold.test] = members.arguments(table.values[fold.test], table.rule[fold.test])
    return told


def _members(
    table: SchemeTable, rows: IntArray, weight: FloatArray, sieve: Sieve, settings: SchemeModelSettings, way: Balancing
) -> Members:
    """Fit members on training ``rows``: all that is true and, of the rest, above all what the sieve takes for it."""
    values = table.values[rows]
    learned = thinned(values, table.label[rows], weight[rows], settings, sieve.chance(values))
    return Members.fit(*learned, table.monotone, settings, way)


def _sifted(
    table: SchemeTable, folds: Sequence[tuple[Fold, Sieve]], score: FloatArray, settings: SchemeModelSettings
) -> tuple[BoolArray, float]:
    """Return (n,) what passes the sieves of models that had not seen it, and the bar of it all."""
    odds = np.full(len(table), np.inf)
    for fold, sieve in folds:
        odds[fold.test] = sieve.log_odds(table.values[fold.test])
    found = np.flatnonzero(table.label & (score >= settings.sieve.heard))
    bar = least_odds(odds[found], table.deeds[found], settings.sieve.lost)
    return odds >= bar, bar


def _average_precision(table: SchemeTable, folds: Sequence[Fold], told: FloatArray) -> FloatArray:
    """Return the trees' average precision over episodes in each fold that tests a positive."""
    trees = told[:, MEMBERS.index("trees")]
    found = []
    for fold in folds:
        score, label = by_episode(table.episodes[fold.test], trees[fold.test], table.label[fold.test])
        if label.any():
            found.append(precision_recall(score, label, score[label]).average_precision)
    return np.array(found) if found else np.zeros(1)


def _choose(earned: Mapping[Balancing, FloatArray]) -> Balancing:
    """Return the way that earns most, but another than the first only where it does so by a standard error."""
    first = next(iter(earned))
    best = first
    for way, by_fold in earned.items():
        gain = by_fold - earned[best]
        error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else 0.0
        if float(gain.mean()) > error:
            best = way
    return best


def by_episode(episode: FloatArray | AnyArray, score: FloatArray, label: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Return the highest score of each episode and whether any of its rows is true."""
    _, code = np.unique(episode, return_inverse=True)
    code = code.reshape(-1)
    count = int(code.max(initial=-1)) + 1
    highest = np.full(count, -np.inf)
    np.maximum.at(highest, code, score)
    return highest, np.bincount(code, label.astype(float), minlength=count) > 0
