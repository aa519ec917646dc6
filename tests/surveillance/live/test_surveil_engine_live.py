"""The live engine: what it publishes is what a run over the file finds, across partitions and restarts."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.streaming.log import EmbeddedLog, replay
from tradewind.streaming.records import MarketAlert
from tradewind.surveillance.events.records import records_from_events
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.live.engine import Judge, LiveEngine, LiveSettings
from tradewind.surveillance.live.publishing import ALERTS_TOPIC, alert_of, alert_record
from tradewind.surveillance.live.rules_only import rules_only
from tradewind.surveillance.pipeline import Surveillance, watch
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.venue import Market

BAR = 0.5
SETTINGS = LiveSettings(patience=0.005, style_events=2_000, checkpoint_seconds=0.0)


@lru_cache(maxsize=1)
def market() -> Market:
    """Return a market with schemes in it and more than one symbol."""
    seed = next(s for s in range(900, 960) if len(sample_market(s, events=8_000).settings.symbols) > 1)
    return sample_market(seed, events=12_000, episodes=4)


def judge() -> Judge:
    """Return the rules alone: what is tested here does not depend on a model."""
    return Judge(model=rules_only(BAR), sessions=market().sessions)


def engine(folder: Path, log: EmbeddedLog, settings: LiveSettings = SETTINGS) -> LiveEngine:
    """Return an engine whose checkpoint lies in ``folder``."""
    return LiveEngine(log, judge(), folder / "state", settings=settings)


def fill(log: EmbeddedLog, events: EventTable) -> None:
    """Write events into the log."""
    producer = log.producer()
    producer.send_many(records_from_events(events))
    producer.close()


def published(log: EmbeddedLog) -> list[MarketAlert]:
    """Return every alert record, by id and revision."""
    found = [m.record for m in replay(log, [ALERTS_TOPIC]) if isinstance(m.record, MarketAlert)]
    return sorted(found, key=lambda a: (a.id, a.revision))


def keys(records: list[MarketAlert]) -> list[tuple[object, ...]]:
    """Return what must be equal between two ways to the same alerts."""
    return [(a.id, a.revision, a.scheme, a.symbol, tuple(a.accounts), a.start_ns, a.end_ns, a.score) for a in records]


@lru_cache(maxsize=1)
def expected() -> list[tuple[object, ...]]:
    """Return every revision that a run over the whole table tells."""
    surveillance = Surveillance(judge().model, market().sessions)
    told = surveillance.update(market().events) + surveillance.finish()
    records = [alert_record(alert, model="", made_at=0) for alert in told]
    return keys(sorted(records, key=lambda a: (a.id, a.revision)))


@pytest.mark.slow
def test_the_log_s_way_gives_the_alerts_of_the_file(tmp_path: Path) -> None:
    assert len(expected()) > 3
    with EmbeddedLog.open(tmp_path / "log", partitions=3) as log:
        fill(log, market().events)
        one = engine(tmp_path, log)
        assert one.once() == len(market().events)
        one.close()
        assert keys(published(log)) == expected()
    latest = {alert.id: alert for alert in watch(market().events, Surveillance(judge().model, market().sessions))}
    assert {name: a.revision for name, a in one.alerts.items()} == {name: a.revision for name, a in latest.items()}


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_process_that_dies_and_starts_again_neither_loses_nor_repeats_an_alert(tmp_path: Path, share: float) -> None:
    cut = int(share * len(market().events))
    with EmbeddedLog.open(tmp_path / "log", partitions=3) as log:
        fill(log, market().events.take(slice(0, cut)))
        first = engine(tmp_path, log)
        while first.lag() or first.events < cut:
            first.step()
        first.close()  # without a word: as if it were killed
        before = published(log)
        fill(log, market().events.take(slice(cut, None)))
        second = engine(tmp_path, log)
        assert second.catching_up
        second.once()
        second.close()
        assert keys(published(log)) == expected()
        assert keys(before) == [key for key in keys(published(log)) if key in keys(before)]


@pytest.mark.slow
def test_a_short_warm_up_reads_less_and_repeats_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewind.surveillance.live.checkpoint.MARK_EVERY", 500)
    settings = LiveSettings(patience=0.005, style_events=500, checkpoint_seconds=0.0, warm_up=2_000)
    events, cut = market().events, 9_000
    with EmbeddedLog.open(tmp_path / "log", partitions=1) as log:
        for start in range(0, cut, 500):
            fill(log, events.take(slice(start, start + 500)))
            if start == 0:
                first = engine(tmp_path, log, settings)
            while first.lag():
                first.step()
        first.close()
        before = keys(published(log))
        second = engine(tmp_path, log, settings)
        second.once()
        second.close()
        assert 0 < second.events < 4_000
        after = keys(published(log))
        assert [key[:2] for key in before] == [key[:2] for key in after if key[:2] in {k[:2] for k in before}]
        assert len({key[:2] for key in after}) == len(after)


@pytest.mark.slow
def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    with EmbeddedLog.open(tmp_path / "log", partitions=1) as log:
        fill(log, market().events.take(slice(0, 3_000)))
        first = engine(tmp_path, log)
        first.once()
        first.close()
        with pytest.raises(UsageError, match="the checkpoint is of model"):
            LiveEngine(log, Judge(model=rules_only(0.7), sessions=market().sessions), tmp_path / "state")


def test_an_alert_comes_back_from_its_record() -> None:
    surveillance = Surveillance(judge().model, market().sessions)
    for alert in watch(market().events, surveillance)[:5]:
        back = alert_of(alert_record(alert, model="m", made_at=1))
        assert back == alert


def test_delays_are_measured_for_every_alert_first_raised(tmp_path: Path) -> None:
    with EmbeddedLog.open(tmp_path / "log", partitions=2) as log:
        fill(log, market().events)
        one = engine(tmp_path, log)
        one.once()
        one.close()
        raised = one.metrics.registry.get_sample_value("tradewind_surveillance_alert_delay_seconds_count")
        assert raised == len(one.delays) > 0
        assert np.all(np.asarray(one.delays) >= 0)
        assert one.metrics.registry.get_sample_value("tradewind_surveillance_events_total") == len(market().events)
