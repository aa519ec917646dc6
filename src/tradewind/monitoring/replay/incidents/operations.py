"""Incidents of what is operated: labels, versions, dependencies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.monitoring.replay.incidents.incident import IncidentKind, Stage, Truth


class LabelDelay:
    """For 20 to 40 sessions labels come 8 to 20 sessions late."""

    kind = IncidentKind.LABEL_DELAY

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Hold the labels back."""
        last = first + min(int(rng.integers(20, 41)), room) - 1
        late = int(rng.integers(8, 21))
        delay = list(stage.label_delay)
        delay[first : last + 1] = [late] * (last - first + 1)
        return replace(stage, label_delay=tuple(delay)), Truth(
            kind=self.kind, first=first, last=last, subject={"feed": "labels"}, words=f"labels are {late} sessions late"
        )


class WrongModelVersion:
    """The version before the champion answers for 5 to 40 sessions, as after a roll-out that went wrong."""

    kind = IncidentKind.WRONG_MODEL_VERSION

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Serve the old one."""
        last = first + min(int(rng.integers(5, 41)), room) - 1
        served = list(stage.served)
        served[first : last + 1] = [0] * (last - first + 1)
        old = stage.versions[0]
        return replace(stage, served=tuple(served)), Truth(
            kind=self.kind, first=first, last=last, subject={"version": old}, words=f"{old} answers"
        )


class SlowDependency:
    """One dependency answers 4 to 20 times as slowly for 2 to 10 sessions, and requests with it."""

    kind = IncidentKind.SLOW_DEPENDENCY

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Slow it down."""
        last = first + min(int(rng.integers(2, 11)), room) - 1
        name = str(rng.choice(sorted(stage.service[first].dependencies)))
        factor = float(rng.uniform(4.0, 20.0))
        service = list(stage.service)
        for day in range(first, last + 1):
            sample = service[day]
            more = sample.dependencies[name] * (factor - 1.0)
            service[day] = replace(
                sample,
                latency_p50=sample.latency_p50 + 0.3 * more,
                latency_p99=sample.latency_p99 + more,
                dependencies={**sample.dependencies, name: sample.dependencies[name] + more},
            )
        return replace(stage, service=tuple(service)), Truth(
            kind=self.kind,
            first=first,
            last=last,
            subject={"dependency": name},
            words=f"{name} takes {factor:.0f} times as long",
        )
