"""The model under examination, with the rows it learned from and later ones to examine it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from tradewind.core import Dataset, InputError, News
from tradewind.core.arrays import AnyArray, FloatArray, IntArray, as_time
from tradewind.explain.distillation.importance import Odds
from tradewind.explain.importance.permutation import OutOfSample
from tradewind.explain.probe import Explain, Probe, ensemble_odds, look_back
from tradewind.explain.shapley.explainer import Explainer
from tradewind.training import TrainedModel


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """A trained model, how it is explained, and prepared data.

    Attributes
    ----------
    data : raw features; ``prepared`` : the columns the members see, of the same rows.
    train : rows it learned from (the latest whose label was known when training ended). ``rows`` : out of sample.
    """

    model: TrainedModel
    explainer: Explainer
    data: Dataset
    prepared: Dataset
    train: IntArray
    rows: IntArray

    @classmethod
    def of(cls, model: TrainedModel, data: Dataset, rows: IntArray, news: News | None = None, *, seed: int = 7) -> Self:
        """Prepare ``data`` (raw features) and the explainer of ``model``.

        Raises
        ------
        InputError : a row lies before the last day the model learned from, or none does and there is no training row
            among the data.
        """
        prepared = model.prepare(data, news)
        learned = model.record["trained_until"]
        OutOfSample(data=prepared, rows=rows, odds=ensemble_odds(model), learned_until=learned)  # refuses seen rows
        known = np.flatnonzero(data.labels.known_by(as_time(learned)))
        if len(known) < 20:
            raise InputError(
                f"only {len(known)} rows lie in the span the model learned from, 20 are needed to compare with",
                fix="give prices that reach back to the training days",
            )
        latest = known[np.argsort(data.panel.time[known], kind="stable")][-int(model.record["train_rows"]) :]
        train = np.sort(latest)
        return cls(
            model=model,
            explainer=Explainer.of_prepared(model, prepared, train, seed=seed),
            data=data,
            prepared=prepared,
            train=train,
            rows=rows,
        )

    @property
    def odds(self) -> Odds:
        """Log odds of the ensemble for rows of prepared data."""
        return ensemble_odds(self.model)

    @property
    def out_of_sample(self) -> OutOfSample:
        """The rows to measure on."""
        learned = self.model.record["trained_until"]
        return OutOfSample(data=self.prepared, rows=self.rows, odds=self.odds, learned_until=learned)

    @property
    def explain(self) -> Explain:
        """Contributions to the log odds of rows of prepared data."""
        return explain_of(self.explainer)

    def raw(self, column: str, values: AnyArray) -> FloatArray:
        """Return prepared values of a column in raw units."""
        return self.model.preprocessor.to_raw(column, values)

    def probe(self, rows: IntArray) -> Probe:
        """Return a probe of ``rows``; UsageError where a member reads other stocks."""
        return Probe(self.prepared, rows, self.odds, look_back=look_back(self.model))

    def background(self, size: int, seed: int) -> Probe:
        """Return a probe of ``size`` training rows, those with a full window before others."""
        bars = look_back(self.model)
        full = self.train[self.prepared.bar_index[self.train] >= bars - 1]
        pool = full if len(full) >= size else self.train
        chosen = np.random.default_rng(seed).choice(pool, size=min(size, len(pool)), replace=False)
        return self.probe(np.sort(chosen))


def explain_of(explainer: Explainer) -> Explain:
    """Return the explainer as a plain function: contributions to the log odds of rows of prepared data."""
    return lambda data, rows: explainer.explain_prepared(data, rows).log_odds
