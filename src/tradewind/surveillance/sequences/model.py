"""What a sequence of events looks like: probabilities of the schemes, and how unusual it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray
from tradewind.core.errors import InputError, UsageError
from tradewind.core.files import atomic_path
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sequences.nets import Autoencoder, RecurrentNet, TransformerNet
from tradewind.surveillance.sequences.token_layout import LENGTH, NAMES, WIDTH
from tradewind.surveillance.sequences.variation import shortened, vary

CLASSES = ("benign", *(scheme.value for scheme in Scheme))
FORMAT = 1
BATCH = 16
"""Sequences scored together; the last batch is filled up with empty ones, so that every batch has one shape. Few: most
often few are asked for at once."""
USUAL = 2_048
"""Benign sequences that surprise is measured against."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class SequenceSettings:
    """How the nets are made and trained.

    Attributes
    ----------
    net : ``recurrent`` (LSTM with attention) or ``transformer``.
    wide, auto_wide, code : length of a state of the net, of the autoencoder, and of the autoencoder's code.
    epochs, rate, batch : training by AdamW with one cycle of the rate; ``auto_epochs`` of the autoencoder.
    drop : chance that an early stretch of a sequence is left out in training, so that short ones are learnt too.
    vary : whether sequences are varied in training besides, so that venues unlike those learnt from are met half way:
        some lose up to three events in ten, some up to three columns, all have their numbers stretched and blurred.
    smoothing : of the labels.
    most : benign sequences the autoencoder is trained on at most.
    """

    net: Literal["recurrent", "transformer"] = "recurrent"
    wide: int = 32
    auto_wide: int = 16
    code: int = 8
    epochs: int = 8
    auto_epochs: int = 4
    rate: float = 4e-3
    batch: int = 128
    drop: float = 0.3
    vary: bool = True
    smoothing: float = 0.02
    most: int = 8000

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        if min(self.wide, self.auto_wide, self.code, self.epochs, self.auto_epochs, self.batch) < 1 or self.wide % 2:
            raise UsageError("sizes and epochs must be at least 1, the width even", field="settings")
        if self.net not in ("recurrent", "transformer"):
            raise UsageError(f"there is no net {self.net!r}", field="net", fix="choose recurrent or transformer")


