"""Find planted spoofing in a simulated market, and read why an alert was raised.

The same as `tradewind surveil run`, on a small market. The first run of an installation compiles for a minute.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tradewind.surveillance.events import write_events
from tradewind.surveillance.explain import EvidenceChain, EvidenceStore, doubts
from tradewind.surveillance.learning import bundled_model
from tradewind.surveillance.live.run import RunPlan, run
from tradewind.surveillance.live.sources import EventFiles
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.schemes import Scheme


def main() -> None:
    market = sample_market(101, schemes=[Scheme.SPOOFING], episodes=2, events=15_000)
    for deed in market.truth:
        print(f"planted: {deed.scheme} in {deed.symbol} by {', '.join(deed.accounts)}")

    with tempfile.TemporaryDirectory() as folder:
        events = write_events(market.events, Path(folder) / "events.parquet")
        plan = RunPlan(files=EventFiles.of(events), model=bundled_model(), sessions=market.sessions, truth=market.truth)
        found = run(plan, Path(folder) / "out")

    for alert in found.alerts:
        print(
            f"alert: {alert.scheme} in {alert.symbol} by {', '.join(alert.accounts)}, {alert.score:.2f}, {alert.tier}"
        )
        chain = EvidenceChain.of(EvidenceStore(market.events).cut([alert])[0])
        print("  " + chain.story.summary[0])
        print(f"  against: {doubts(chain)[0]}")
    print("an alert is a suspicion: two people decide what it is")


if __name__ == "__main__":
    main()
