"""LSTM over the last bars of a symbol, with one head for the direction and one for the return."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import Field
from scipy.special import expit

from tradewind.core import Dataset, Forecast, NoProgress, NotFittedError, Progress, Settings
from tradewind.core.arrays import IntArray
from tradewind.models.nets.sequences import Chunks, training_chunks, windows
from tradewind.models.storage import read_artefact, write_artefact
from tradewind.models.tail import stopping_rows
from tradewind.models.targets import Targets, targets

if TYPE_CHECKING:  # PyTorch takes seconds to import; it is loaded when a net is built
    from tradewind.models.nets.lstm_net import Lessons, TwoHeadLSTM

PREDICT_BATCH = 2048


class LSTMSettings(Settings):
    """A small net, strongly regularised, stopped early.

    ``window`` : bars that a forecast looks back on. Training reads chunks of ``span`` bars after ``burn_in`` bars, so
    a taught row has seen between ``burn_in`` and ``burn_in + span`` bars: on average ``window`` with the defaults.
    ``updates`` : optimiser steps per epoch at most; batches grow with the panel. ``tail_share`` : share of the training
    span, at its end, that decides when to stop, after ``embargo`` sessions. ``return_weight`` : of the return's loss.
    """

    window: int = Field(default=60, ge=1)
    span: int = Field(default=60, ge=1)
    burn_in: int = Field(default=30, ge=0)
    hidden: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.3, ge=0.0, lt=1.0)
    max_epochs: int = Field(default=12, ge=1)
    patience: int = Field(default=3, ge=1)
    updates: int = Field(default=40, ge=1)
    learning_rate: float = Field(default=0.003, gt=0.0)
    weight_decay: float = Field(default=0.01, ge=0.0)
    clip: float = Field(default=1.0, gt=0.0)
    return_weight: float = Field(default=0.2, ge=0.0)
    tail_share: float = Field(default=0.2, gt=0.0, lt=1.0)
    embargo: int = Field(default=0, ge=0)
    seed: int = 7


class LSTMForecaster:
    """A two-headed LSTM trained in one pass over the panel per epoch.

    The feature matrix stays one tensor; training gathers chunks of consecutive bars and learns at every taught bar
    of them, so no window is copied for each row. A forecast of a row reads exactly its last ``window`` bars, fewer
    at a symbol's start. Equal seeds give equal forecasts: one thread is used, CPU kernels are
    deterministic, and the global random state is left as it was.
    """

    name = "lstm"

    def __init__(self, settings: LSTMSettings | None = None, *, progress: Progress | None = None) -> None:
        self.settings = settings or LSTMSettings()
        self._progress = progress or NoProgress()
        self._net: TwoHeadLSTM | None = None
        self._scale = 1.0

    def fresh(self) -> Self:
        """Return a new, not fitted model of the same settings."""
        return type(self)(self.settings, progress=self._progress)

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Train on ``rows`` of ``data``; features must be finite, and bars before ``rows`` are only looked back on."""
        import torch

        from tradewind.models.nets.lstm_net import Schedule, TwoHeadLSTM, one_thread, train

        s = self.settings
        parts = stopping_rows(data, rows, s.tail_share, s.embargo)
        body = rows if parts is None else parts[0]
        everything, known = targets(data, rows), targets(data, body)
        spread = float(known.returns.std()) if len(known.returns) > 1 else 0.0
        self._scale = spread if spread > 0.0 else 1.0
        rng = np.random.default_rng(s.seed)

        def cut(epoch: int) -> Chunks:
            phase = int(rng.integers(s.span)) if epoch else 0
            return training_chunks(data, body, span=s.span, burn_in=s.burn_in, phase=phase)

        tail = None if parts is None else training_chunks(data, parts[1], span=s.span, burn_in=s.burn_in)
        with one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(s.seed)
            net = TwoHeadLSTM(data.features.shape[1], s.hidden, s.dropout)
            with torch.no_grad():
                net.heads.bias[0] = 0.0  # rises and falls weigh the same
            train(
                net,
                _lessons(data, everything, self._scale),
                cut,
                tail,
                Schedule(
                    epochs=s.max_epochs,
                    patience=s.patience,
                    updates=s.updates,
                    learning_rate=s.learning_rate,
                    weight_decay=s.weight_decay,
                    clip=s.clip,
                    return_weight=s.return_weight,
                ),
                lambda epoch: self._progress.update("lstm", epoch, s.max_epochs),
            )
        self._net = net
        return self

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        net = self._fitted()
        import torch

        from tradewind.models.nets.lstm_net import forecast

        features = torch.from_numpy(np.require(data.features, np.float32, ["C", "W"]))
        heads = [np.empty((0, 2))]
        for start in range(0, len(rows), PREDICT_BATCH):
            index, place = windows(data, rows[start : start + PREDICT_BATCH], self.settings.window)
            heads.append(forecast(net, features, index, place))
        logit, scaled = np.concatenate(heads).T
        return Forecast.point(rows, expit(logit), scaled * self._scale)

    def save(self, folder: Path) -> None:
        """Write the weights and settings into ``folder``."""
        net = self._fitted()
        from tradewind.models.nets.lstm_net import state_bytes

        state = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale,
            "n_features": net.lstm.input_size,
        }
        write_artefact(folder, self.name, state, {"weights.pt": state_bytes(net)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        from tradewind.models.nets.lstm_net import TwoHeadLSTM, load_state

        one = cls(LSTMSettings(**artefact.state["settings"]))
        net = TwoHeadLSTM(int(artefact.state["n_features"]), one.settings.hidden, one.settings.dropout)
        load_state(net, artefact.files["weights.pt"])
        one._net, one._scale = net, float(artefact.state["scale"])
        return one

    def _fitted(self) -> TwoHeadLSTM:
        if self._net is None:
            raise NotFittedError("the LSTM is used before it is fitted")
        return self._net


def _lessons(data: Dataset, known: Targets, scale: float) -> Lessons:
    """Return the tensors of training; rows that are not in ``known`` hold NaN."""
    import torch

    from tradewind.models.nets.lstm_net import Lessons

    direction, returns, weight = (np.full(len(data), fill, dtype=np.float32) for fill in (np.nan, np.nan, 1.0))
    direction[known.direction_rows] = known.direction
    returns[known.return_rows] = known.returns / scale
    weight[known.direction_rows] = known.direction_weight
    return Lessons(
        features=torch.from_numpy(np.require(data.features, np.float32, ["C", "W"])),
        direction=torch.from_numpy(direction),
        returns=torch.from_numpy(returns),
        weight=torch.from_numpy(weight),
    )
