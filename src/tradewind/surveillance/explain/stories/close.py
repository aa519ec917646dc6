"""Marking the close: trades in the last minutes, and the closing price."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.explain.extract import SECOND, clock, lasted, price, shares
from tradewind.surveillance.explain.orders import Record
from tradewind.surveillance.explain.story import Grid, Step, Story, count_of, names_of, told


def close_story(record: Record) -> Story:
    """Tell the accounts' trades in time, their side, their share of the volume and the last price."""
    extract, alert = record.extract, record.extract.alert
    hits = record.own_executions
    net = sum(e.side * e.size for e in hits)
    side = 1 if net >= 0 else -1
    steps = []
    groups = np.array_split(np.arange(len(hits)), min(12, len(hits))) if hits else []
    for part in (part.tolist() for part in groups):
        group = [hits[i] for i in part]
        bought = sum(e.size for e in group if e.side > 0)
        sold = sum(e.size for e in group if e.side < 0)
        done = " and ".join(
            f"{word} {shares(count)}" for word, count in (("bought", bought), ("sold", sold)) if count
        ).capitalize()
        prices = sorted({e.price for e in group})
        at = price(prices[0]) if len(prices) == 1 else f"{price(prices[0])} to {price(prices[-1])}"
        steps.append(
            Step(
                time=group[0].time,
                seq=group[0].seq,
                who=names_of(sorted({extract.name(e.account) for e in group}), 2),
                what=f"{done} at {at} in {count_of(len(group), 'execution')}, until "
                f"{lasted(alert.end - group[-1].time)} before the alert's last event.",
                why="Trades of the last minutes set the price that others are measured by.",
                order=group[0].order,
            )
        )
    facts = _facts(record, side, net)
    roles = {
        one.name: f"{'bought' if one.net > 0 else 'sold'} {shares(abs(one.net))} net"
        if one.traded
        else "entered orders"
        for one in record.doings
    }
    rows = tuple(
        (one.name, shares(one.bought), shares(one.sold), f"{one.net:+,d}", shares(one.trades)) for one in record.doings
    )
    grid = Grid(title="Trades before the close", columns=("Account", "Bought", "Sold", "Net", "Executions"), rows=rows)
    return told(_summary(record, facts, side), steps, roles, facts, [grid])


def _facts(record: Record, side: int, net: int) -> dict[str, float]:
    outline, alert = record.extract.outline, record.extract.alert
    traded = sum(one.traded for one in record.doings)
    before, last = outline.mid_at(alert.start - 1), outline.last_price(alert.start, alert.end)
    after = outline.last_price(alert.end + 1, record.extract.span.end)
    spread = outline.typical_spread / 10_000
    return {
        "net_shares": float(net),
        "one_sided_share": abs(net) / traded if traded else float("nan"),
        "volume_share": record.volume_share(),
        "price_before": before,
        "price_last": last,
        "price_next": after,
        "move_spreads": side * (last - before) / spread if spread else float("nan"),
        "aggressive_share": sum(one.taken for one in record.doings) / traded if traded else float("nan"),
        "length_s": (alert.end - alert.start) / SECOND,
    }


def _summary(record: Record, facts: dict[str, float], side: int) -> list[str]:
    alert = record.extract.alert
    if facts["one_sided_share"] != facts["one_sided_share"]:
        return [
            f"The events show no execution of {names_of(alert.accounts)} in {alert.symbol} before the close; the alert "
            "rests on the model's reading of other features."
        ]
    said = [
        f"In the {lasted(facts['length_s'] * SECOND)} to {clock(alert.end, 0)} UTC {names_of(alert.accounts)} "
        f"{'bought' if side > 0 else 'sold'} {shares(abs(facts['net_shares']))} shares of {alert.symbol} net; "
        f"{facts['one_sided_share']:.0%} of what they traded was one-sided, {facts['aggressive_share']:.0%} crossed.",
        f"They stood on a side of {facts['volume_share']:.1%} of the symbol's volume then.",
        f"The mid before was {facts['price_before']:,.4f}, the last price {facts['price_last']:,.4f}: "
        f"{facts['move_spreads']:+.1f} typical spreads their way.",
    ]
    if facts["price_next"] == facts["price_next"]:
        said.append(f"The last price within the time shown afterwards was {facts['price_next']:,.4f}.")
    return said
