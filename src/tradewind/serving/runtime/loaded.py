"""A loaded artefact as the model that the server asks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tradewind.core import InputError, UsageError
from tradewind.models.engines import Joined, Pipeline, read_pipeline, remeasured
from tradewind.models.engines.measure import sampled_rows
from tradewind.serving.contracts import Answers, ModelRows

WARM_SIZES = (1, 2, 16)
HEAD_FILES = ("text_head.json", "text_head.npz")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedModel:
    """One version, ready; a :class:`~tradewind.serving.contracts.ServedModel` that threads may share.

    ``baseline`` : the baseline that answers in the model's place, None for the model itself.
    """

    folder: Path
    pipeline: Pipeline
    baseline: str | None = None

    @property
    def ref(self) -> str:
        """``name/version``, with ``:baseline`` behind it where a baseline answers."""
        ref = str(self.pipeline.about["ref"])
        return ref if self.baseline is None else f"{ref}:{self.baseline}"

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Raw features it reads, the columns of ``ModelRows``; that of its text model is :attr:`head_column`."""
        head = self.about.get("head")
        return tuple(name if name != head else str(self.head_column) for name in self.pipeline.features)

    @property
    def window(self) -> int:
        """Bars it looks back on, the row itself among them."""
        return self.pipeline.window

    @property
    def about(self) -> Mapping[str, Any]:
        """What the manifest says: ``origin_sha256``, ``tolerance``, ``train``, and ``head``, a text model's column."""
        return self.pipeline.about

    @property
    def head_folder(self) -> Path | None:
        """Folder of the text model whose forecast is the column ``about["head"]``, for ``TextHead.load``; or None."""
        return None if self.about.get("head") is None else self.folder / "head"

    @cached_property
    def head_column(self) -> str | None:
        """Name of its text model's column, such as ``news_head:3f2a90c1``; None without a text model.

        The hash of the text model is part of it: two versions loaded at once must not read each other's.
        """
        if self.head_folder is None:
            return None
        digest = hashlib.sha256()
        for name in HEAD_FILES:
            digest.update((self.head_folder / name).read_bytes())
        return f"{self.about['head']}:{digest.hexdigest()[:8]}"

    @property
    def engines(self) -> dict[str, dict[int, str]]:
        """Engine of each member by rows a batch."""
        return {
            name: {choice.up_to: choice.engine for choice in member.choices}
            for name, member in self.pipeline.members.items()
        }

    @property
    def baselines(self) -> tuple[str, ...]:
        """Baselines that can answer in the model's place."""
        return tuple(self.pipeline.baselines)

    def fallback(self, name: str) -> LoadedModel:
        """Return the model with the baseline ``name`` in its place; UsageError where it was not exported."""
        if name not in self.pipeline.baselines:
            known = ", ".join(self.pipeline.baselines) or "none"
            raise UsageError(f"{self.ref} cannot fall back to {name!r}", fix=f"choose among: {known}")
        return LoadedModel(folder=self.folder, pipeline=self.pipeline, baseline=name)

    def check(self, rows: ModelRows) -> None:
        """Refuse rows that do not have the shapes the model reads; UsageError."""
        self.pipeline.check(rows)

    def predict(self, rows: ModelRows) -> Answers:
        """Forecast; equal to the model in training to the tolerance in :attr:`about`."""
        if self.baseline is not None:
            return _answers(self.pipeline.fallback(self.baseline, rows))
        return _answers(self.pipeline.predict(rows))

    def warmed(self) -> LoadedModel:
        """Return the model after it has answered batches of several sizes, so that no request waits for a first one."""
        for size in WARM_SIZES:
            self.pipeline.predict(sampled_rows(self.pipeline, size))
        return self


def load_artefact(folder: str | Path, *, remeasure: bool = False) -> LoadedModel:
    """Read, verify and warm up the artefact in ``folder``; nothing is left loaded where that fails.

    ``remeasure`` : choose engines by their times on this machine instead of those at export; takes about a second.

    Raises
    ------
    InputError : no artefact, another format, or a file that is missing or was changed; it is named.
    """
    place = Path(folder)
    pipeline = read_pipeline(place)
    if pipeline.about.get("ref") is None:
        raise InputError("names no version", file=place, fix="export the model again")
    if remeasure:
        pipeline = remeasured(pipeline)
    model = LoadedModel(folder=place, pipeline=pipeline)
    _ = model.features  # reads the text model's files while they are known to be whole
    return model.warmed()


def _answers(joined: Joined) -> Answers:
    return Answers(
        probability=joined.probability,
        expected_return=joined.expected_return,
        lower=joined.lower,
        upper=joined.upper,
        members=joined.members,
    )
