"""Whom a rollout tells and asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.core import Event

Decide = Callable[[str, str, Mapping[str, Any]], bool]
"""(action, model, evidence) -> whether it was done: "promote" makes an approved version the champion."""
Record = Callable[[str, Mapping[str, Any]], None]
"""Takes a line for the audit log: what was done, and its facts."""


def _nobody(*_: object) -> None:
    """Tell nobody."""


def _refuse(*_: object) -> bool:
    """Take no decision."""
    return False


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """``decide`` takes the decision to promote; ``emit`` takes events; ``record`` audit lines."""

    decide: Decide = _refuse
    emit: Callable[[Event], None] = _nobody
    record: Record = _nobody
