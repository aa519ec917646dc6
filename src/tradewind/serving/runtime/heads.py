"""The engine that gives what loaded versions read, forecasts of their text models among it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from tradewind.core import InputError, UsageError
from tradewind.features import FinBERTScorer, MiniLMEmbedder, TextHead
from tradewind.features.online import HeadedEngine, OnlineFeatures, SliceEngine
from tradewind.features.text import TextEmbedder, TextScorer
from tradewind.serving.runtime.loaded import LoadedModel


def head_columns(models: Sequence[LoadedModel]) -> tuple[str, ...]:
    """Return the columns of the models' text models, each once."""
    found = (model.head_column for model in models)
    return tuple(dict.fromkeys(name for name in found if name is not None))


def with_heads(models: Sequence[LoadedModel], names: Sequence[str]) -> tuple[str, ...]:
    """Return ``names`` with the columns of the models' text models behind them, those that are not among them."""
    return tuple(dict.fromkeys([*names, *head_columns(models)]))


def engine_for(
    models: Sequence[LoadedModel],
    symbols: Sequence[str],
    sectors: Sequence[str],
    names: Sequence[str],
    *,
    fear: bool,
    news: bool,
) -> SliceEngine:
    """Return an engine whose columns are ``with_heads(models, names)``.

    Parameters
    ----------
    models : loaded versions; those without a text model add nothing.
    symbols, sectors : the universe, as for :class:`~tradewind.features.online.OnlineFeatures`.
    names : features wanted, perhaps columns of text models among them.
    fear, news : whether the stream has a fear index, and news.

    Raises
    ------
    UsageError : a feature is unknown or its input is missing, news of a text model among them; or versions were trained
        on different scorers of tone.
    InputError : a text model cannot be read. MissingExtraError : its embedder is not installed.
    """
    columns = with_heads(models, names)
    wanted = head_columns(models)
    plain = tuple(name for name in columns if name not in wanted)
    engine = OnlineFeatures(symbols, sectors, plain, fear=fear, news=news, scorer=_scorer(models) if news else None)
    if not wanted:
        return engine
    read = {model.head_column: model for model in models if model.head_column is not None}
    if not news:
        ref = read[wanted[0]].ref
        raise UsageError(f"{ref} reads news, and the stream has none", fix="stream news as well: --news")
    heads = {name: load_head(read[name].folder / "head") for name in wanted}
    return HeadedEngine(engine, heads, columns)


def _scorer(models: Sequence[LoadedModel]) -> TextScorer | None:
    """Return the scorer that the versions were trained on; None for the embedded lexicon."""
    by_scorer = {str(model.about.get("scorer") or "lexicon"): model.ref for model in models}
    if len(by_scorer) > 1:
        (one, first), (other, second) = list(by_scorer.items())[:2]
        raise UsageError(
            f"{first} was trained on tone scored by {one}, {second} by {other}: one stream of features cannot be both",
            fix="serve them by two servers, or train one again",
        )
    return FinBERTScorer() if "finbert" in by_scorer else None


def load_head(folder: Path) -> TextHead:
    """Return the text model in ``folder`` with the embedder it was fitted on.

    Raises
    ------
    InputError : it is absent or damaged. UsageError : its embedder is not known here.
    """
    path = folder / "text_head.json"
    try:
        embedder = json.loads(path.read_text(encoding="utf-8"))["embedder"]
        return TextHead.load(folder, embedder=_embedder(embedder))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise InputError(
            f"cannot be read as a text model ({error})", file=path, fix="export the model again"
        ) from error


def _embedder(name: str | None) -> TextEmbedder | None:
    return MiniLMEmbedder() if name == MiniLMEmbedder.name else None
