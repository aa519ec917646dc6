"""What was done: enough to name a run, compare it and do it again."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.ids import array_id, content_id

ENGINES = ("numpy", "polars", "scikit-learn", "torch", "xgboost-cpu")


@dataclass(frozen=True, kw_only=True)
class FoldRecord:
    """One fit: the span it learned from, the span it forecast, and what it chose.

    Attributes
    ----------
    train_start, train_end, test_start, test_end : ISO dates; no label known after ``train_end`` was used.
    train_rows, test_rows : number of rows.
    features : columns the members saw, missing flags included.
    weights : weight of each member in the ensemble.
    seconds : wall time of the fit and the forecast.
    """

    train_start: str
    train_end: str
    test_start: str
    test_end: str
    train_rows: int
    test_rows: int
    features: tuple[str, ...]
    weights: dict[str, float]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)


def news_id(news: News | None) -> str | None:
    """Return a content hash of the news, None where there is none."""
    if news is None:
        return None
    texts = np.frombuffer("\x00".join(str(text) for text in news.text).encode(), dtype=np.uint8)
    symbols = np.frombuffer("\x00".join(str(symbol) for symbol in news.symbol).encode(), dtype=np.uint8)
    return array_id([symbols, news.published_at, texts])


def data_record(panel: Panel, news: News | None) -> dict[str, Any]:
    """Return what identifies the data: content hashes, number of symbols, bars and items, first and last day."""
    return {
        "panel": panel.id,
        "news": news_id(news),
        "symbols": panel.n_symbols,
        "bars": len(panel),
        "items": 0 if news is None else len(news),
        "first": str(panel.times[0].astype("datetime64[D]")),
        "last": str(panel.times[-1].astype("datetime64[D]")),
    }


@cache
def source_id() -> str:
    """Return a content hash of Tradewind's own source files: it changes with every change of the code."""
    root = Path(__file__).parents[1]
    return content_id([(str(path.relative_to(root)), path.read_text("utf-8")) for path in sorted(root.rglob("*.py"))])


def code_record() -> dict[str, str]:
    """Return the versions of Tradewind (and a hash of its source), Python and the engines."""
    return {
        "tradewind": version("tradewind"),
        "source": source_id(),
        "python": platform.python_version(),
        **{name: version(name) for name in ENGINES},
    }
