"""The explainer of a trained model: its forecasts as sums over columns, with all that can be done once done once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from tradewind.core import Dataset, InputError, News
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.ids import content_id
from tradewind.explain.attribution import Attribution
from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.combine import join, to_probability
from tradewind.explain.shapley.members import found_by, member_explainer
from tradewind.explain.shapley.part import MemberShap
from tradewind.explain.shapley.sampled import SampledShap
from tradewind.explain.shapley.shift import with_shift
from tradewind.models import AttentionReader
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.storage import MANIFEST, pack_arrays, read_artefact, write_artefact
from tradewind.training import TrainedModel

KIND = "explainer"
FOLDER = "explainer"
"""Where the explainer lies in a trained model's folder."""
WINDOWS = 128
"""Windows of the background, whose mean output is the base of a net."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeAttribution:
    """When what moved the forecasts of m rows happened: bars of the window, oldest first, the row itself last.

    Attributes
    ----------
    rows : (m,) rows of the dataset that was explained.
    log_odds : (m, w) part of the joined log odds that each bar gave through the sequence nets; bars before a symbol's
        first give 0. Members that read the row alone are not in it.
    members : by net, (m, w): the part that came through it, its weight included.
    attention : by member that tells its attention, (m, w) weights that sum to 1 per row.
    """

    rows: IntArray
    log_odds: FloatArray
    members: Mapping[str, FloatArray]
    attention: Mapping[str, FloatArray]

    @property
    def shares(self) -> FloatArray:
        """(m, w) absolute part of each bar in the sum over bars; 0 where the nets moved nothing."""
        size = np.abs(self.log_odds)
        whole = size.sum(axis=1, keepdims=True)
        share: FloatArray = size / np.where(whole > 0.0, whole, 1.0)
        return share


class Explainer:
    """Explains the ensemble of a trained model: trees and lines exactly, nets by gradients, joined by their weights.

    Base and values sum to the ensemble's calibrated probability. Build it with :meth:`of` or :meth:`load`.

    ``found`` : what an earlier explainer of the model found by measuring, by member.
    """

    def __init__(
        self, model: TrainedModel, background: Background, *, found: Mapping[str, float] | None = None, seed: int = 7
    ) -> None:
        self.model, self.background, self.seed = model, background, seed
        given = found or {}
        self._members = {
            name: member_explainer(member, background, seed=seed, known=given.get(name))
            for name, member in model.ensemble.members.items()
        }

    @classmethod
    def of(
        cls,
        model: TrainedModel,
        data: Dataset,
        news: News | None = None,
        *,
        rows: IntArray | None = None,
        seed: int = 7,
    ) -> Self:
        """Return the explainer of ``model`` with a background from the raw features ``data``.

        ``rows`` : where the background is drawn from; every row whose label was known when training ended when None.
        """
        if rows is None:
            rows = np.flatnonzero(data.labels.known_by(model.record["trained_until"]))
        return cls.of_prepared(model, model.prepare(data, news), rows, seed=seed)

    @classmethod
    def of_prepared(cls, model: TrainedModel, prepared: Dataset, rows: IntArray, *, seed: int = 7) -> Self:
        """Return the explainer of ``model`` with a background from ``rows`` of columns that are prepared already."""
        lengths = [m.settings.window for m in model.ensemble.members.values() if isinstance(m, NetForecaster)]
        drawn = Background.draw(
            prepared, rows, windows=WINDOWS if lengths else 0, window=max(lengths, default=1), seed=seed
        )
        one = cls(model, drawn, seed=seed)
        order = rows[np.argsort(prepared.panel.time[rows], kind="stable")]
        witnesses = np.unique(order[np.linspace(0, len(order) - 1, min(256, len(order))).astype(np.int64)])
        for explain in one._members.values():
            if isinstance(explain, SampledShap):
                explain.base = float(explain.unknown(prepared, witnesses).mean())
        return one

    def explain(self, data: Dataset, rows: IntArray, news: News | None = None) -> Attribution:
        """Return what made the forecasts of ``rows`` of ``data`` (raw features), as ``TrainedModel.forecast`` does."""
        return self.explain_prepared(self.model.prepare(data, news), rows)

    def explain_prepared(self, prepared: Dataset, rows: IntArray) -> Attribution:
        """Return what made the forecasts of ``rows`` of ``prepared``, which ``TrainedModel.prepare`` returned.

        The probability is that of ``TrainedModel.forecast``, a shift of groups included.

        Raises
        ------
        InputError : the columns are not those of the model.
        """
        ensemble, combiner = self.model.ensemble, self.model.ensemble.combiner
        joined = join(combiner, self.member_values(prepared, rows))
        probability, _ = combiner.combine(ensemble.member_forecasts(prepared, rows))
        base, values = to_probability(combiner, joined, probability)
        attribution = Attribution(
            rows=rows,
            names=prepared.names,
            inputs=prepared.features[rows],
            base=base,
            probability=probability,
            values=values,
            base_log_odds=joined.base,
            log_odds=joined.values,
            members=joined.members,
        )
        return with_shift(attribution, self.model, prepared.panel)

    def member_values(self, prepared: Dataset, rows: IntArray) -> dict[str, MemberShap]:
        """Return each member's Shapley values in its own scale, with what its method missed (``gap``)."""
        if prepared.names != self.background.names:
            raise InputError(
                f"the columns {prepared.names} are not those that the model was trained on",
                fix="give what this model's `prepare` returns",
            )
        return {name: explain(prepared, rows) for name, explain in self._members.items()}

    def over_time(self, prepared: Dataset, rows: IntArray) -> TimeAttribution:
        """Return which bars moved the forecasts of ``rows`` of ``prepared`` through the sequence nets."""
        parts = self.member_values(prepared, rows)
        length = max((part.bars.shape[1] for part in parts.values() if part.bars is not None), default=1)
        moved = {name: replace(part, values=_to_length(part.bars, len(rows), length)) for name, part in parts.items()}
        members = {
            name: values
            for name, values in join(self.model.ensemble.combiner, moved).members.items()
            if parts[name].bars is not None
        }
        attention = {
            name: member.attention(prepared, rows)
            for name, member in self.model.ensemble.members.items()
            if isinstance(member, AttentionReader)
        }
        total = np.sum(list(members.values()), axis=0) if members else np.zeros((len(rows), length))
        return TimeAttribution(rows=rows, log_odds=total, members=members, attention=attention)

    def save(self, folder: Path) -> None:
        """Write the background and what was found by measuring into ``folder``; the model itself is not in it."""
        every = {name: found_by(one) for name, one in self._members.items()}
        found = {name: value for name, value in every.items() if value is not None}
        state = {"model": _identity(self.model), "seed": self.seed, "found": found}
        write_artefact(folder, KIND, state, {"background.npz": pack_arrays(self.background.to_arrays())})

    @classmethod
    def load(cls, folder: Path, model: TrainedModel) -> Self:
        """Read the explainer of ``model`` that :meth:`save` wrote; its explanations are equal.

        Raises
        ------
        InputError : the folder holds none, one of another model, or a damaged one.
        """
        artefact = read_artefact(folder, KIND)
        if artefact.state["model"] != _identity(model):
            raise InputError(
                "explains another model",
                file=folder / MANIFEST,
                fix="give the one saved with this model, or remove it: one is then drawn from the training prices",
            )
        background = Background.from_arrays(artefact.arrays("background.npz"))
        return cls(model, background, found=artefact.state["found"], seed=int(artefact.state["seed"]))


def _identity(model: TrainedModel) -> str:
    record: dict[str, Any] = model.record
    parts = (record.get("data"), record["trained_until"], record["features"], model.ensemble.combiner.to_dict())
    return content_id(model.settings.id, *parts)


def _to_length(bars: FloatArray | None, m: int, length: int) -> FloatArray:
    """Return ``bars`` (m, w) with zeros in front to ``length`` bars; zeros alone where there are none."""
    full = np.zeros((m, length))
    if bars is not None:
        full[:, length - bars.shape[1] :] = bars
    return full
