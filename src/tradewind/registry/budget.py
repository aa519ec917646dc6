"""Complexity budgets: how complex a model may be for its use, and what every tenfold of complexity must bring."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import Field

from tradewind.core import Settings, UsageError

MB = 1_000_000


class BudgetSettings(Settings):
    """Limits of one use case; a model that passes one of them is refused.

    ``gain_per_tenfold`` : accuracy (a share: 0.002 is 0.2 points) that the model must win out of sample over
    ``baseline`` for every tenfold of parameters it has more than a logistic regression on the same columns. A
    negative value lets a model lose that much. Complexity costs understanding; it must be paid for with skill.
    """

    members: int = Field(default=8, ge=1)
    features: int = Field(default=200, ge=1)
    trees: int = Field(default=5_000, ge=0)
    parameters: int = Field(default=5_000_000, ge=1)
    depth: int = Field(default=12, ge=0)
    size_bytes: int = Field(default=200 * MB, ge=1)
    predict_ms: float = Field(default=20.0, gt=0.0)
    fit_seconds: float = Field(default=4 * 3600.0, gt=0.0)
    baseline: str = "logistic"
    gain_per_tenfold: float = 0.0005


def _defaults() -> dict[str, BudgetSettings]:
    return {
        "regulated": BudgetSettings(
            members=4,
            features=60,
            trees=600,
            parameters=150_000,
            depth=8,
            size_bytes=10 * MB,
            predict_ms=5.0,
            fit_seconds=600.0,
            gain_per_tenfold=0.002,
        ),
        "daily": BudgetSettings(),
        "intraday": BudgetSettings(
            members=3,
            features=80,
            trees=1_000,
            parameters=500_000,
            depth=8,
            size_bytes=50 * MB,
            predict_ms=0.5,
            fit_seconds=3600.0,
            gain_per_tenfold=0.001,
        ),
    }


class Budgets(Settings):
    """A budget by use case. In TOML: one table ``[use_cases.NAME]`` each."""

    use_cases: dict[str, BudgetSettings] = Field(default_factory=_defaults)

    def of(self, use_case: str) -> BudgetSettings:
        """Return the budget of ``use_case``; UsageError lists those there are."""
        try:
            return self.use_cases[use_case]
        except KeyError:
            raise UsageError(
                f"there is no complexity budget for the use case {use_case!r}",
                field="use_case",
                fix=f"choose from {', '.join(sorted(self.use_cases))}, or give a TOML file of budgets that holds it",
            ) from None


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """One limit: what was measured (None: it was not), the limit, and whether it holds."""

    name: str
    measured: float | None
    limit: float
    passed: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class BudgetReport:
    """Every line of a budget; ``passed`` when each one holds."""

    use_case: str
    budget_id: str
    lines: tuple[BudgetLine, ...]

    @property
    def passed(self) -> bool:
        """Whether the model is within its budget."""
        return all(line.passed for line in self.lines)

    @property
    def failures(self) -> list[str]:
        """What fails, in words."""
        return [line.words for line in self.lines if not line.passed]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {**asdict(self), "lines": [asdict(line) for line in self.lines], "passed": self.passed}


LIMITS = ("members", "features", "trees", "parameters", "depth", "size_bytes", "predict_ms", "fit_seconds")


def check_budget(
    use_case: str, complexity: Mapping[str, Any], metrics: Mapping[str, Any], budgets: Budgets | None = None
) -> BudgetReport:
    """Hold a model's complexity against the budget of its use case.

    Parameters
    ----------
    complexity : mapping of :class:`~tradewind.registry.complexity.Complexity`.
    metrics : content of metrics.json; its ``models`` must hold the budget's baseline.

    A line that was not measured fails: an unknown cost is no small cost.

    Raises
    ------
    UsageError : there is no budget for ``use_case``.
    """
    budget = (budgets or Budgets()).of(use_case)
    lines = [_limit(name, complexity.get(name), float(getattr(budget, name))) for name in LIMITS]
    return BudgetReport(use_case=use_case, budget_id=budget.id, lines=(*lines, _gain_line(budget, complexity, metrics)))


def _limit(name: str, measured: float | None, limit: float) -> BudgetLine:
    shown = name.replace("_", " ")
    if measured is None:
        return BudgetLine(name=name, measured=None, limit=limit, passed=False, words=f"{shown} was not measured")
    passed = float(measured) <= limit
    words = f"{shown} {_number(float(measured))} {'within' if passed else 'over'} {_number(limit)}"
    return BudgetLine(name=name, measured=float(measured), limit=limit, passed=passed, words=words)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def _gain_line(budget: BudgetSettings, complexity: Mapping[str, Any], metrics: Mapping[str, Any]) -> BudgetLine:
    """Return the line on skill won over the baseline, in accuracy, against what the complexity demands."""
    tenfolds = _tenfolds(complexity)
    models = metrics.get("models", {})
    base = models.get(budget.baseline, {}).get("accuracy")
    own = metrics.get("accuracy")
    if tenfolds is None or base is None or own is None:
        lacks = f"accuracy beside {budget.baseline!r}" if tenfolds is not None else "parameters"
        return BudgetLine(
            name="gain", measured=None, limit=budget.gain_per_tenfold, passed=False, words=f"{lacks} was not measured"
        )
    needed, gained = budget.gain_per_tenfold * tenfolds, float(own) - float(base)
    passed = gained >= needed - 1e-12
    words = (
        f"accuracy {100 * gained:+.2f} points over {budget.baseline}, {tenfolds:.1f} tenfolds of its parameters "
        f"{'ask for' if passed else 'ask for at least'} {100 * needed:+.2f}"
    )
    return BudgetLine(name="gain", measured=gained, limit=needed, passed=passed, words=words)


def _tenfolds(complexity: Mapping[str, Any]) -> float | None:
    """Return how many tenfolds of a logistic regression's parameters the model has; at least 0."""
    parameters, features = complexity.get("parameters"), complexity.get("features")
    if parameters is None or features is None:
        return None
    return max(0.0, math.log10(max(float(parameters), 1.0) / (float(features) + 1.0)))
