"""What a server is made of: where its state lies, what it reads, which of its parts run here."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tradewind.core import Settings
from tradewind.serving.rollout import AgreementRule, Experiment
from tradewind.serving.runtime import BatchSettings
from tradewind.serving.watch.spool import SpoolSettings
from tradewind.serving.watch.traces import TraceSettings


class NodeSettings(Settings):
    """How one server process is made.

    Attributes
    ----------
    state : folder of all it keeps: log, features, predictions, spool. One server at a time uses it.
    deployment : file that says which symbols are served, and which artefact answers in which role.
    role : ``all`` and ``features`` compute features and predictions, and answer; ``api`` answers from what another
        process computes, through Redis and the log.
    log : place of the event log, a folder or ``kafka://...``; None: a folder in ``state``.
    redis : URL of Redis, the shared cache and feature store.
    features : ``model``: what the versions read; ``all``: all there are, so that any approved version can follow.
    fear, news : whether the stream has a fear index, and news.
    grace : seconds a slice waits for bars that are missing.
    keep : slices that late data can still correct.
    too_old : what is done with data for slices that are no longer kept: ``refuse`` it, with an event, or ``rebuild``
        all features from the start of the log.
    checkpoint_every : seconds between checkpoints of the features.
    reload_every : seconds between looks at the deployment.
    publish : whether predictions are written to the topic ``predictions``.
    experiment : an A/B test or canary. agreement : when champion and student agree.
    auditor : command of the process that drains the spool; empty: nobody is told what was served.
    explainer : command of the process that explains; empty: explanations are refused.
    """

    state: Path
    deployment: Path
    role: Literal["all", "features", "api"] = "all"
    log: str | None = None
    redis: str | None = Field(default=None, repr=False)
    features: Literal["model", "all"] = "all"
    fear: bool = False
    news: bool = False
    grace: float = Field(default=0.25, ge=0.0)
    keep: int = Field(default=320, ge=1)
    too_old: Literal["refuse", "rebuild"] = "refuse"
    checkpoint_every: float = Field(default=5.0, gt=0.0)
    reload_every: float = Field(default=1.0, gt=0.0)
    publish: bool = True
    experiment: Experiment | None = None
    agreement: AgreementRule = AgreementRule()
    batch: BatchSettings = BatchSettings()
    spool: SpoolSettings = SpoolSettings()
    traces: TraceSettings = TraceSettings()
    auditor: tuple[str, ...] = ()
    explainer: tuple[str, ...] = ()

    @property
    def log_place(self) -> str:
        """Where the event log is."""
        return self.log or str(self.state / "log")
