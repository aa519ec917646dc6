"""How models of schemes are fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from tradewind.core.settings import Settings
from tradewind.surveillance.learning.imbalance import Balancing
from tradewind.surveillance.schemes import Scheme


class SieveSettings(Settings):
    """Settings of the first look at candidates.

    ``dear`` : columns whose names start so are of a view that is asked last, and the sieve does without them.
    ``rounds``, ``depth``, ``rate`` : of its trees. ``heard`` : a true row counts as found where what is said of it out
    of fold is at least this; ``lost`` : share of the deeds so found that may be lost for good.
    """

    dear: str = Field(default="sequence_", min_length=1)
    rounds: int = Field(default=60, ge=1)
    depth: int = Field(default=4, ge=1, le=10)
    rate: float = Field(default=0.15, gt=0.0, le=1.0)
    heard: float = Field(default=0.1, ge=0.0, lt=1.0)
    lost: float = Field(default=0.005, ge=0.0, lt=1.0)


class SchemeModelSettings(Settings):
    """Settings of one scheme's model.

    ``rounds``, ``depth``, ``rate``, ``leaf``, ``row_share``, ``feature_share``, ``l2``, ``bins`` : of the boosted
    trees; ``leaf`` is the least hessian of a leaf. ``line_features`` : columns of the logistic member, the ones that
    part the classes best alone. ``line_l2`` : its penalty. ``isolation_trees``, ``isolation_rows`` : of the isolation
    forest. ``balancing`` : None chooses by the folds' average precision. ``sieve`` : of the first look at candidates.
    ``most_negatives`` : negatives learnt from, drawn at random, those more likely that the sieve takes for something,
    and weighted up to stand for all. ``level`` : how far the venues that markets come from are brought
    to the same weight: at 0 each has that of its candidates, at 1 all have one. ``threads`` : of XGBoost.
    """

    rounds: int = Field(default=250, ge=1)
    depth: int = Field(default=4, ge=1, le=10)
    rate: float = Field(default=0.06, gt=0.0, le=1.0)
    leaf: float = Field(default=3.0, ge=0.0)
    row_share: float = Field(default=0.8, gt=0.0, le=1.0)
    feature_share: float = Field(default=0.4, gt=0.0, le=1.0)
    l2: float = Field(default=5.0, ge=0.0)
    bins: int = Field(default=128, ge=2, le=1024)
    line_features: int = Field(default=12, ge=1)
    line_l2: float = Field(default=1.0, gt=0.0)
    isolation_trees: int = Field(default=50, ge=1)
    isolation_rows: int = Field(default=256, ge=2)
    balancing: Balancing | None = None
    most_negatives: int = Field(default=60_000, ge=100)
    sieve: SieveSettings = SieveSettings()
    level: float = Field(default=0.0, ge=0.0, le=1.0)
    threads: int = Field(default=1, ge=1)
    seed: int = 7


class LearningSettings(Settings):
    """Settings of the whole.

    ``folds`` : over markets. ``whole_venues`` : folds leave out whole venues, so that what is said out of fold is
    what a venue would hear that nobody has seen; ``alike`` : names of venues that count as another there.
    ``precision``, ``confidence`` : a scheme's bar is the lowest at which its out-of-fold alerts are at least so
    precise, with so much confidence. ``missed_cost`` : if given, bars are set by cost instead, a missed episode
    costing so many false alerts; by scheme. ``most_false_per_million`` : false alerts of one scheme per million
    events beyond which its bar is raised. ``least_share`` : where the precision asked for is out of reach, share of
    true alerts below which a scheme is silent. ``floor`` : no bar lies lower. ``unclear_share`` : a candidate whose
    rule is lower than that of all but so many of the planted episodes raises nothing, whatever the model says.
    ``bars`` : set elsewhere, on markets of another kind, of which scores out of fold know nothing; by scheme. They are
    taken as they are. ``name`` : of the model.
    """

    scheme: SchemeModelSettings = SchemeModelSettings()
    folds: int = Field(default=5, ge=2)
    whole_venues: bool = False
    alike: Mapping[str, str] = Field(default_factory=dict)
    precision: float = Field(default=0.96, gt=0.0, lt=1.0)
    confidence: float = Field(default=0.6, gt=0.0, lt=1.0)
    missed_cost: Mapping[Scheme, float] = Field(default_factory=dict)
    most_false_per_million: float = Field(default=1.0, gt=0.0)
    least_share: float = Field(default=0.8, ge=0.0, le=1.0)
    floor: float = Field(default=0.2, ge=0.0, le=1.0)
    unclear_share: float = Field(default=0.05, ge=0.0, lt=1.0)
    bars: Mapping[Scheme, Annotated[float, Field(gt=0.0, lt=1.0)]] = Field(default_factory=dict)
    name: str = "surveillance"
    seed: int = 7
