"""Pump and dump, momentum ignition and front running: a position built, a move, the position closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.surveillance.explain.extract import SECOND, clock, lasted, price, shares
from tradewind.surveillance.explain.orders import Execution, Record
from tradewind.surveillance.explain.story import Grid, Step, Story, count_of, names_of, told
from tradewind.surveillance.schemes import Scheme

PIECES = 8
"""Parts in which each phase is told."""


@dataclass(frozen=True)
class Swing:
    """A position and its way back: the executions until it was largest, and those after."""

    side: int
    build: tuple[Execution, ...]
    close: tuple[Execution, ...]

    @property
    def turn(self) -> int:
        """Return the time at which the position was largest."""
        return self.build[-1].time if self.build else 0


@dataclass(frozen=True)
class Client:
    """The other account that traded most on the swing's side after it had begun."""

    account: int
    start: int
    bought: int


def swing_of(record: Record) -> Swing:
    """Cut the accounts' executions where their summed position was farthest from nothing."""
    executions = record.own_executions
    if not executions:
        return Swing(1, (), ())
    position = np.cumsum([e.side * e.size for e in executions])
    peak = int(np.argmax(np.abs(position)))
    side = 1 if position[peak] > 0 else -1
    return Swing(side, executions[: peak + 1], executions[peak + 1 :])


def swing_story(record: Record) -> Story:
    """Tell how the position was built, what moved the price, and how it was closed."""
    swing = swing_of(record)
    steps = [*_phase(record, swing, True), *_phase(record, swing, False), *_news(record, swing)]
    facts = _facts(record, swing)
    client = client_of(record, swing) if record.extract.alert.scheme is Scheme.FRONT_RUNNING else None
    if client is not None and not facts["news"]:
        facts["client_shares"] = float(client.bought)
        facts["client_after_s"] = (client.start - swing.build[0].time) / SECOND
        steps.append(_client_step(record, swing, client))
    roles = {one.name: _role(swing, one.account) for one in record.doings}
    return told(_summary(record, swing, facts, client), steps, roles, facts, [_positions(record)])


def client_of(record: Record, swing: Swing) -> Client | None:
    """Return who outside the alert traded most on the position's side from its beginning to its last execution."""
    if not swing.build:
        return None
    outline = record.extract.outline
    last = (swing.close or swing.build)[-1].time
    within = (outline.trade_time >= swing.build[0].time) & (outline.trade_time <= last)
    bought = np.where(outline.trade_side * swing.side > 0, within, False)
    who = (outline.trade_buyer if swing.side > 0 else outline.trade_seller)[bought]
    size, time = outline.trade_size[bought], outline.trade_time[bought]
    total: dict[int, int] = {}
    for code, count in zip(who.tolist(), size.tolist(), strict=True):
        if code >= 0 and code not in record.codes:
            total[code] = total.get(code, 0) + count
    if not total:
        return None
    most = max(total, key=lambda code: (total[code], -code))
    return Client(most, int(time[who == most][0]), total[most])


def _phase(record: Record, swing: Swing, build: bool) -> list[Step]:
    hits = swing.build if build else swing.close
    if not hits:
        return []
    side = swing.side if build else -swing.side
    toward = [e for e in hits if e.side == side]
    parts = [
        part.tolist() for part in np.array_split(np.arange(len(toward)), min(PIECES, max(len(toward), 1))) if len(part)
    ]
    steps, held = [], 0 if build else sum(e.side * e.size for e in swing.build)
    for part in parts:
        group = [toward[i] for i in part]
        total = sum(e.size for e in group)
        held += side * total
        taken = sum(e.size for e in group if not e.passive) / total
        average = round(sum(e.size * e.price for e in group) / total)
        names = sorted({record.extract.name(e.account) for e in group})
        steps.append(
            Step(
                time=group[0].time,
                seq=group[0].seq,
                who=names_of(names, 2),
                what=f"{'Bought' if side > 0 else 'Sold'} {shares(total)} at {price(average)} on average in "
                f"{count_of(len(group), 'execution')} until {clock(group[-1].time)}; {taken:.0%} by orders "
                "that crossed.",
                why=_why(record.extract.alert.scheme, build),
                order=group[0].order,
            )
        )
    return steps


def _why(scheme: Scheme, build: bool) -> str:
    if scheme is Scheme.PUMP_AND_DUMP:
        return "Gathers the position and lifts the price." if build else "Closes it into the price it has lifted."
    if scheme is Scheme.MOMENTUM_IGNITION:
        return "Starts the move with a burst of orders." if build else "Closes while others follow the move."
    return "Takes the position before what was to come." if build else "Closes it once the price had moved."


