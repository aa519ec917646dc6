"""From bars and news to the dataset models are fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from tradewind.core import Dataset, News, NoProgress, Panel, Progress
from tradewind.features import LabelSettings, TextScorer, compute_features, make_labels


def build_dataset(
    panel: Panel,
    news: News | None = None,
    *,
    label: LabelSettings | None = None,
    names: Sequence[str] | None = None,
    scorer: TextScorer | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Return features and labels of every row of ``panel``.

    Parameters
    ----------
    label : thresholds and horizon of the label; the sign of the next bar's return when None.
    names : features to compute; every registered one whose input is there when None.
    scorer : how texts are scored; the embedded lexicon when None.

    Raises
    ------
    UsageError : a name in ``names`` is not a registered feature.
    """
    matrix = compute_features(panel, news, names=names, scorer=scorer, progress=progress or NoProgress())
    return Dataset(
        panel=panel,
        features=matrix.values,
        names=matrix.names,
        labels=make_labels(panel, label or LabelSettings()),
    )


def feature_table(
    panel: Panel,
    news: News | None = None,
    *,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Return the features of ``panel`` as a table: symbol, date and one column per feature."""
    matrix = compute_features(panel, news, names=names, progress=progress or NoProgress())
    keys = {"symbol": np.array(panel.symbols)[panel.symbol_code], "date": panel.time}
    return pl.DataFrame({**keys, **{name: matrix.values[:, i] for i, name in enumerate(matrix.names)}})
