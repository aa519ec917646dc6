"""A temporal ensemble: a member for each period, weighted by likeness of the present and by recent skill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from tradewind.continual.lesson import Lesson, Scale
from tradewind.continual.progressive.learner import Progressive, ProgressiveSettings
from tradewind.continual.protocol import Context, Experience, Learner
from tradewind.continual.reading import lesson_of, regimes_of, teaches
from tradewind.continual.routing import Profile, RoutingSettings, route
from tradewind.continual.temporal.evidence import Earnings, Judged, follow_days
from tradewind.continual.temporal.shares import enter, equal_shares, leave
from tradewind.core import NotFittedError, Settings
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.models.storage import read_artefact, write_artefact


class TemporalSettings(Settings):
    """How members are trusted, and when they go.

    Attributes
    ----------
    members : most members; when one more comes, of the two whose periods are most alike the one that earned less goes.
    rate : weight of a nat of a day's mean loss; above 1, for a day's rows are many (1 keeps the bound for single rows).
    switch : probability that another member is best from the next day on.
    tail : share of an experience's days, its last, on which a newcomer proves itself before it is fitted on all.
    memory : what remains of a member's earnings after a day of its own.
    retire : standard errors; a member goes when its mean gain over a coin, plus so many of them, lies below 0.
    routing : how rows find the member of their period; see :class:`RoutingSettings`.
    """

    members: int = Field(default=8, ge=1, le=64)
    rate: float = Field(default=5.0, gt=0.0)
    switch: float = Field(default=0.02, gt=0.0, le=0.5)
    tail: float = Field(default=0.25, gt=0.0, lt=1.0)
    memory: float = Field(default=0.995, gt=0.0, le=1.0)
    retire: float = Field(default=2.0, ge=0.0)
    routing: RoutingSettings = RoutingSettings()


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """A fitted learner, the profile of its period and what it has earned."""

    learner: Learner
    profile: Profile
    earned: Earnings


def net_member(seed: int) -> Learner:
    """Return the usual member: a net of one column."""
    return Progressive(ProgressiveSettings(seed=seed))


class TemporalEnsemble:
    """Members of periods under fixed share among specialists (Herbster and Warmuth 1998; Freund et al. 1997).

    Parameters
    ----------
    settings : see :class:`TemporalSettings`.
    member : not fitted learner of which every member is a fresh copy; any learner, or a
        :class:`~tradewind.continual.temporal.members.ForecasterMember`. None: a small net.

    Trust in members is moved only by outcomes of rows that they had forecast before they could learn them.
    """

    name = "temporal"

    def __init__(self, settings: TemporalSettings | None = None, member: Learner | None = None) -> None:
        self.settings = settings or TemporalSettings()
        self._member = member or net_member(0)
        self._scale: Scale | None = None
        self._members: list[Member] = []
        self._shares: FloatArray = np.zeros(0)

    @property
    def shares(self) -> FloatArray:
        """(n,) trust in each member, oldest period first; of sum 1."""
        return self._shares.copy()

    @property
    def members(self) -> tuple[Member, ...]:
        """The members, oldest period first."""
        return tuple(self._members)

    def fresh(self) -> Self:
        """Return a new ensemble of the same settings and kind of member that has learned nothing."""
        return type(self)(self.settings, self._member.fresh())

    def learn(self, batch: Experience) -> Self:
        """Judge the members on ``batch``, then add one that is fitted on it, and let those go that no longer earn."""
        scale = self._scale or Scale.of(batch.features)
        lesson = lesson_of(batch, scale)
        if len(lesson) == 0:
            return self
        self._scale = scale
        told = batch.select(teaches(batch))
        profile = Profile.of(lesson.inputs, lesson.regimes)
        self._prove(told, profile)
        newest = self._members[-1]
        learner = self._member.fresh().learn(batch)
        self._members[-1] = replace(newest, learner=learner, profile=profile)
        self._retire()
        return self

    def predict(self, features: AnyArray, context: Context | None = None) -> FloatArray:
        """(m,) probability of a rise; NotFittedError before :meth:`learn`."""
        if self._scale is None or not self._members:
            raise NotFittedError("the temporal ensemble is used before it has learned")
        each = np.stack([one.learner.predict(features, context) for one in self._members])
        weights = self.weights(features, context)
        mixed: FloatArray = (weights * each).sum(axis=0)
        return mixed

    def weights(self, features: AnyArray, context: Context | None = None) -> FloatArray:
        """(n, m) weight of each member for each row, of sum 1 over members: likeness times trust."""
        if self._scale is None or not self._members:
            raise NotFittedError("the temporal ensemble is used before it has learned")
        profiles = [one.profile for one in self._members]
        alike = route(profiles, self._scale.apply(features), regimes_of(context), self.settings.routing)
        weighted = alike * self._shares[:, None] + 1e-12
        shares: FloatArray = weighted / weighted.sum(axis=0)
        return shares

    def _prove(self, batch: Experience, profile: Profile) -> None:
        """Move trust by the days of ``batch``; the newcomer enters for its tail, fitted on what was known by then."""
        days = np.unique(batch.time.astype("datetime64[D]"))
        turn = days[min(len(days) - 1, int(np.ceil(len(days) * (1.0 - self.settings.tail))))]
        late = batch.time.astype("datetime64[D]") >= turn
        head = batch.known_by(turn.astype("datetime64[us]"))
        if self._members:
            self._judge(batch.select(~late), profile)
        newcomer = Member(learner=self._member.fresh(), profile=profile, earned=Earnings())
        self._shares = enter(self._shares, 1.0 / (len(self._members) + 1)) if self._members else equal_shares(1)
        if len(head):
            self._members.append(replace(newcomer, learner=newcomer.learner.learn(head)))
            self._judge(batch.select(late), profile)
        else:  # too few days to prove anything
            self._members.append(newcomer)

    def _judge(self, batch: Experience, newest: Profile) -> None:
        """Move trust and earnings by rows that no member has learned from.

        The period that is new counts as one more expert before its member is there: what is its own is charged to no
        other.
        """
        assert self._scale is not None
        lesson: Lesson = lesson_of(batch, self._scale)
        if len(lesson) == 0:
            return
        rows = batch.select(teaches(batch))
        each = np.stack([one.learner.predict(rows.features, rows.context) for one in self._members])
        profiles = [one.profile for one in self._members if one.profile is not newest]
        routed = route([*profiles, newest], lesson.inputs, lesson.regimes, self.settings.routing)[: len(each)]
        judged = Judged(each=each, routed=routed, rose=lesson.rose, day=lesson.day)
        self._shares = follow_days(self._shares, judged, rate=self.settings.rate, switch=self.settings.switch)
        self._members = [
            replace(one, earned=one.earned.after(judged, at, memory=self.settings.memory))
            for at, one in enumerate(self._members)
        ]

    def _retire(self) -> None:
        """Let members go that lose to a coin on their own days, then the lesser of the two most alike."""
        last = len(self._members) - 1
        earning = [
            at for at, one in enumerate(self._members) if at == last or one.earned.upper(self.settings.retire) >= 0
        ]
        self._keep(np.array(earning, dtype=np.int64))
        while len(self._members) > self.settings.members:
            pairs = [(i, j) for j in range(len(self._members)) for i in range(j)]
            i, j = min(pairs, key=lambda two: self._members[two[0]].profile.distance(self._members[two[1]].profile))
            newest = j == len(self._members) - 1
            gone = i if newest or self._members[i].earned.mean <= self._members[j].earned.mean else j
            self._keep(np.delete(np.arange(len(self._members)), gone))

    def _keep(self, kept: IntArray) -> None:
        self._shares = leave(self._shares, kept)
        self._members = [self._members[at] for at in kept]

    def save(self, folder: Path) -> None:
        """Write every member into a folder of its own within ``folder``; NotFittedError before :meth:`learn`."""
        if self._scale is None or not self._members:
            raise NotFittedError("the temporal ensemble is saved before it has learned")
        for at, one in enumerate(self._members):
            one.learner.save(folder / f"member{at}")
        state = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale.to_dict(),
            "profiles": [one.profile.to_dict() for one in self._members],
            "earned": [vars(one.earned) for one in self._members],
            "shares": self._shares.tolist(),
        }
        write_artefact(folder, self.name, state)

    @classmethod
    def load(cls, folder: Path, member: Callable[[Path], Learner] = Progressive.load) -> Self:
        """Read an ensemble that :meth:`save` wrote; ``member`` reads a member of another kind than the usual."""
        artefact = read_artefact(folder, cls.name)
        profiles, earned = artefact.state["profiles"], artefact.state["earned"]
        learners = [member(folder / f"member{at}") for at in range(len(profiles))]
        one = cls(TemporalSettings.model_validate(artefact.state["settings"]), learners[-1].fresh())
        one._scale = Scale.from_dict(artefact.state["scale"])
        one._members = [
            Member(learner=learner, profile=Profile.from_dict(row), earned=Earnings(**sums))
            for learner, row, sums in zip(learners, profiles, earned, strict=True)
        ]
        one._shares = np.asarray(artefact.state["shares"])
        return one
