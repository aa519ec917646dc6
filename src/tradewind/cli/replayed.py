"""A saved model and one of its forecasts, read for the commands that run it again under changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tradewind.cli.explanation import rows_of
from tradewind.cli.inputs import InputFiles, Market, read_market
from tradewind.core import Dataset
from tradewind.core.arrays import as_time
from tradewind.explain.what_if.replay import Replay, raw_features
from tradewind.training import TrainedModel, build_dataset, scorer_of


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A model and the data it is asked about: raw features of every bar, only those the model reads."""

    model: TrainedModel
    market: Market
    data: Dataset

    def replay(self, symbol: str, day: date | None) -> Replay:
        """Return the forecast of ``symbol`` on ``day`` (its last bar when None).

        Raises
        ------
        UsageError : there is no such symbol or bar, or the model learned from that day.
        """
        rows = rows_of(self.market.panel, as_time(self.model.record["trained_until"]), symbol, day)
        return Replay(self.model, self.data, int(rows[0]), self.market.news)


def load(model: Path, files: InputFiles) -> Loaded:
    """Read the model and the files, and compute the features it reads."""
    trained = TrainedModel.load(model)
    market = read_market(files)
    data = build_dataset(
        market.panel,
        market.news,
        label=trained.settings.label,
        names=raw_features(trained),
        scorer=scorer_of(trained.settings.text),
    )
    return Loaded(model=trained, market=market, data=data)
