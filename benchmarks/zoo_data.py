"""The data sets of the model table: features computed and prepared once, with statistics of the training rows alone."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

import tradewind
from tradewind.core import Dataset, News
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.files import atomic_path
from tradewind.core.ids import array_id, content_id
from tradewind.data import MarketSettings, read_news, read_prices, read_universe, simulate
from tradewind.features import LabelSettings, RowSlices, TextHead, row_slices
from tradewind.quality import mark_occasions
from tradewind.training import Preprocessor, TrainingSettings, build_dataset
from tradewind.training.model import only_labels, with_head
from tradewind.validation import Split, holdout, purged_blocks

CACHE = Path(__file__).parents[1] / "out" / "zoo"
ACL18_LABEL = LabelSettings(up=0.0055, down=-0.005)
SIMULATED_DAYS = 600
SIMULATED_SYMBOLS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A data set as the models see it.

    Attributes
    ----------
    data : prepared columns, and the true labels of all rows: hide those outside ``train`` before a fit.
    train, test : rows of the training and of the validation span.
    inner : the ensemble's blocks inside the training rows: rows to fit on, rows to forecast, and the data prepared
        from the first alone.
    ceiling : best accuracy in expectation on the test rows; None where nobody knows it.
    key : id of everything above.
    """

    name: str
    data: Dataset
    train: IntArray
    test: IntArray
    inner: tuple[tuple[IntArray, IntArray, Dataset], ...]
    slices: RowSlices
    ceiling: float | None
    key: str

    @property
    def visible(self) -> Dataset:
        """The data with the labels outside the training rows hidden."""
        return only_labels(self.data, self.train)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a data set comes from. ``only``: the models to run on it, all where None."""

    name: str
    title: str
    remark: str
    make: Callable[[Path], Prepared]
    only: tuple[str, ...] | None = None


def prepare(
    name: str,
    raw: Dataset,
    split: Split,
    *,
    news: News | None = None,
    settings: TrainingSettings | None = None,
    best: FloatArray | None = None,
) -> Prepared:
    """Return ``raw`` prepared as the training pipeline does; ``best``: (n,) expected accuracy of the best forecast."""
    settings = settings or TrainingSettings()
    rows = split.train
    seen = only_labels(raw, rows)
    if news is not None:
        head = TextHead().fit(seen.panel, seen.labels, news, rows, seed=settings.seed)
        seen = with_head(seen, head.transform(seen.panel, news))
    occasions = None if news is None else mark_occasions(seen.panel, news=news)

    def prepared_on(chosen: IntArray) -> Dataset:
        preprocessor = Preprocessor(settings.preprocess, settings.selection)
        preprocessor.fit(only_labels(seen, chosen), chosen, seed=settings.seed, occasions=occasions)
        return preprocessor.transform(seen, occasions=occasions)

    data = replace(prepared_on(rows), labels=raw.labels)
    blocks = purged_blocks(rows, seen.labels.start, seen.labels.end, settings.ensemble.inner_folds)
    inner = tuple((fitted, block, prepared_on(fitted)) for fitted, block in blocks)
    labels = raw.labels
    features = [data.features, *(part.features for _, _, part in inner)]
    arrays = [*features, labels.direction, labels.forward_return, split.train, split.test]
    return Prepared(
        name=name,
        data=data,
        train=split.train,
        test=split.test,
        inner=inner,
        slices=row_slices(raw.panel),
        ceiling=None if best is None else float(np.nanmean(best[data.labelled(split.test)])),
        key=content_id(raw.panel.id, list(data.names), array_id(arrays)),
    )


def acl18(folder: Path, *, with_news: bool) -> Prepared:
    """Return ACL18 to September 2015; training ends with May."""
    universe = read_universe(folder / "acl18" / "universe.csv")
    panel = read_prices(folder / "acl18" / "prices.parquet", universe=universe)
    news = read_news(folder / "acl18" / "news.parquet") if with_news else None
    raw = build_dataset(panel, news, label=ACL18_LABEL)
    split = _holdout(raw, "2015-05-31", "2015-06-01", "2015-09-30")
    return prepare("acl18" if with_news else "acl18_no_news", raw, split, news=news)


def kdd17(folder: Path) -> Prepared:
    """Return KDD17 to December 2015; training ends with 2013."""
    raw = build_dataset(read_prices(folder / "kdd17" / "prices.parquet"))
    return prepare("kdd17", raw, _holdout(raw, "2013-12-31", "2014-01-01", "2015-12-30"))


def simulated(name: str, settings: MarketSettings, *, with_news: bool = True) -> Prepared:
    """Return a simulated market; the last quarter of its days is forecast."""
    market = simulate(settings)
    news = market.news if with_news else None
    raw = build_dataset(market.panel, news)
    days = market.panel.times.astype("datetime64[D]")
    cut = 3 * len(days) // 4
    split = _holdout(raw, str(days[cut - 1]), str(days[cut]), str(days[-2]))
    p, seen = market.probability, market.observer_probability
    return prepare(name, raw, split, news=news, best=np.where(seen >= 0.5, p, 1.0 - p))


def _holdout(raw: Dataset, train_end: str, test_start: str, test_end: str) -> Split:
    labels = raw.labels
    return holdout(labels.start, labels.end, train_end=train_end, test_start=test_start, test_end=test_end)


def _market(kind: str, ceiling: float, **more: float) -> MarketSettings:
    base = {"n_symbols": SIMULATED_SYMBOLS, "n_days": SIMULATED_DAYS, "seed": 11}
    return MarketSettings.model_validate({**base, "kind": kind, "ceiling": ceiling, **more})


def _source(name: str, title: str, market: MarketSettings, remark: str) -> Source:
    return Source(name=name, title=f"Simulated: {title}", remark=remark, make=lambda _: simulated(name, market))


DEFAULT_MEMBERS = TrainingSettings().models
NEWS_MARKET = _market("news", 0.8, news_rate=0.5)
SOURCES = (
    Source(
        name="acl18",
        title="ACL18, validation June to September 2015",
        remark="88 US stocks with tweets, fitted on everything to May 2015. A rise is a move of at least 0.55 %, a "
        "fall of at least 0.5 %; what lies between has no label.",
        make=lambda folder: acl18(folder, with_news=True),
    ),
    Source(
        name="kdd17",
        title="KDD17, validation 2014 and 2015",
        remark="50 US stocks, fitted once on 2007 to 2013. The label is the sign of the next move.",
        make=kdd17,
    ),
    _source(
        "random_walk",
        "random walk",
        _market("random_walk", 0.5),
        "Nothing can be known: an honest model stays at 50 %.",
    ),
    _source(
        "momentum",
        "momentum",
        _market("momentum", 0.65),
        "The next move has the sign of the last five days' return, 65 times of 100.",
    ),
    _source(
        "regimes",
        "switching regimes",
        _market("regimes", 0.7),
        "A hidden chain switches between random walk, momentum and reversal.",
    ),
    _source("news", "news", NEWS_MARKET, "Half of the rows have news, which the next move follows 80 times of 100."),
    _source(
        "lead_lag",
        "leaders and followers",
        _market("cross_section", 0.65),
        "A sector's largest stock moves today as its followers will tomorrow, 65 times of 100.",
    ),
    Source(
        name="acl18_no_news",
        title="ACL18 without tweets",
        remark="",
        make=lambda folder: acl18(folder, with_news=False),
        only=DEFAULT_MEMBERS,
    ),
    Source(
        name="news_no_news",
        title="Simulated: news, without reading them",
        remark="",
        make=lambda _: simulated("news_no_news", NEWS_MARKET, with_news=False),
        only=DEFAULT_MEMBERS,
    ),
)


def made(source: Source, folder: Path) -> Prepared:
    """Return the data of ``source``, kept for the worker processes; made again only where code or files changed."""
    key = content_id(source.name, _code(), _files(folder))
    mark = CACHE / "data" / f"{source.name}.key"
    if not (mark.exists() and mark.read_text(encoding="utf-8") == key):
        load.cache_clear()
        with atomic_path(CACHE / "data" / f"{source.name}.pickle") as draft:
            draft.write_bytes(pickle.dumps(source.make(folder), protocol=pickle.HIGHEST_PROTOCOL))
        mark.write_text(key, encoding="utf-8")
    return load(source.name)


def _code() -> str:
    """Return the id of the code that data come from."""
    root = Path(tradewind.__file__).parent
    folders = ("core", "data", "features", "quality", "validation")
    files = [Path(__file__), *(file for name in folders for file in sorted((root / name).rglob("*.py")))]
    files += [root / "training" / f"{name}.py" for name in ("dataset", "preprocess")]
    return content_id([file.read_text(encoding="utf-8") for file in files])


def _files(folder: Path) -> list[tuple[str, int, int]]:
    """Return name, size and time of change of the data files."""
    found = sorted(file for file in folder.glob("*/*") if file.is_file())
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in found]


@lru_cache(maxsize=2)
def load(name: str) -> Prepared:
    """Return what :func:`made` kept in this run."""
    found: Prepared = pickle.loads((CACHE / "data" / f"{name}.pickle").read_bytes())
    return found
