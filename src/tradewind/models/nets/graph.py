"""Graph attention over the stocks of a day: a stock's forecast listens to its peers' bars of that day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import Field
from scipy.special import expit

from tradewind.core import Dataset, Forecast, NoProgress, NotFittedError, Progress, Settings
from tradewind.core.arrays import IntArray
from tradewind.models.nets.graph_edges import PeerRule
from tradewind.models.nets.graph_market import Market
from tradewind.models.storage import read_artefact, write_artefact
from tradewind.models.tail import stopping_rows
from tradewind.models.targets import Targets, by_row, targets

if TYPE_CHECKING:  # PyTorch takes seconds to import; it is loaded when a net is built
    from tradewind.models.nets.graph_net import Lessons, PeerNet


class GraphSettings(Settings):
    """A small net over few peers, strongly regularised, stopped early.

    ``peers``, ``sector_peers`` : most correlated stocks, and stocks of the own sector, that a stock listens to; chosen
    anew every ``refresh`` calendar days from returns of the last ``window`` days, of which two stocks must share
    ``least``. ``moves`` : last daily returns among a stock's values. ``updates`` : optimiser steps per epoch at most; a
    step takes the graphs of some days. ``tail_share`` : share of the training span, at its end, that decides when to
    stop, after ``embargo`` sessions. ``return_weight`` : of the return's loss. ``parity`` : strength of the penalty
    on unequal mean probabilities of the dataset's groups; of no effect without groups.
    """

    peers: int = Field(default=8, ge=0)
    sector_peers: int = Field(default=4, ge=0)
    window: int = Field(default=120, ge=2)
    least: int = Field(default=40, ge=2)
    refresh: int = Field(default=7, ge=1)
    moves: int = Field(default=5, ge=0)
    hidden: int = Field(default=16, ge=1)
    dropout: float = Field(default=0.3, ge=0.0, lt=1.0)
    max_epochs: int = Field(default=12, ge=1)
    patience: int = Field(default=3, ge=1)
    updates: int = Field(default=40, ge=1)
    learning_rate: float = Field(default=0.003, gt=0.0)
    weight_decay: float = Field(default=0.01, ge=0.0)
    clip: float = Field(default=1.0, gt=0.0)
    return_weight: float = Field(default=0.2, ge=0.0)
    parity: float = Field(default=0.0, ge=0.0)
    tail_share: float = Field(default=0.2, gt=0.0, lt=1.0)
    embargo: int = Field(default=0, ge=0)
    seed: int = 7


class GraphForecaster:
    """A two-headed graph attention net; one step learns from whole days, each a graph of the stocks with a bar.

    Peers come from returns known before the week (:mod:`~tradewind.models.nets.graph_edges`); a peer is heard
    only where its bar of the day was known when the stock's own was. Labels of ``rows`` alone teach; bars of other
    stocks on those days are only listened to. With one symbol the net reads that symbol's own values.

    PyTorch Geometric is not needed: a day has some hundred nodes with at most a dozen peers each, so a layer is one
    gather and one small softmax in plain PyTorch, on the CPU and in a fixed order. Equal seeds give equal forecasts:
    one thread is used, and the global random state is left as it was.
    """

    name = "graph"

    def __init__(self, settings: GraphSettings | None = None, *, progress: Progress | None = None) -> None:
        self.settings = settings or GraphSettings()
        self._progress = progress or NoProgress()
        self._net: PeerNet | None = None
        self._scale = 1.0

    def fresh(self) -> Self:
        """Return a new, not fitted model of the same settings."""
        return type(self)(self.settings, progress=self._progress)

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Train on ``rows`` of ``data``; a feature that is not finite counts as 0, its mean when scaled."""
        import torch

        from tradewind.models.nets.graph_net import PeerNet, Schedule, train
        from tradewind.models.nets.learning.device import fixed_threads

        s = self.settings
        parts = stopping_rows(data, rows, s.tail_share, s.embargo)
        body, tail = (rows, rows[:0]) if parts is None else parts
        everything = targets(data, rows)
        self._scale = targets(data, body).spread
        days = (np.unique(data.panel.time_code[body]), np.unique(data.panel.time_code[tail]))
        market = self._market(data, np.concatenate(days))
        lessons = (
            _lessons(data, everything, body, self._scale),
            None if parts is None else _lessons(data, everything, tail, self._scale),
        )
        with fixed_threads(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(s.seed)
            net = PeerNet(data.features.shape[1] + s.moves, s.hidden, s.dropout)
            train(
                net,
                lessons,
                days,
                market.graph,
                Schedule(
                    epochs=s.max_epochs,
                    patience=s.patience,
                    updates=s.updates,
                    learning_rate=s.learning_rate,
                    weight_decay=s.weight_decay,
                    clip=s.clip,
                    return_weight=s.return_weight,
                    parity=s.parity,
                ),
                lambda epoch: self._progress.update(self.name, epoch, s.max_epochs),
            )
        self._net = net
        return self

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        net = self._fitted()
        from tradewind.models.nets.graph_net import heads_of

        if len(rows) == 0:
            return Forecast.point(rows, np.empty(0), np.empty(0))
        days = np.unique(data.panel.time_code[rows])
        heads = np.full((len(data), 2), np.nan)
        for some, values in heads_of(net, days, self._market(data, days).graph):
            heads[some] = values
        logit, scaled = heads[rows].T
        return Forecast.point(rows, expit(logit), scaled * self._scale)

    def save(self, folder: Path) -> None:
        """Write the weights and settings into ``folder``."""
        net = self._fitted()
        from tradewind.models.nets.modules.backbone import state_bytes

        state = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale,
            "n_values": net.first.own.in_features,
        }
        write_artefact(folder, self.name, state, {"weights.pt": state_bytes(net)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        from tradewind.models.nets.graph_net import PeerNet
        from tradewind.models.nets.modules.backbone import load_state

        one = cls(GraphSettings(**artefact.state["settings"]))
        net = PeerNet(int(artefact.state["n_values"]), one.settings.hidden, one.settings.dropout)
        load_state(net, artefact.files["weights.pt"])
        one._net, one._scale = net, float(artefact.state["scale"])
        return one

    def _market(self, data: Dataset, days: IntArray) -> Market:
        s = self.settings
        rule = PeerRule(
            correlated=s.peers, same_sector=s.sector_peers, window=s.window, least=s.least, refresh=s.refresh
        )
        return Market(data, days, rule, s.moves)

    def _fitted(self) -> PeerNet:
        if self._net is None:
            raise NotFittedError("the graph net is used before it is fitted")
        return self._net


def _lessons(data: Dataset, known: Targets, rows: IntArray, scale: float) -> Lessons:
    """Return what those rows of ``known`` teach that are among ``rows``; every other row holds NaN."""
    import torch

    from tradewind.models.nets.graph_net import Lessons

    direction, returns, weight = by_row(known, len(data), scale)
    outside = np.ones(len(data), dtype=np.bool_)
    outside[rows] = False
    direction[outside] = returns[outside] = np.nan
    return Lessons(
        direction=torch.from_numpy(direction),
        returns=torch.from_numpy(returns),
        weight=torch.from_numpy(weight),
        group=None if data.group is None else torch.from_numpy(data.group),
    )
