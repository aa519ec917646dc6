"""What is tried for joining members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from tradewind.models import EnsembleSettings
from tradewind.training.tuning.space import Choice, Range, Space, Value

MANY = 4
"""From more members than this, only some subsets are tried: the choice among thousands is won by noise."""


def ensemble_space(members: Sequence[str]) -> Space:
    """Return the ranges of method, shrinkage and calibration, and which of ``members`` take part."""
    space: dict[str, Range | Choice] = {
        "shrink": Range(low=0.001, high=1.0, log=True),
        "calibration": Choice(options=("platt", "isotonic")),
        "floor": Range(low=0.005, high=0.5, log=True),
    }
    if len(members) > 1:
        space["method"] = Choice(options=("weights", "stack", "vote"))
        space["members"] = Choice(options=tuple("+".join(subset) for subset in subsets(members)))
    return space


def subsets(members: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the non-empty subsets of ``members``, all of them first; of many, those without one or two, and pairs."""
    count = len(members)
    sizes = range(count, 0, -1) if count <= MANY else sorted({count, count - 1, count - 2, 2, 1}, reverse=True)
    return [subset for size in sizes for subset in combinations(members, size)]


def ensemble_of(
    params: Mapping[str, Value], base: EnsembleSettings, members: Sequence[str]
) -> tuple[EnsembleSettings, tuple[str, ...]]:
    """Return the settings and members that ``params`` of :func:`ensemble_space` mean, the rest as in ``base``."""
    values = base.model_dump()
    values["calibration"] |= {"method": params["calibration"], "floor": params["floor"]}
    values |= {name: params[name] for name in ("shrink", "method") if name in params}
    kept = str(params["members"]).split("+") if "members" in params else members
    return EnsembleSettings.model_validate(values), tuple(kept)


def params_of(settings: EnsembleSettings, members: Sequence[str]) -> dict[str, Value]:
    """Return the parameters that stand for ``settings`` with all of ``members``."""
    return {
        "shrink": settings.shrink,
        "calibration": settings.calibration.method,
        "floor": settings.calibration.floor,
        "method": settings.method,
        "members": "+".join(members),
    }
