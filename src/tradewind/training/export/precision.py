"""What fewer bits or fewer weights change: of the ensemble's answers, of its log loss, of its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.models.engines.measure import milliseconds, taken
from tradewind.models.engines.member import Choice, Engine, net_engine
from tradewind.models.engines.pipeline import Pipeline
from tradewind.models.engines.sessions import open_session
from tradewind.models.export import net_onnx, pruned
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.training.export.rows import Windows


@dataclass(frozen=True, kw_only=True)
class PrecisionChange:
    """What one variant of one net would change on the check rows.

    Attributes
    ----------
    member, variant : the net, and ``int8`` or ``pruned 30 %``.
    largest, mean : absolute change of the ensemble's probability.
    flips : share of rows whose forecast direction turns.
    log_loss, log_loss_exact : of the ensemble, with the variant and without, over rows whose direction is known.
    milliseconds : of the net alone, by rows a batch.
    """

    member: str
    variant: str
    largest: float
    mean: float
    flips: float
    log_loss: float
    log_loss_exact: float
    milliseconds: Mapping[int, float]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)


def change_of(
    pipeline: Pipeline, member: str, variant: tuple[str, Engine], rows: Windows, direction: FloatArray, seconds: float
) -> PrecisionChange:
    """Return what the ensemble answers with the ``variant`` (name, engine) of ``member`` against what it does now."""
    name, engine = variant
    own = pipeline.members[member]
    only = replace(own, engines={name: engine}, choices=(Choice(up_to=1, engine=name),))
    with_it = pipeline.with_members({**pipeline.members, member: only})
    exact, other = pipeline.predict(rows).probability, with_it.predict(rows).probability
    lengths = [own.window]
    times = {
        size: milliseconds(engine, pipeline.prepare(taken(rows, size), lengths), seconds=seconds) for size in (1, 256)
    }
    return PrecisionChange(
        member=member,
        variant=name,
        largest=float(np.abs(other - exact).max(initial=0.0)),
        mean=float(np.abs(other - exact).mean()) if len(exact) else 0.0,
        flips=float(((other > 0.5) != (exact > 0.5)).mean()) if len(exact) else 0.0,
        log_loss=_log_loss(other, direction),
        log_loss_exact=_log_loss(exact, direction),
        milliseconds=times,
    )


def pruned_engine(model: NetForecaster[Any], share: float) -> Engine:
    """Return the engine of ``model`` with its smallest weights set to 0."""
    session = open_session(net_onnx(pruned(model, share)), net=True)
    return net_engine(session, window=int(model.settings.window), scale=model._scale)


def study(
    pipeline: Pipeline,
    nets: Sequence[NetForecaster[Any]],
    rows: Windows,
    direction: FloatArray,
    *,
    shares: Sequence[float],
    seconds: float,
) -> list[PrecisionChange]:
    """Return what int8 and pruning would change, net by net."""
    found = []
    for net in nets:
        variants = [("int8", pipeline.members[net.name].engines["int8"])]
        variants += [(f"pruned {share:.0%}", pruned_engine(net, share)) for share in shares]
        found += [change_of(pipeline, net.name, variant, rows, direction, seconds) for variant in variants]
    return found


def _log_loss(probability: FloatArray, direction: FloatArray) -> float:
    known = np.isfinite(direction)
    if not known.any():
        return float("nan")
    chance = np.where(direction[known] == 1.0, probability[known], 1.0 - probability[known])
    return float(-np.log(np.clip(chance, 1e-12, 1.0)).mean())