def _news(record: Record, swing: Swing) -> list[Step]:
    """Tell the news of the alert's time, and where the position stood."""
    steps = []
    for time in record.extract.outline.news.tolist():
        if not record.during(time):
            continue
        held = sum(e.side * e.size for e in (*swing.build, *swing.close) if e.time <= time)
        steps.append(
            Step(
                time=time,
                seq=-1,
                who="",
                what=f"News about {record.extract.alert.symbol} became public; the accounts held {held:+,d} shares of "
                "what they had traded since the alert's beginning.",
                why="Information that others could act on only from here.",
            )
        )
    return steps


def _client_step(record: Record, swing: Swing, client: Client) -> Step:
    return Step(
        time=client.start,
        seq=-1,
        who=record.extract.name(client.account),
        what=f"Began to {'buy' if swing.side > 0 else 'sell'}: {shares(client.bought)} shares until the position was "
        f"closed, {lasted(client.start - swing.build[0].time)} after the first execution of the alert's accounts.",
        why="The largest other party on the position's side: a client's order may have been known beforehand.",
    )


def _facts(record: Record, swing: Swing) -> dict[str, float]:
    outline, alert = record.extract.outline, record.extract.alert
    built = abs(sum(e.side * e.size for e in swing.build))
    closed = sum(e.size for e in swing.close if e.side == -swing.side) - sum(
        e.size for e in swing.close if e.side == swing.side
    )
    before, turn = outline.mid_at(alert.start - 1), outline.mid_at(swing.turn)
    after = outline.mid_at(alert.end)
    spread = outline.typical_spread / 10_000
    first = swing.build[0].time if swing.build else alert.start
    last = (swing.close or swing.build or (None,))[-1]
    return {
        "built_shares": float(built),
        "closed_shares": float(closed),
        "closed_share": closed / built if built else float("nan"),
        "build_s": (swing.turn - first) / SECOND if swing.build else float("nan"),
        "close_s": (last.time - swing.turn) / SECOND if last is not None else float("nan"),
        "price_before": before,
        "price_turn": turn,
        "price_after": after,
        "move": turn - before,
        "move_spreads": (turn - before) / spread if spread else float("nan"),
        "volume_share": record.volume_share(),
        "news": float(sum(record.during(time) for time in outline.news.tolist())),
        "profit": sum(one.worth for one in record.doings),
    }


def _summary(record: Record, swing: Swing, facts: dict[str, float], client: Client | None) -> list[str]:
    alert = record.extract.alert
    if not swing.build:
        return [
            f"The events show no execution of {names_of(alert.accounts)} in {alert.symbol} within the alert's time; "
            "the alert rests on the model's reading of other features."
        ]
    verb, back = ("bought", "sold") if swing.side > 0 else ("sold", "bought back")
    said = [
        f"{names_of(alert.accounts)} {verb} {shares(facts['built_shares'])} shares of {alert.symbol} net within "
        f"{lasted(facts['build_s'] * SECOND)}, then {back} {facts['closed_share']:.0%} of them within "
        f"{lasted(facts['close_s'] * SECOND)}.",
        f"The mid price went from {facts['price_before']:,.4f} before to {facts['price_turn']:,.4f} when the position "
        f"was largest ({facts['move_spreads']:+.1f} typical spreads) and to {facts['price_after']:,.4f} at the end.",
        f"The accounts stood on a side of {facts['volume_share']:.1%} of the volume; marked at the last mid their "
        f"trades earned {facts['profit']:+,.2f} dollars before fees.",
    ]
    if facts["news"]:
        said.append(f"{count_of(int(facts['news']), 'piece')} of news about the symbol became public within this time.")
    elif client is not None:
        said.append(
            f"From {lasted(facts['client_after_s'] * SECOND)} after the first execution on, "
            f"{record.extract.name(client.account)} traded {shares(facts['client_shares'])} shares on the "
            "same side, more than any other account."
        )
    return said


def _positions(record: Record) -> Grid:
    rows = tuple(
        (one.name, shares(one.bought), shares(one.sold), f"{one.net:+,d}", f"{one.worth:+,.2f}")
        for one in record.doings
    )
    return Grid(title="Positions", columns=("Account", "Bought", "Sold", "Net", "Worth at last mid ($)"), rows=rows)


def _role(swing: Swing, code: int) -> str:
    built = sum(e.size for e in swing.build if e.account == code and e.side == swing.side)
    closed = sum(e.size for e in swing.close if e.account == code and e.side == -swing.side)
    if built and closed:
        return "built the position and closed it"
    return "built the position" if built else "closed the position" if closed else "traded little or nothing itself"