class SequenceModel:
    """A classifier and an autoencoder over tokens. Fit one, or load one that was saved."""

    def __init__(self, settings: SequenceSettings | None = None) -> None:
        self.settings = settings or SequenceSettings()
        self._classifier: nn.Module = self._new_classifier()
        self._autoencoder = Autoencoder(WIDTH, self.settings.auto_wide, self.settings.code, length=LENGTH)
        self._usual: FloatArray = np.zeros(0)

    @classmethod
    def fit(
        cls,
        tokens: Float32Array,
        labels: IntArray,
        *,
        settings: SequenceSettings | None = None,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> SequenceModel:
        """Fit on (n, LENGTH, WIDTH) tokens and (n,) labels, positions in :data:`CLASSES`.

        Classes count by the square root of how often they come. The same arguments give the same model on one thread.

        Raises
        ------
        InputError : shapes or labels do not fit, or there are not two classes.
        """
        _check(tokens, labels)
        with _one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = cls(settings)
            model._fit_classifier(tokens, labels, np.random.default_rng([seed, 1]), progress)
            model._fit_autoencoder(tokens[labels == 0], np.random.default_rng([seed, 2]), progress)
        model._usual = np.sort(model._errors(tokens[labels == 0][:USUAL]))
        return model

    @property
    def weights(self) -> int:
        """How many numbers were learnt."""
        nets = (self._classifier, self._autoencoder)
        return sum(p.numel() for net in nets for p in net.parameters())

    def score(self, tokens: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Return (n, classes) probabilities and (n, LENGTH) attention: how much each event counted, 0 for padding.

        Batches have one shape whatever ``n``; the same sequence may still differ by about 1e-6 with its company, as
        sums are taken in another order. Values are rounded to 4 decimals.
        """
        with _one_thread(), torch.inference_mode():
            parts = [self._classifier(batch) for batch in _batches(tokens)]
            probability = _joined([torch.softmax(logits, 1) for logits, _ in parts], len(tokens), len(CLASSES))
        return probability, _joined([weights for _, weights in parts], len(tokens), LENGTH)

    def surprise(self, tokens: Float32Array) -> Float32Array:
        """Return (n,) how badly each sequence is rebuilt: -log2 of the share of benign ones rebuilt as badly."""
        errors = self._errors(tokens)
        n = len(self._usual)
        worse = n - np.searchsorted(self._usual, errors, side="left")
        beyond = errors / max(float(self._usual[-1]), 1e-9) - 1.0 if n else np.zeros(len(errors))
        bits = -np.log2((worse + 0.5) / (n + 1.0)) + np.clip(beyond, 0.0, 4.0)
        rounded: Float32Array = np.round(bits, 3).astype(np.float32)
        return rounded

    def save(self, path: Path) -> Path:
        """Write the model as one ``.npz`` without pickled objects, the settings as JSON in it.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        head = {"format": FORMAT, "settings": asdict(self.settings), "tokens": NAMES, "classes": CLASSES}
        arrays: dict[str, AnyArray] = {"head": np.frombuffer(json.dumps(head).encode(), np.uint8), "usual": self._usual}
        for part, net in (("classifier", self._classifier), ("autoencoder", self._autoencoder)):
            arrays.update({f"{part}/{name}": value.numpy() for name, value in net.state_dict().items()})
        with atomic_path(path) as draft, draft.open("wb") as sink:
            np.savez_compressed(sink, allow_pickle=False, **arrays)
        return path

    @classmethod
    def load(cls, path: Path) -> SequenceModel:
        """Read a model that :meth:`save` wrote.

        Raises
        ------
        InputError : the file cannot be read, or holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            head: dict[str, Any] = json.loads(arrays.pop("head").tobytes())
            if head["format"] != FORMAT or tuple(head["tokens"]) != NAMES or tuple(head["classes"]) != CLASSES:
                raise ValueError("another version's tokens or classes")
            model = cls(SequenceSettings(**head["settings"]))
            model._usual = arrays.pop("usual").astype(float)
            for part, net in (("classifier", model._classifier), ("autoencoder", model._autoencoder)):
                state = {n.split("/", 1)[1]: torch.from_numpy(a) for n, a in arrays.items() if n.startswith(part)}
                net.load_state_dict(state)
                net.eval()
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise InputError(f"is no model of sequences ({error})", file=path, fix="fit and save it again") from error
        return model

    def _new_classifier(self) -> nn.Module:
        chosen = self.settings
        if chosen.net == "transformer":
            return TransformerNet(WIDTH, chosen.wide, len(CLASSES), length=LENGTH).eval()
        return RecurrentNet(WIDTH, chosen.wide, len(CLASSES)).eval()

    def _errors(self, tokens: Float32Array) -> FloatArray:
        with _one_thread(), torch.inference_mode():
            parts = [self._autoencoder(batch) for batch in _batches(tokens)]
        return _joined([p[:, None] for p in parts], len(tokens), 1)[:, 0].astype(float)

    def _fit_classifier(
        self, tokens: Float32Array, labels: IntArray, rng: np.random.Generator, progress: Progress | None
    ) -> None:
        counts = np.bincount(labels, minlength=len(CLASSES))
        weight = np.where(counts > 0, 1.0 / np.sqrt(np.maximum(counts, 1)), 0.0)
        weight *= counts.sum() / (weight * counts).sum()
        loss = nn.CrossEntropyLoss(torch.tensor(weight, dtype=torch.float32), label_smoothing=self.settings.smoothing)

        def step(rows: IntArray) -> Tensor:
            x = shortened(tokens[rows], self.settings.drop, rng)
            if self.settings.vary:
                vary(x, rng)
            out: Tensor = loss(self._classifier(torch.from_numpy(x))[0], torch.from_numpy(labels[rows]))
            return out

        self._train(self._classifier, step, len(tokens), self.settings.epochs, (rng, progress))

    def _fit_autoencoder(self, benign: Float32Array, rng: np.random.Generator, progress: Progress | None) -> None:
        if not len(benign):
            return
        kept = rng.permutation(len(benign))[: self.settings.most]

        def step(rows: IntArray) -> Tensor:
            out: Tensor = self._autoencoder(torch.from_numpy(benign[kept[rows]])).mean()
            return out

        self._train(self._autoencoder, step, len(kept), self.settings.auto_epochs, (rng, progress))

    def _train(
        self,
        net: nn.Module,
        step: Callable[[IntArray], Tensor],
        n: int,
        epochs: int,
        by: tuple[np.random.Generator, Progress | None],
    ) -> None:
        rng, progress = by
        net.train()
        steps = max(-(-n // self.settings.batch), 1) * epochs
        optimiser = torch.optim.AdamW(net.parameters(), lr=self.settings.rate, weight_decay=1e-3)
        rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, self.settings.rate, total_steps=max(steps, 4))
        for epoch in range(epochs):
            order = rng.permutation(n)
            for begin in range(0, n, self.settings.batch):
                optimiser.zero_grad()
                step(order[begin : begin + self.settings.batch]).backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimiser.step()
                rates.step()
            if progress is not None:
                progress(type(net).__name__, epoch + 1, epochs)
        net.eval()


def _check(tokens: Float32Array, labels: IntArray) -> None:
    if tokens.shape[1:] != (LENGTH, WIDTH) or len(tokens) != len(labels):
        raise InputError(f"tokens have shape {tokens.shape}, labels {labels.shape}", fix=f"give (n, {LENGTH}, {WIDTH})")
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(CLASSES):
        raise InputError(f"labels must lie from 0 to {len(CLASSES) - 1}", field="labels")
    if len(np.unique(labels)) < 2:
        raise InputError("all sequences have one label", field="labels", fix="give benign ones and schemes")


def _batches(tokens: Float32Array) -> Iterator[Tensor]:
    """Yield tokens in batches of one shape."""
    for begin, end in pairwise([*range(0, len(tokens), BATCH), len(tokens)]):
        batch = tokens[begin:end]
        if len(batch) < BATCH:
            batch = np.concatenate([batch, np.zeros((BATCH - len(batch), LENGTH, WIDTH), np.float32)])
        yield torch.from_numpy(np.ascontiguousarray(batch))


def _joined(parts: list[Tensor], n: int, wide: int) -> Float32Array:
    """Return the first ``n`` rows of the parts, rounded."""
    if not parts:
        return np.zeros((0, wide), np.float32)
    return np.round(torch.cat(parts).numpy()[:n], 4)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one thread: small nets gain nothing from more, and sums keep their order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
