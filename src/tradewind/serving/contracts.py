"""What the parts of the server ask of each other, so that each can be built, tested and replaced alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tradewind.core import TradewindError
from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tradewind.streaming.records import Prediction

Scope = Literal["read", "explain", "stream", "compute", "admin"]


class Overloaded(TradewindError):
    """More is asked than the server can answer in time; ``retry_after`` seconds later there should be room."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many forecasts are waiting. Fix: ask again in {retry_after:.2f} s.")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error come back whole from another process."""
        return Overloaded, (self.retry_after,)


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelRows:
    """What a model reads to forecast m rows.

    Attributes
    ----------
    history : (m, w, p) float32 raw features, oldest bar first, the row itself last; columns as ``features``.
    count : (m,) how many of the w bars the symbol has; the others, at the front, are not read.
    scale : (m,) volatility by which intervals are scaled; NaN where the symbol has no past return.
    occasion : (m, w) True on bars with a burst of news, whose values are not winsorised.
    group : m names of the groups (sector) that a fairness shift is for; None where the model has none.
    """

    history: Float32Array
    count: IntArray
    scale: FloatArray
    occasion: BoolArray
    group: Sequence[str] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.count)


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """Forecasts of m rows: (m,) float64 each, ``members`` the probability of each member alone; NaN bounds: none."""

    probability: FloatArray
    expected_return: FloatArray
    lower: FloatArray
    upper: FloatArray
    members: Mapping[str, FloatArray] = field(default_factory=dict)


class ServedModel(Protocol):
    """One loaded version of a model; threads may share it."""

    @property
    def ref(self) -> str:
        """``name/version``."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """Raw features it reads, the columns of :class:`ModelRows`."""
        ...

    @property
    def window(self) -> int:
        """Bars it looks back on, the row itself among them."""
        ...

    def predict(self, rows: ModelRows) -> Answers:
        """Forecast; equal to the model in training to the tolerance its artefact states."""
        ...


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: the id of the key (never the key), what it may do, and how often.

    ``rate`` requests a second on average, ``burst`` at once.
    """

    id: str
    scopes: frozenset[Scope]
    rate: float
    burst: int


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Which version answers a caller, and because of which experiment (None: the champion, no experiment)."""

    model: str
    arm: str = "champion"
    experiment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Status:
    """Whether the server may be sent requests, and if not, why; ``detail`` is JSON-ready (lag, versions, stores)."""

    ready: bool
    reasons: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


class Forecasts(Protocol):
    """Everything the API serves, whoever computes it. Unknown symbols and versions raise ``UsageError``, and what there
    is no room for :class:`Overloaded`.

    ``caller`` decides the version where ``model`` is None, by the experiments that run. What these return has been
    handed to the audit log.
    """

    def symbols(self) -> Sequence[str]:
        """Return the universe, sorted."""
        ...

    def models(self) -> Sequence[Mapping[str, Any]]:
        """Return the loaded versions: ref, role (champion, canary, shadow), since, engines, features."""
        ...

    def body(self, symbol: str, caller: Caller, request_id: str) -> bytes | None:
        """Return the newest visible prediction of ``symbol`` as ready JSON, audited; None where it must be awaited.

        Never blocks: None as well where the audit queue is full.
        """
        ...

    async def forecast(
        self, symbol: str, caller: Caller, request_id: str, *, model: str | None = None, fresh: bool = False
    ) -> Prediction:
        """Return the prediction for the symbol's newest bar; ``fresh`` computes it again from the online features."""
        ...

    async def forecast_many(
        self, symbols: Sequence[str], caller: Caller, request_id: str, *, model: str | None = None, fresh: bool = False
    ) -> Sequence[Prediction]:
        """Return predictions of many symbols, in their order."""
        ...

    async def compute(
        self, rows: Sequence[Mapping[str, float]], caller: Caller, request_id: str, *, model: str | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Forecast from features that the caller gives, one mapping a row; a model that looks back sees only it."""
        ...

    async def explain(
        self, symbol: str, caller: Caller, request_id: str, *, model: str | None = None
    ) -> Mapping[str, Any]:
        """Return the newest prediction of ``symbol`` with its attribution and sentences, JSON-ready."""
        ...

    async def history(self, symbol: str, *, limit: int, model: str | None = None) -> Sequence[Prediction]:
        """Return past predictions, newest first."""
        ...

    def subscribe(self, symbols: frozenset[str] | None, *, buffer: int = 1000) -> AsyncIterator[Prediction]:
        """Iterate over new predictions; a reader that falls ``buffer`` behind gets ``SlowReader``."""
        ...

    def status(self) -> Status:
        """Return whether requests may come."""
        ...


class AuditSink(Protocol):
    """Takes a line for every served prediction; durable against a killed process once it returns."""

    def record(self, prediction: Prediction, caller: str, request_id: str) -> bool:
        """Write the line; False where the queue is full, and then the answer must not be given yet."""
        ...

    async def room(self) -> None:
        """Return when the queue has room again."""
        ...


class ModelSource(Protocol):
    """Where approved versions come from (the registry, or a folder); polled for changes."""

    def current(self) -> Mapping[str, str]:
        """Return role -> ``name/version`` of what is to be served now: ``champion``, perhaps ``canary``, ``shadow``."""
        ...

    def artefact(self, ref: str) -> str:
        """Return the folder of the verified serving artefact of a version."""
        ...
