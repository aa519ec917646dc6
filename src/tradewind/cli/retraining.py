"""Registry, runs, data and keys behind the flags of `tradewind retrain`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from tradewind.cli.inputs import InputFiles, dataset_of, read_market
from tradewind.cli.registry_access import open_registry, signer
from tradewind.core import InputError
from tradewind.core.clock import Clock, FixedClock, SystemClock
from tradewind.governance.audit import AuditLog, KeyRing, place_of
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.retraining import (
    Materials,
    Request,
    Retrainer,
    RetrainingSettings,
    RunStore,
    Staff,
    TriggerState,
)
from tradewind.monitoring.retraining.weekly import weekly_accuracy
from tradewind.registry import ModelRegistry
from tradewind.training import TrainedModel

OFFICES = ("validator", "approver", "operator")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the flags say."""

    model: str
    state: Path
    registry: str | None = None
    audit: str | None = None
    budgets: Path | None = None
    settings: Path | None = None
    as_of: date | None = None
    person: str | None = None
    offices: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The machine's clock; with a day given, that day at 23:00 UTC."""
        return SystemClock() if self.as_of is None else FixedClock(datetime.combine(self.as_of, time(23), tzinfo=UTC))

    @property
    def rules(self) -> RetrainingSettings:
        """The settings."""
        return RetrainingSettings() if self.settings is None else RetrainingSettings.from_toml(self.settings)

    @property
    def store(self) -> RunStore:
        """The runs."""
        return RunStore(self.state)

    def open(self) -> ModelRegistry:
        """Return the registry, which tells the audit log."""
        return open_registry(self.registry, audit=self.audit, budgets=self.budgets)

    def tell(self, kind: str, body: Mapping[str, Any]) -> None:
        """Tell the audit log of a step, unless it is off."""
        place = place_of(self.audit)
        if place is not None:
            with AuditLog.open(place, key=KeyRing.of_environment()) as log:
                log.append(kind, body)

    def retrainer(self, registry: ModelRegistry) -> Retrainer:
        """Return the retrainer with the keys of the people named."""
        assert self.person is not None
        held = {office: signer(name) for office, name in self.offices.items() if name}
        staff = Staff(author=signer(self.person), **held)
        return Retrainer(registry, self.store, staff, self.rules, clock=self.clock, tell=self.tell)


def champion_of(registry: ModelRegistry, name: str) -> TrainedModel:
    """Return the champion, files verified."""
    return TrainedModel.load(registry.model_folder(name, "champion"))


def materials_of(files: InputFiles, champion: TrainedModel) -> Materials:
    """Read the files and compute features and the champion's label."""
    market = read_market(files)
    named = {"prices": files.prices, "news": files.news, "universe": files.universe, "fear": files.fear}
    inputs = {flag: path for flag, path in named.items() if path is not None}
    return Materials(data=dataset_of(market, champion.settings), news=market.news, inputs=inputs)


def state_of(
    asked: Asked, registry: ModelRegistry, on: Materials, findings: Sequence[Finding], request: Request | None = None
) -> TriggerState:
    """Return what is known: the champion's weeks since its training, findings, earlier runs, a person's wish."""
    now = asked.clock.now()
    record = registry.record(asked.model, "champion")
    expected = record.metrics.get("accuracy")
    weeks = () if expected is None else weekly_accuracy(champion_of(registry, asked.model), on, float(expected), now)
    return TriggerState(
        now=now,
        weeks=weeks,
        findings=findings,
        importance=dict.fromkeys((one for one in record.features if one in on.data.names), 1.0),
        features=len(record.features),
        runs=asked.store.past(asked.model, now),
        request=request,
        rolled_back=_rolled_back(registry, asked.model),
    )


def _rolled_back(registry: ModelRegistry, name: str) -> datetime | None:
    orders = [one for one in registry.history(name) if one.act == "fallback"]
    return orders[-1].moment if orders else None


def read_findings(path: Path | None) -> list[Finding]:
    """Return the findings in a file of JSON lines; InputError names the first line that is none."""
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, fix="give a file of findings") from error
    found = []
    for row, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(Finding.from_dict(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"is no finding ({error})", file=path, row=row, fix="give one finding a line, as monitors write them"
            ) from error
    return found
