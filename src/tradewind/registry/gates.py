"""What must hold before a version moves on, besides who decides: a whole record, measured skill, a kept budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tradewind.core import UsageError
from tradewind.registry.budget import Budgets, check_budget
from tradewind.registry.record import ModelRecord

Gate = Callable[[ModelRecord, Budgets], list[str]]


def _record(record: ModelRecord, _: Budgets) -> list[str]:
    return [f"its record lacks {name}" for name in record.missing() if name != "metrics"]


def _metrics(record: ModelRecord, _: Budgets) -> list[str]:
    return [] if record.metrics else ["it was not measured out of sample"]


def _budget(record: ModelRecord, budgets: Budgets) -> list[str]:
    return check_budget(record.use_case, record.complexity, record.metrics, budgets).failures


GATES: Mapping[str, Gate] = MappingProxyType({"record": _record, "metrics": _metrics, "budget": _budget})


def pass_gates(needs: tuple[str, ...], record: ModelRecord, budgets: Budgets) -> None:
    """Refuse a version that lacks something of ``needs``; UsageError lists all it lacks."""
    lacks = [words for need in needs for words in GATES[need](record, budgets)]
    if lacks:
        raise UsageError(
            f"{record.reference} cannot move on: {'; '.join(lacks)}",
            fix="complete its record with `tradewind models amend`, or train a simpler model and register that",
        )
