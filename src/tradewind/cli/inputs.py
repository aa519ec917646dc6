"""Read what the shared flags name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tradewind.cli.show import LiveProgress, warn
from tradewind.core import Dataset, News, Panel, UsageError
from tradewind.data import Universe, check_news_covers, read_news, read_prices, read_universe
from tradewind.features import LabelSettings
from tradewind.training import TrainingSettings, build_dataset, scorer_of


@dataclass(frozen=True, kw_only=True)
class InputFiles:
    """The files a command was given."""

    prices: Path
    news: Path | None = None
    universe: Path | None = None
    fear: Path | None = None
    quarantine: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Market:
    """What the files hold."""

    panel: Panel
    news: News | None
    universe: Universe | None


def read_market(files: InputFiles) -> Market:
    """Read and check the files; InputError names the first fault."""
    universe = read_universe(files.universe) if files.universe else None
    panel = read_prices(files.prices, universe=universe, fear=files.fear, quarantine=files.quarantine)
    news = None
    if files.news:
        news = read_news(files.news, quarantine=_beside(files.quarantine))
        check_news_covers(news, panel, files.news)
    if files.quarantine is not None and files.quarantine.exists():
        warn(f"bad rows were left out and written to {files.quarantine}")
    return Market(panel=panel, news=news, universe=universe)


def _beside(quarantine: Path | None) -> Path | None:
    return quarantine.with_stem(f"{quarantine.stem}_news") if quarantine else None


def label_settings(kind: str | None, up: float | None, down: float | None) -> LabelSettings | None:
    """Return the label that --label, --up and --down ask for, None where they say nothing."""
    if kind not in {None, "sign", "updown"}:
        raise UsageError(f"--label {kind!r} is not known", fix="use --label sign or --label updown")
    if kind != "updown":
        if up is not None or down is not None:
            raise UsageError("--up and --down have no meaning without --label updown", fix="add --label updown")
        return LabelSettings() if kind else None
    high, low = 0.0055 if up is None else up, -0.005 if down is None else down
    if low > high:
        raise UsageError(f"--down {low} lies above --up {high}", fix="give a --down that is not above --up")
    return LabelSettings(up=high, down=low)


def dataset_of(market: Market, settings: TrainingSettings) -> Dataset:
    """Compute features and labels with a live progress display."""
    with LiveProgress() as progress:
        scorer = scorer_of(settings.text)
        return build_dataset(market.panel, market.news, label=settings.label, scorer=scorer, progress=progress)
