"""Latency, errors, overload, memory, lag and throughput of what serves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tradewind.core import Severity
from tradewind.core.plain import finite
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.service.baseline import Baseline, Hysteresis
from tradewind.monitoring.service.memory import MemoryTrend
from tradewind.monitoring.service.settings import ServiceSettings
from tradewind.monitoring.slices import ServiceSample, Slice

_SEVERITY = {"throughput_drop": Severity.WARNING, "new_normal": Severity.WARNING}
_UNITS = {"latency_p50": "s", "latency_p99": "s", "lag": "s"}


class ServiceWatcher:
    """Holds each slice's service sample against the last good ones and hard limits.

    A value that is out of bounds does not enter the baseline, so that a trouble does not soon become usual; a change
    for the better does. One that has been out for ``renew`` slices without a pause is taken up as the new normal, and
    that is told of too, once; hard limits stay.

    Kinds: ``latency``, ``slow_dependency``, ``error_rate``, ``overload``, ``memory_leak``, ``lag``,
    ``throughput_drop``, ``new_normal``.
    """

    name = "service"

    def __init__(self, settings: ServiceSettings | None = None) -> None:
        self.settings = settings or ServiceSettings()
        self._baselines: dict[str, Baseline] = {}
        self._states: dict[str, Hysteresis] = {}
        self._scores: dict[str, float] = {}
        self._out: dict[str, list[float]] = {}
        self._renewed: list[tuple[str, float, float]] = []
        self._memory = MemoryTrend(window=self.settings.leak_window)
        self._counts = {"errors": [0.0, 0.0], "rejected": [0.0, 0.0]}

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in how the service did and return what is wrong; nothing of a slice without a sample."""
        sample = one.service
        if sample is None:
            return []
        found = [*self._slow(one, sample), *self._refused(one, sample)]
        found.extend(self._behind(one, sample))
        found.extend(self._fewer(one, sample))
        found.extend(self._leak(one, sample))
        found.extend(self._new_normal(one))
        return found

    def state(self) -> Mapping[str, Any]:
        """Return robust scores of the latest sample and the usual values."""
        usual = {name: baseline.usual for name, baseline in sorted(self._baselines.items())}
        plain: dict[str, Any] = finite({"scores": dict(sorted(self._scores.items())), "usual": usual})
        return plain

    def _judge(self, name: str, value: float, *, limit: float = math.inf, floor: float = 0.0) -> bool:
        """Take in ``value`` and return whether it is too high; only values that are not enter the baseline."""
        settings = self.settings
        baseline = self._baselines.setdefault(name, Baseline(memory=settings.memory, least=settings.least))
        state = self._states.setdefault(name, Hysteresis(calm=settings.calm))
        score = baseline.score(value)
        self._scores[name] = score
        large = value >= settings.ratio * baseline.usual and value > floor
        high = bool(score >= settings.lasting and large)
        trouble = state.update(sudden=bool((score >= settings.sudden and large) or value > limit), high=high)
        out = self._out.setdefault(name, [])
        if not (high or trouble):
            baseline.add(value)
            out.clear()
        elif value > limit:
            out.clear()
        elif math.isfinite(value):
            out.append(value)
        if len(out) >= settings.renew:
            before = baseline.usual
            baseline.renew(out)
            self._renewed.append((name, before, baseline.usual))
            self._states[name] = Hysteresis(calm=settings.calm)
            out.clear()
        return trouble

    def _new_normal(self, one: Slice) -> Iterator[Finding]:
        """Tell of what is taken as usual with this slice."""
        for name, before, now in self._renewed:
            unit = "of all requests" if name in self._counts else "s"
            words = (
                f"{name} has been about {now:.4g} {unit} for {self.settings.renew} slices; {before:.4g} was usual. "
                "It is taken as usual from now on and told of no more"
            )
            subject = {"metric": name.removeprefix("dependency ")}
            yield self._finding(one, "new_normal", words, subject, (now, before, None), {"before": before, "now": now})
        self._renewed.clear()

    def _slow(self, one: Slice, sample: ServiceSample) -> Iterator[Finding]:
        usual = {name: baseline.usual for name, baseline in self._baselines.items()}
        slow = {
            name: self._judge(name, getattr(sample, name), limit=self.settings.latency_limit)
            for name in ("latency_p50", "latency_p99")
        }
        late = {name: self._judge(f"dependency {name}", value) for name, value in sorted(sample.dependencies.items())}
        excess = sample.latency_p99 - usual.get("latency_p99", math.nan)
        for name in [name for name, is_slow in late.items() if is_slow]:
            before = usual.get(f"dependency {name}", math.nan)
            more = sample.dependencies[name] - before
            share = more / excess if excess > 0 else math.nan
            if not slow["latency_p99"] or not math.isfinite(share) or share >= self.settings.dependency_share:
                yield self._finding(
                    one,
                    "slow_dependency",
                    f"{name} took {sample.dependencies[name]:.4g} s (p99) where {before:.4g} s is usual"
                    + (f"; it explains {min(share, 1.0):.0%} of the slowdown" if slow["latency_p99"] else ""),
                    {"dependency": name},
                    (sample.dependencies[name], before * self.settings.ratio, None),
                    {"usual": before, "share_of_slowdown": share, "score": self._scores[f"dependency {name}"]},
                )
        for name in [name for name, is_slow in slow.items() if is_slow]:
            value = getattr(sample, name)
            yield self._against(one, "latency", name, value, usual.get(name, math.nan))

    def _refused(self, one: Slice, sample: ServiceSample) -> Iterator[Finding]:
        from scipy import stats  # takes a second to import

        settings = self.settings
        bounds = {
            "errors": (settings.error_limit, settings.error_chance, "error_rate", "answers failed"),
            "rejected": (settings.rejected_limit, settings.rejected_chance, "overload", "requests were refused"),
        }
        for name, (limit, chance, kind, words) in bounds.items():
            bad = getattr(sample, name)
            total = sample.requests + (sample.rejected if name == "rejected" else 0)
            if total <= 0:
                continue
            before = self._counts[name]
            # Overdispersion: counts of days stray more than binomial, so the usual share is taken twice.
            usual = 2 * (before[0] + 1) / (before[1] + 100) if before[1] else limit
            p_value = float(stats.binom.sf(bad - 1, total, min(usual, 1.0)))
            share = bad / total
            trouble = share > limit or (p_value < chance and bad >= 5)
            if trouble:
                yield self._finding(
                    one,
                    kind,
                    f"{bad} of {total} {words} ({share:.2%})",
                    {},
                    (share, limit, p_value),
                    {"usual": usual / 2, "count": bad, "of": total},
                )
            self._count(name, (bad, total), counts=not trouble, under=share <= limit)

    def _count(self, name: str, seen: tuple[int, int], *, counts: bool, under: bool) -> None:
        """Let what was ``seen`` enter the usual share, at once where it ``counts``, else when it is the new normal."""
        before, out = self._counts[name], self._out.setdefault(name, [])
        if counts:
            self._counts[name] = [0.98 * before[0] + seen[0], 0.98 * before[1] + seen[1]]
        if counts or not under:
            out.clear()
            return
        out.append(seen[0] / seen[1])
        if len(out) >= self.settings.renew:
            share = sum(out) / len(out)
            self._renewed.append((name, before[0] / max(before[1], 1.0), share))
            self._counts[name] = [share * max(before[1], seen[1]), float(max(before[1], seen[1]))]
            out.clear()

    def _behind(self, one: Slice, sample: ServiceSample) -> Iterator[Finding]:
        usual = self._baselines["lag"].usual if "lag" in self._baselines else math.nan
        if self._judge("lag", sample.lag, limit=self.settings.lag_limit, floor=self.settings.lag_floor):
            yield self._against(one, "lag", "lag", sample.lag, usual)

    def _fewer(self, one: Slice, sample: ServiceSample) -> Iterator[Finding]:
        rate = sample.requests / sample.seconds if sample.seconds > 0 else math.nan
        # A drop is a rise of the time between requests; none at all is one request too few to measure.
        between = 1 / rate if rate > 0 else 2 * sample.seconds
        usual = self._baselines["between_requests"].usual if "between_requests" in self._baselines else math.nan
        if self._judge("between_requests", between) and math.isfinite(rate):
            words = f"{rate:.4g} requests per second where {1 / usual:.4g} are usual"
            evidence = {"usual": 1 / usual, "score": self._scores["between_requests"]}
            bounds = (rate, 1 / usual / self.settings.ratio, None)
            yield self._finding(one, "throughput_drop", words, {}, bounds, evidence)

    def _leak(self, one: Slice, sample: ServiceSample) -> Iterator[Finding]:
        settings = self.settings
        self._memory.add(sample.memory)
        trend = self._memory.trend
        over = settings.memory_limit is not None and sample.memory > settings.memory_limit
        leaks = (
            trend is not None
            and trend.lasting
            and trend.growth >= settings.leak_growth
            and trend.p_value < settings.leak_chance
        )
        if not (over or leaks):
            return
        growth = trend.growth if trend is not None else math.nan
        words = f"memory is {sample.memory / 1e6:.0f} MB" + (
            f" and grew by {growth:.0%} over {settings.leak_window} slices" if leaks else ", over its limit"
        )
        evidence = {"memory": sample.memory, "slope": trend.slope if trend is not None else math.nan}
        chance = trend.p_value if trend is not None else None
        yield self._finding(one, "memory_leak", words, {}, (growth, settings.leak_growth, chance), evidence)

    def _against(self, one: Slice, kind: str, name: str, value: float, usual: float) -> Finding:
        words = f"{name} is {value:.4g} {_UNITS[name]} where {usual:.4g} {_UNITS[name]} is usual"
        evidence = {"usual": usual, "score": self._scores[name]}
        return self._finding(one, kind, words, {"metric": name}, (value, usual * self.settings.ratio, None), evidence)

    def _finding(
        self,
        one: Slice,
        kind: str,
        message: str,
        subject: Mapping[str, str],
        seen: tuple[float, float, float | None],
        evidence: Mapping[str, Any],
    ) -> Finding:
        """Return a finding; ``seen`` is the value, its limit and the p-value of a test."""
        grave = kind in ("error_rate", "overload") and seen[0] > seen[1]
        return Finding(
            kind=kind,
            area=Area.SERVICE,
            severity=Severity.CRITICAL if grave else _SEVERITY.get(kind, Severity.ERROR),
            message=message,
            time=bar_time(one),
            known_at=one.known_at,
            subject=dict(subject),
            statistic=seen[0],
            threshold=seen[1],
            p_value=seen[2],
            evidence=finite(dict(evidence)),
        )
