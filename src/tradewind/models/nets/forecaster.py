"""What every sequence net does: trained over the whole panel by chunks, read out at the end of a window."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

import numpy as np
from scipy.special import expit

from tradewind.core import Dataset, Forecast, NoProgress, NotFittedError, Progress
from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.core.ids import array_id, content_id
from tradewind.models.nets.attention import aligned
from tradewind.models.nets.sequences import Chunks, training_chunks, windows
from tradewind.models.nets.settings import NetSettings
from tradewind.models.storage import read_artefact, write_artefact
from tradewind.models.tail import stopping_rows
from tradewind.models.targets import Targets, by_row, targets
from tradewind.models.threads import thread_count

if TYPE_CHECKING:  # PyTorch takes seconds to import; it is loaded when a net is built
    from collections.abc import Callable

    from torch import Tensor

    from tradewind.models.nets.learning.loop import Keeping, Schedule
    from tradewind.models.nets.learning.losses import Lessons
    from tradewind.models.nets.modules.backbone import Backbone, TwoHeadNet

    _Reader = Callable[[Tensor, Tensor], Tensor]

S = TypeVar("S", bound=NetSettings)


class NetForecaster(ABC, Generic[S]):
    """A two-headed causal net; an architecture adds its settings and its backbone.

    The feature matrix stays one tensor; training gathers chunks of consecutive bars and learns at every taught bar
    of them, so no window is copied for each row. A forecast of a row reads exactly its last ``window`` bars, fewer
    at a symbol's start. On the CPU equal seeds give equal forecasts: a fixed number of threads is used, kernels are
    deterministic, and the global random state is left as it was. Features must be finite.

    ``checkpoint`` : file kept after each epoch; a fit that was cut goes on from it. It belongs to one fit: a model
    from :meth:`fresh` has none.
    """

    name: str
    settings_type: type[S]
    predict_batch = 2048
    gradient_batch = 256

    def __init__(
        self, settings: S | None = None, *, progress: Progress | None = None, checkpoint: Path | None = None
    ) -> None:
        self.settings: S = self.settings_type() if settings is None else settings
        self.checkpoint = checkpoint
        self._progress = progress or NoProgress()
        self._net: TwoHeadNet | None = None
        self._scale = 1.0

    @abstractmethod
    def backbone(self, n_features: int) -> Backbone:
        """Return a new backbone for ``n_features`` values per bar, its weights drawn from PyTorch's generator."""

    def fresh(self) -> Self:
        """Return a new, not fitted model of the same settings."""
        return type(self)(self.settings, progress=self._progress)

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Train on ``rows`` of ``data``; bars before ``rows`` are only looked back on.

        Raises
        ------
        InputError : no row has a known direction, or the checkpoint is of another fit.
        UsageError : a GPU is asked for and there is none.
        """
        from tradewind.models.nets.learning.device import fixed_threads, own_random_state, training_device
        from tradewind.models.nets.learning.loop import Course, train

        s = self.settings
        parts = stopping_rows(data, rows, s.tail_share, s.embargo)
        body = rows if parts is None else parts[0]
        everything, known = targets(data, rows), targets(data, body)
        self._scale = known.spread

        def cut(phase: int) -> Chunks:
            return training_chunks(data, body, span=s.span, burn_in=s.burn_in, phase=phase)

        device = training_device(s.device)
        tail = None if parts is None else training_chunks(data, parts[1], span=s.span, burn_in=s.burn_in)
        lessons = _lessons(data, everything, self._scale)
        course = Course(lessons=lessons.to(device), cut=cut, tail=tail)
        with fixed_threads(s.threads), own_random_state(device, s.seed):
            net = self._build(data.features.shape[1]).to(device)
            train(
                net,
                course,
                self._schedule(),
                np.random.default_rng(s.seed),
                lambda epoch: self._progress.update(self.name, epoch, s.max_epochs),
                self._keeping(lessons, body),
            )
        self._net = net.to("cpu")
        return self

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data`` on the CPU; NotFittedError before :meth:`fit`."""
        net = self._fitted()
        heads = self._by_windows(data, rows, net.at, width=2)
        logit, scaled = heads.T
        return Forecast.point(rows, expit(logit), scaled * self._scale)

    def log_odds_at(self, windows: Float32Array, place: IntArray) -> FloatArray:
        """Return the log odds of a rise (k,) at bar ``place`` (k,) of each of ``windows`` (k, w, q), on the CPU.

        A window holds consecutive prepared bars, oldest first; bars after ``place`` are not read. NotFittedError
        before :meth:`fit`.
        """
        import torch

        from tradewind.models.nets.learning.device import fixed_threads

        net = self._fitted()
        parts = [np.empty(0)]
        with fixed_threads(), torch.inference_mode():
            for start in range(0, len(windows), self.predict_batch):
                some = slice(start, start + self.predict_batch)
                heads = net.at(_tensor(windows[some]), torch.from_numpy(place[some]))
                parts.append(heads[:, 0].double().numpy().copy())
        return np.concatenate(parts)

    def input_gradients(self, windows: Float32Array, place: IntArray) -> Float32Array:
        """Return (k, w, q) derivatives of :meth:`log_odds_at` by each value of ``windows``; 0 for bars after ``place``.

        The weights gather no gradients, and dropout is off as in a forecast.
        """
        import torch

        from tradewind.models.nets.learning.device import fixed_threads

        net = self._fitted()
        slopes = np.empty(windows.shape, dtype=np.float32)

        def fill(start: int) -> None:
            some = slice(start, start + self.gradient_batch)
            with torch.enable_grad():
                values = _tensor(windows[some]).requires_grad_(True)
                logit = net.at(values, torch.from_numpy(place[some]))[:, 0]
                slopes[some] = torch.autograd.grad(logit.sum(), values)[0].numpy()

        starts = range(0, len(windows), self.gradient_batch)
        workers = min(thread_count(), len(starts))
        with fixed_threads():
            if workers <= 1:
                for start in starts:
                    fill(start)
            else:  # batches are the same whatever the number of workers, and so are the sums in them
                with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                    list(pool.map(fill, starts))
        return slopes

    def save(self, folder: Path) -> None:
        """Write the weights and settings into ``folder``."""
        net = self._fitted()
        from tradewind.models.nets.modules.backbone import state_bytes

        state = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale,
            "n_features": net.n_features,
        }
        write_artefact(folder, self.name, state, {"weights.pt": state_bytes(net)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        import torch

        from tradewind.models.nets.modules.backbone import load_state

        one = cls(cls.settings_type(**artefact.state["settings"]))
        with torch.random.fork_rng(devices=[]):
            net = one._build(int(artefact.state["n_features"]))
        load_state(net, artefact.files["weights.pt"])
        one._net, one._scale = net, float(artefact.state["scale"])
        return one

    def _build(self, n_features: int) -> TwoHeadNet:
        from tradewind.models.nets.modules.backbone import TwoHeadNet

        return TwoHeadNet(self.backbone(n_features), n_features, self.settings.dropout)

    def _schedule(self) -> Schedule:
        from tradewind.models.nets.learning.loop import Schedule
        from tradewind.models.nets.learning.losses import Penalties

        s = self.settings
        return Schedule(
            epochs=s.max_epochs,
            patience=s.patience,
            updates=s.updates,
            learning_rate=s.learning_rate,
            weight_decay=s.weight_decay,
            clip=s.clip,
            span=s.span,
            precision=s.precision,
            penalties=Penalties(
                return_weight=s.return_weight,
                l1=s.l1,
                parity=s.parity,
                adversarial=s.adversarial,
                adversarial_radius=s.adversarial_radius,
            ),
        )

    def _keeping(self, lessons: Lessons, body: IntArray) -> Keeping | None:
        if self.checkpoint is None:
            return None
        from tradewind.models.nets.learning.loop import Keeping

        taught = (lessons.features, lessons.direction, lessons.returns, lessons.weight)
        key = content_id(self.name, self.settings.id, array_id([*(part.numpy() for part in taught), body]))
        return Keeping(path=self.checkpoint, key=key)

    def _by_windows(self, data: Dataset, rows: IntArray, read: _Reader, width: int) -> FloatArray:
        """Return (m, width) of what ``read`` makes of each row's window and the row's place in it."""
        import torch

        from tradewind.models.nets.learning.device import fixed_threads

        features = torch.from_numpy(np.require(data.features, np.float32, ["C", "W"]))
        parts = [np.empty((0, width))]
        with fixed_threads(), torch.inference_mode():
            for start in range(0, len(rows), self.predict_batch):
                index, place = windows(data, rows[start : start + self.predict_batch], self.settings.window)
                values = read(features[torch.from_numpy(index)], torch.from_numpy(place))
                parts.append(values.double().numpy().copy())
        return np.concatenate(parts)

    def _fitted(self) -> TwoHeadNet:
        if self._net is None:
            raise NotFittedError(f"the {self.name} net is used before it is fitted")
        return self._net


def _tensor(windows: Float32Array) -> Tensor:
    import torch

    return torch.from_numpy(np.require(windows, np.float32, ["C", "W"]))


def read_attention(model: NetForecaster[S], data: Dataset, rows: IntArray) -> FloatArray:
    """Return (m, window) attention of a fitted model whose backbone tells it, oldest bar first, the row last."""
    from tradewind.models.nets.modules.backbone import AttentiveBackbone

    backbone = cast(AttentiveBackbone, model._fitted().backbone)
    length = model.settings.window

    def at(values: Tensor, place: Tensor) -> Tensor:
        return backbone.weights(values)[range(len(values)), place]

    weights = model._by_windows(data, rows, at, width=length)
    return aligned(weights, np.minimum(data.bar_index[rows], length - 1))


def _lessons(data: Dataset, known: Targets, scale: float) -> Lessons:
    """Return the tensors of training; rows that are not in ``known`` hold NaN."""
    import torch

    from tradewind.models.nets.learning.losses import Lessons

    direction, returns, weight = by_row(known, len(data), scale)
    return Lessons(
        features=torch.from_numpy(np.require(data.features, np.float32, ["C", "W"])),
        direction=torch.from_numpy(direction),
        returns=torch.from_numpy(returns),
        weight=torch.from_numpy(weight),
        group=None if data.group is None else torch.from_numpy(np.array(data.group, dtype=np.int64)),
    )
