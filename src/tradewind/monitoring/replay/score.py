"""What many replays show: how often incidents were noticed, how soon, how often in vain, and how often explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import beta, chi2

from tradewind.core.plain import finite
from tradewind.monitoring.replay.incidents import IncidentKind
from tradewind.monitoring.replay.run import Replayed

YEAR = 252
CONFIDENCE = 0.90


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share ``of`` some number, with its exact 90 % interval (Clopper and Pearson 1934); NaN of nothing."""

    share: float
    lower: float
    upper: float
    of: int

    @classmethod
    def count(cls, hits: int, n: int) -> Rate:
        """Return the rate of ``hits`` in ``n``."""
        if n == 0:
            return cls(share=float("nan"), lower=0.0, upper=1.0, of=0)
        tail = (1.0 - CONFIDENCE) / 2.0
        lower = 0.0 if hits == 0 else float(beta.ppf(tail, hits, n - hits + 1))
        upper = 1.0 if hits == n else float(beta.ppf(1.0 - tail, hits + 1, n - hits))
        return cls(share=hits / n, lower=lower, upper=upper, of=n)

    @property
    def words(self) -> str:
        """``92 % (74 to 99)``."""
        return "none" if self.of == 0 else f"{self.share:.0%} ({self.lower:.0%} to {self.upper:.0%})"


@dataclass(frozen=True, kw_only=True)
class KindScore:
    """One kind of incident over all its replays.

    Attributes
    ----------
    detected : noticed by an alert that tells of it. ``delay`` : median sessions until then; NaN where never.
    delay_most : the longest. ``right``, ``subject`` : right cause first, and the right subject with it, of all replays.
    mistaken_for : causes that were put first instead, with how often.
    """

    kind: str
    detected: Rate
    delay: float
    delay_most: float
    right: Rate
    subject: Rate
    mistaken_for: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """All replays.

    Attributes
    ----------
    kinds : one row a kind, in the order of :class:`IncidentKind`.
    per_world : how many of its incidents each world's diagnoses got right, by seed; of as many as were planted there.
    clean_years : length of the replays without an incident; ``false_alarms_a_year`` in them, with an exact 90 %
        interval of a Poisson rate (Garwood 1936). ``alarm_kinds`` : what they were about.
    seconds_a_year : wall time of monitor, alerts and diagnosis for a year of sessions, median.
    """

    kinds: tuple[KindScore, ...]
    per_world: dict[str, tuple[int, int]]
    clean_years: float
    false_alarms_a_year: tuple[float, float, float]
    alarm_kinds: dict[str, int]
    seconds_a_year: float

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain: dict[str, Any] = finite(asdict(self))
        return plain


def score(runs: Sequence[Replayed]) -> Scores:
    """Score replays; those without a planted incident tell of false alarms alone."""
    clean = [run for run in runs if run.truth is None]
    years = sum(run.sessions for run in clean) / YEAR
    alarms = [alarm for run in clean for alarm in run.alarms]
    about: dict[str, int] = {}
    for alarm in alarms:
        for kind in alarm.kinds:
            about[kind] = about.get(kind, 0) + 1
    planted = [run for run in runs if run.truth is not None]
    worlds: dict[str, tuple[int, int]] = {}
    for run in planted:
        right, of = worlds.get(str(run.seed), (0, 0))
        worlds[str(run.seed)] = right + _right(run), of + 1
    return Scores(
        kinds=tuple(_of_kind(kind, planted) for kind in IncidentKind if any(_kind(run) is kind for run in planted)),
        per_world=worlds,
        clean_years=years,
        false_alarms_a_year=_rate(len(alarms), years),
        alarm_kinds=dict(sorted(about.items())),
        seconds_a_year=float(np.median([run.seconds * YEAR / run.sessions for run in runs])) if runs else float("nan"),
    )


def _of_kind(kind: IncidentKind, planted: Sequence[Replayed]) -> KindScore:
    own = [run for run in planted if _kind(run) is kind]
    delays = [run.delay for run in own if run.delay is not None]
    wrong: dict[str, int] = {}
    for run in own:
        if not _right(run):
            name = "not noticed" if run.blame is None else run.blame.kind
            wrong[name] = wrong.get(name, 0) + 1
    return KindScore(
        kind=str(kind),
        detected=Rate.count(len(delays), len(own)),
        delay=float(np.median(delays)) if delays else float("nan"),
        delay_most=float(max(delays)) if delays else float("nan"),
        right=Rate.count(sum(map(_right, own)), len(own)),
        subject=Rate.count(sum(_right(run) and bool(run.blame and run.blame.right_subject) for run in own), len(own)),
        mistaken_for=dict(sorted(wrong.items())),
    )


def _kind(run: Replayed) -> IncidentKind | None:
    return None if run.truth is None else run.truth.kind


def _right(run: Replayed) -> bool:
    return run.blame is not None and run.blame.right


def _rate(count: int, years: float) -> tuple[float, float, float]:
    """Return events a year with an exact 90 % interval of a Poisson rate."""
    if years == 0:
        return float("nan"), float("nan"), float("nan")
    tail = (1.0 - CONFIDENCE) / 2.0
    lower = 0.0 if count == 0 else float(chi2.ppf(tail, 2 * count)) / 2.0
    upper = float(chi2.ppf(1.0 - tail, 2 * count + 2)) / 2.0
    return count / years, lower / years, upper / years
