"""Wash trading: trades whose both sides are accounts of the alert."""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.surveillance.explain.extract import SECOND, lasted, price, shares
from tradewind.surveillance.explain.orders import Execution, Record, middle
from tradewind.surveillance.explain.story import Grid, Step, Story, count_of, names_of, told


def wash_story(record: Record) -> Story:
    """Tell the trades among the accounts, who sold to whom, and what each account's position came to."""
    inside = inside_trades(record)
    rested = _rested(record, inside)
    extract = record.extract
    steps = [
        Step(
            time=one.time,
            seq=one.seq,
            who=extract.name(one.account),
            what=f"{'Bought' if one.side > 0 else 'Sold'} {shares(one.size)} at {price(one.price)} "
            f"{'from' if one.side > 0 else 'to'} {_other(record, one)}"
            + (f", whose order had rested {lasted(one.time - rested[one])}." if one in rested else "."),
            why="Both sides of the trade are accounts of this alert: ownership may not have changed.",
            order=one.order,
        )
        for one in inside
    ]
    facts = _facts(record, inside, rested)
    roles = {one.name: _role(one.inside, one.traded, record, one.account) for one in record.doings}
    return told(_summary(record, facts), steps, roles, facts, [_pairs(record, inside), _positions(record)])


def inside_trades(record: Record) -> list[Execution]:
    """Return each trade among the accounts once, from the side of the one that arrived."""
    return [e for e in record.own_executions if not e.passive and e.other in record.codes]


def _other(record: Record, one: Execution) -> str:
    return "itself" if one.account == one.other else record.extract.name(one.other)


def _rested(record: Record, inside: Sequence[Execution]) -> dict[Execution, int]:
    """Return for each trade among the accounts when the order that rested was entered, where that is known."""
    met = {(e.seq, e.account, e.time): e.order for e in record.own_executions if e.passive}
    lives: dict[int, list[int]] = {}
    for line in record.lifelines:
        lives.setdefault(line.order, []).append(line.entered)
    found = {}
    for one in inside:
        times = [t for t in lives.get(met.get((one.seq, one.other, one.time), 0), ()) if t <= one.time]
        if times:
            found[one] = times[-1]
    return found


def _facts(record: Record, inside: Sequence[Execution], rested: dict[Execution, int]) -> dict[str, float]:
    volume = sum(e.size for e in inside)
    gross = sum(one.traded for one in record.doings)
    net = sum(abs(_inside_net(inside, code)) for code in record.codes)
    total = record.extract.outline.volume
    waits = [(e.time - entered) / SECOND for e, entered in rested.items()]
    return {
        "inside_trades": float(len(inside)),
        "inside_shares": float(volume),
        "inside_value": sum(e.size * e.price for e in inside) / 10_000,
        "self_trades": float(sum(e.account == e.other for e in inside)),
        "inside_share_of_own": 2 * volume / gross if gross else float("nan"),
        "inside_share_of_volume": volume / total if total else float("nan"),
        "net_change_shares": float(net) / 2,
        "rested_s": middle(waits),
    }


def _inside_net(inside: Sequence[Execution], code: int) -> int:
    taken = sum(e.side * e.size for e in inside if e.account == code)
    rested = sum(-e.side * e.size for e in inside if e.other == code)
    return taken + rested


def _summary(record: Record, facts: dict[str, float]) -> list[str]:
    alert = record.extract.alert
    if not facts["inside_trades"]:
        return [
            f"The events show no trade among {names_of(alert.accounts)} in {alert.symbol} whose both sides are known; "
            "the alert rests on the model's reading of other features."
        ]
    made = count_of(int(facts["inside_trades"]), "trade")
    selfish = int(facts["self_trades"])
    own = f"; {selfish:,} of these trades were an account's with itself" if selfish else ""
    said = [
        f"{names_of(alert.accounts)} made {made} among themselves in {alert.symbol}: {shares(facts['inside_shares'])} "
        f"shares, {facts['inside_share_of_volume']:.1%} of the symbol's volume then{own}.",
        f"These are {facts['inside_share_of_own']:.1%} of all they traded then; after them "
        f"{shares(facts['net_change_shares'])} shares had moved from one account to another for good.",
    ]
    if facts["rested_s"] == facts["rested_s"]:
        said.append(f"The resting order had stood {lasted(facts['rested_s'] * SECOND)} when it was met (median).")
    return said


def _pairs(record: Record, inside: Sequence[Execution]) -> Grid:
    found: dict[tuple[str, str], list[Execution]] = {}
    for one in inside:
        own, other = record.extract.name(one.account), record.extract.name(one.other)
        found.setdefault((other, own) if one.side > 0 else (own, other), []).append(one)
    ranked = sorted(found.items(), key=lambda item: (-sum(e.size for e in item[1]), item[0]))
    rows = tuple(
        (seller, buyer, shares(len(hits)), shares(sum(e.size for e in hits)), _range(hits))
        for (seller, buyer), hits in ranked[:20]
    )
    return Grid(title="Who sold to whom", columns=("Seller", "Buyer", "Trades", "Shares", "Prices"), rows=rows, left=2)


def _range(hits: Sequence[Execution]) -> str:
    low, high = min(e.price for e in hits), max(e.price for e in hits)
    return price(low) if low == high else f"{price(low)} to {price(high)}"


def _positions(record: Record) -> Grid:
    inside = inside_trades(record)
    rows = tuple(
        (
            one.name,
            shares(one.inside),
            shares(one.traded - one.inside),
            f"{_inside_net(inside, one.account):+,d}",
            f"{one.net:+,d}",
        )
        for one in record.doings
    )
    return Grid(
        title="What it came to",
        columns=("Account", "Traded inside", "Traded with others", "Net inside", "Net in all"),
        rows=rows,
        note="Shares; a trade with oneself counts on both sides.",
    )


def _role(inside: int, traded: int, record: Record, code: int) -> str:
    if not inside:
        return "named by the model; no trade inside the group is known"
    selfish = any(e.account == e.other == code for e in record.own_executions)
    who = "traded with itself" if selfish else "traded with the other accounts"
    return f"{who}: {inside / max(traded, 1):.0%} of its volume"
