"""The case file: what stands on the page, in JSON and in print."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradewind.core.errors import InputError, UsageError
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.events import EventTable, Kind, Names, write_events
from tradewind.surveillance.explain import CaseAbout, EvidenceChain, EvidenceStore, build_case_file, pictures
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.venue import Market

PICTURES = {
    Scheme.PUMP_AND_DUMP: {"Price and trades", "Positions"},
    Scheme.SPOOFING: {"Depth of the book", "Lives of the orders", "Price and trades"},
    Scheme.LAYERING: {"Depth of the book", "Lives of the orders", "Price and trades"},
    Scheme.QUOTE_STUFFING: {"Message rate", "Lives of the orders", "Price and trades"},
    Scheme.WASH_TRADING: {"Who sold to whom", "Price and trades", "Positions"},
    Scheme.MARKING_THE_CLOSE: {"Price and trades", "Positions"},
    Scheme.MOMENTUM_IGNITION: {"Price and trades", "Positions"},
    Scheme.FRONT_RUNNING: {"Price and trades", "Positions"},
    Scheme.COORDINATED_ACCOUNTS: {"Who acted when", "Price and trades", "Positions"},
}


def planted(scheme: Scheme) -> tuple[Market, Alert]:
    """Return a small market in which the scheme took place, and an alert on it."""
    start = 100 + list(Scheme).index(scheme)
    for seed in range(start, start + 20):
        market = sample_market(seed, schemes=[scheme], episodes=1, events=8_000)
        if market.truth:
            deed = market.truth[0]
            return market, Alert(
                id="00000000000000ab",
                scheme=deed.scheme,
                symbol=deed.symbol,
                accounts=deed.accounts,
                start=deed.start,
                end=deed.end,
                known_at=deed.end,
                score=0.97,
                tier=Tier.HIGH,
            )
    raise AssertionError(f"no seed plants {scheme}")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_scheme_has_its_page_with_evidence_pictures_and_law(scheme: Scheme, tmp_path: Path) -> None:
    market, alert = planted(scheme)
    page, data = build_case_file([alert], market.events, tmp_path)
    html, plain = page.read_text(), json.loads(data.read_text())
    (told,) = plain["alerts"]
    for name in alert.accounts:
        assert name in html
        assert told["roles"][name]
    for part in ("What happened", "Chain of evidence", "What speaks against it", "Rules it may breach", "Decisions"):
        assert part in html
    assert told["steps"]
    assert {one["place"] for one in told["regulation"]} == {"EU", "US"}
    for step in told["steps"]:
        assert step["what"].replace("'", "&#39;").replace("&#39;", "'") in html.replace("&#39;", "'")
    drawn = set(re.findall(r"<figcaption[^>]*>(.*?)\.", html))
    assert drawn == PICTURES[scheme]
    assert html.count("<svg") == len(drawn)
    assert "nan" not in re.sub(r"<[^>]*>", " ", html).lower().split()


@pytest.mark.slow
def test_what_the_page_says_is_what_a_file_of_the_same_events_gives(tmp_path: Path) -> None:
    market, alert = planted(Scheme.SPOOFING)
    file = tmp_path / "events.parquet"
    write_events(market.events, file)
    _, first = build_case_file([alert], market.events, tmp_path / "memory")
    _, second = build_case_file([alert], file, tmp_path / "file")
    one, other = (json.loads(path.read_text()) for path in (first, second))
    assert one["alerts"][0]["facts"] == other["alerts"][0]["facts"]
    assert [s["what"] for s in one["alerts"][0]["steps"]] == [s["what"] for s in other["alerts"][0]["steps"]]
    assert re.fullmatch("[0-9a-f]{64}", other["made_from"]["SHA-256 of the events"])
    assert one["made_from"]["Hash of the events"] != ""


@pytest.mark.slow
def test_the_same_case_makes_the_same_files(tmp_path: Path) -> None:
    market, alert = planted(Scheme.WASH_TRADING)
    first = build_case_file([alert], market.events, tmp_path / "a")
    second = build_case_file([alert], market.events, tmp_path / "b")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


@pytest.mark.slow
def test_a_case_of_several_alerts_tells_each_the_most_urgent_first(tmp_path: Path) -> None:
    market = sample_market(11, episodes=3, events=10_000)
    alerts = [
        Alert(
            id=f"{number:016x}", scheme=deed.scheme, symbol=deed.symbol, accounts=deed.accounts, start=deed.start,
            end=deed.end, known_at=deed.end, score=0.6 + 0.1 * number, tier=tier,
        )
        for number, (deed, tier) in enumerate(zip(market.truth, (Tier.LOW, Tier.CRITICAL, Tier.HIGH), strict=False))
    ]  # fmt: skip
    assert len(alerts) >= 2
    rows = [
        ("2026-01-02 10:00", "anna", "take", ""),
        ("2026-01-02 11:00", "bert", "confirm", "Owner <b>is</b> the same"),
    ]
    about = CaseAbout(id="C 12/x", title="Three deeds", timezone="America/New_York", respond_by="soon")
    page, data = build_case_file(alerts, market.events, tmp_path, decisions=rows, about=about)
    assert page.name == "case_C_12_x.html"
    html, plain = page.read_text(), json.loads(data.read_text())
    assert plain["alerts"][0]["alert"]["tier"] == "critical"
    assert [row[1] for row in plain["decisions"]] == ["anna", "bert"]
    assert "Critical: respond by soon" in html
    assert "In America/New_York" in html
    assert "Owner &lt;b&gt;is&lt;/b&gt; the same" in html
    assert len(re.findall(r'id="evidence-\d"', html)) == len(alerts)


def hostile(name: str) -> tuple[EventTable, Alert]:
    """Return wash trades by accounts with a name that is no plain word."""
    second, count = 1_000_000_000, 40
    odd = np.arange(count) % 2
    events = EventTable(
        time=np.arange(1, count + 1, dtype=np.int64) * second,
        symbol=np.zeros(count, dtype=np.int32),
        seq=np.arange(count, dtype=np.int64),
        kind=np.full(count, Kind.TRADE, dtype=np.int8),
        order=np.zeros(count, dtype=np.int64),
        account=odd.astype(np.int32),
        side=np.where(odd, 1, -1).astype(np.int8),
        price=np.full(count, 100_000, dtype=np.int64),
        size=np.full(count, 10, dtype=np.int64),
        symbols=Names((name + "S",)),
        accounts=Names((name + "1", name + "2")),
        contra=(1 - odd).astype(np.int32),
        contra_order=np.zeros(count, dtype=np.int64),
    )
    alert = Alert(
        id="1", scheme=Scheme.WASH_TRADING, symbol=name + "S", accounts=(name + "1", name + "2"), start=5 * second,
        end=30 * second, known_at=30 * second, score=1.0, tier=Tier.CRITICAL,
    )  # fmt: skip
    return events, alert


@pytest.mark.slow
@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "$x_{$", "_", "账户", "a\x00b\x07", "\"&'", "x" * 400])
def test_odd_names_stay_words(name: str, tmp_path: Path) -> None:
    events, alert = hostile(name)
    for scheme in (Scheme.WASH_TRADING, Scheme.COORDINATED_ACCOUNTS, Scheme.PUMP_AND_DUMP):
        page, _ = build_case_file([replace(alert, scheme=scheme)], events, tmp_path)
        html = page.read_text()
        assert "<script" not in html
        assert "<svg" in html


@pytest.mark.slow
def test_a_pdf_is_one(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint")
    events, alert = hostile("A")
    files = build_case_file([alert], events, tmp_path, pdf=True)
    pdf = next(path for path in files if path.suffix == ".pdf")
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_pictures_say_in_words_what_they_show() -> None:
    market, alert = planted(Scheme.WASH_TRADING)
    chain = EvidenceChain.of(EvidenceStore(market.events).cut([alert])[0])
    for picture in pictures(chain):
        assert f'aria-label="{picture.alt[:20]}' in picture.svg


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    market, alert = planted(Scheme.SPOOFING)
    with pytest.raises(UsageError, match="needs an alert"):
        build_case_file([], market.events, tmp_path)
    with pytest.raises(UsageError, match="Mars"):
        build_case_file([alert], market.events, tmp_path, about=CaseAbout(timezone="Mars/Olympus"))
    with pytest.raises(InputError, match="no such file"):
        build_case_file([alert], tmp_path / "absent.parquet", tmp_path)
    assert not list(tmp_path.iterdir())
