"""What speaks against an alert: harmless explanations, each with its figures, and what the events cannot tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from tradewind.surveillance.events import MEANINGS
from tradewind.surveillance.explain.evidence import EvidenceChain
from tradewind.surveillance.explain.extract import lasted, shares
from tradewind.surveillance.explain.story import count_of
from tradewind.surveillance.schemes import Scheme

ORDERS = (Scheme.SPOOFING, Scheme.LAYERING, Scheme.QUOTE_STUFFING)
MOVES = (Scheme.PUMP_AND_DUMP, Scheme.MOMENTUM_IGNITION, Scheme.FRONT_RUNNING, Scheme.MARKING_THE_CLOSE)
GRAVE = ("seq_gap", "crossed_book", "unknown_order", "over_execution", "dropped_order", "too_late", "unsorted")
"""Codes of problems that can change what a chain of evidence says."""

CHECKS: Mapping[Scheme, tuple[str, ...]] = {
    Scheme.PUMP_AND_DUMP: (
        "Who wrote the news or posts about the issuer, and were they true?",
        "Holdings before the events begin, and sales through other brokers.",
    ),
    Scheme.SPOOFING: (
        "The trader's account of why the orders were entered and withdrawn, and any algorithm's specification.",
        "The same pattern on other days, venues and related instruments.",
    ),
    Scheme.LAYERING: (
        "The trader's account of why the orders were entered and withdrawn, and any algorithm's specification.",
        "The same pattern on other days, venues and related instruments.",
    ),
    Scheme.QUOTE_STUFFING: (
        "Whether an algorithm failed (its log, kill switch, tickets of that day).",
        "The venue's latency at the time, and who profited from it.",
    ),
    Scheme.WASH_TRADING: (
        "Beneficial owners of all accounts, and who gave the orders.",
        "Whether independent desks or algorithms of one firm met by chance, and its self-trade prevention settings.",
    ),
    Scheme.MARKING_THE_CLOSE: (
        "Positions, funds or derivatives valued at that closing price.",
        "Client or index orders to trade at the close.",
    ),
    Scheme.MOMENTUM_IGNITION: (
        "Whether the burst executed a client's order, and on whose decision the position was closed.",
        "Related instruments in which a position gained from the move.",
    ),
    Scheme.FRONT_RUNNING: (
        "Who knew of the news or the client's order before, and when (insider lists, order tickets, calls, messages).",
        "The account's trades in other names before news; hedges and standing plans.",
    ),
    Scheme.COORDINATED_ACCOUNTS: (
        "Owners, addresses, devices and powers of attorney of all accounts.",
        "Whether they follow one published signal, copy-trading service or index rule.",
    ),
}
"""What an analyst must still find out, which no event tells."""

ALWAYS = (
    "Compare the chain with the venue's own records before anybody is spoken to.",
    "Record the decision and its reason; if suspicion is reasonable, report without delay and tell nobody concerned.",
)


def doubts(chain: EvidenceChain) -> tuple[str, ...]:
    """Return what speaks against the alert, or limits what the events can say, each with its figures."""
    found: list[str | None] = []
    scheme = chain.alert.scheme
    for applies, tell in _DOUBTS:
        if scheme in applies:
            found.append(tell(chain))
    return tuple(said for said in found if said)


def caveats(chain: EvidenceChain) -> tuple[str, ...]:
    """Return what was wrong with the events or is not known, as far as it bears on the chain."""
    outline = chain.extract.outline
    said = []
    unknown = int(np.sum((outline.trade_buyer < 0) | (outline.trade_seller < 0)))
    if unknown:
        share = unknown / len(outline.trade_time)
        said.append(
            f"In {share:.0%} of the executions shown ({unknown:,} of {len(outline.trade_time):,}) one side "
            "is not known."
        )
    absent = len(chain.alert.accounts) - len(chain.extract.accounts)
    if absent:
        said.append(f"{count_of(absent, 'account')} of the alert is named by no event of this source.")
    if not (outline.bid > 0).any() and not (outline.ask > 0).any():
        said.append("No best prices are known: the source holds trades without orders.")
    for code, count in chain.extract.problems.items():
        if code in GRAVE:
            said.append(f"In the source as a whole, {count:,} times: {MEANINGS.get(code, code.replace('_', ' '))}.")
    if any(not line.opening for line in chain.record.own_orders):
        said.append("Some orders were entered before the time shown; their entry is taken from the book.")
    return tuple(said)


def checks(chain: EvidenceChain) -> tuple[str, ...]:
    """Return what an analyst must still check."""
    return (*CHECKS[chain.alert.scheme], *ALWAYS)


def _two_sided(chain: EvidenceChain) -> str | None:
    buy = sum(one.entered_buy for one in chain.doings)
    sell = sum(one.entered_sell for one in chain.doings)
    if not buy or not sell:
        return None
    least = min(buy, sell) / (buy + sell)
    if least < 0.2:
        return None
    return (
        f"The accounts quoted both sides: {shares(buy)} shares to buy and {shares(sell)} to sell "
        f"({least:.0%} on the lesser "
        "side). Market makers do so and take orders back as prices move."
    )


def _executed(chain: EvidenceChain) -> str | None:
    record = chain.record
    lines = [line for line in record.own_orders if line.opening and record.during(line.entered)]
    entered, filled = sum(line.size for line in lines), sum(line.filled for line in lines)
    if not entered or filled / entered < 0.05:
        return None
    return (
        f"{filled / entered:.0%} of the shares they entered were executed ({shares(filled)} of "
        f"{shares(entered)}): not all "
        "orders were for show."
    )


def _few(chain: EvidenceChain) -> str | None:
    cycles = chain.story.facts.get("cycles", math.nan)
    if cycles == 1:
        return "There is a single cycle: a change of mind after a trade looks the same once."
    return None


def _moved_first(chain: EvidenceChain) -> str | None:
    """The price moved against the orders while they stood: a maker would have withdrawn."""
    baits = [line for line in chain.record.own_orders if line.cancelled_share >= 0.8 and line.size]
    if not baits:
        return None
    outline = chain.extract.outline
    against = [line for line in baits if line.side * (outline.mid_at(line.ended) - outline.mid_at(line.entered)) < 0]
    if len(against) < max(1, len(baits) // 4):
        return None
    return (
        f"For {len(against)} of {len(baits)} orders that were taken back the mid price had moved against "
        "them: withdrawing "
        "from such a move is ordinary."
    )


def _news_explains(chain: EvidenceChain) -> str | None:
    times = [t for t in chain.extract.outline.news.tolist() if chain.record.during(t)]
    if not times or chain.alert.scheme is Scheme.FRONT_RUNNING:
        return None
    count = count_of(len(times), "piece")
    return f"{count} of news came out within the alert's time, and may explain the move and the trades by itself."


def _loss(chain: EvidenceChain) -> str | None:
    if chain.profit >= 0 or not any(one.traded for one in chain.doings):
        return None
    return (
        f"Marked at the last mid the accounts lost {-chain.profit:,.2f} dollars in this symbol before fees: "
        "no gain is seen "
        "here (one elsewhere, or a failed attempt, is not excluded)."
    )


def _small(chain: EvidenceChain) -> str | None:
    share = chain.record.volume_share()
    if math.isnan(share) or share >= 0.1:
        return None
    return f"The accounts stood on a side of only {share:.1%} of the volume; others moved the price at least as much."


def _no_move(chain: EvidenceChain) -> str | None:
    move = chain.story.facts.get("move_spreads", math.nan)
    if math.isnan(move) or abs(move) >= 2:
        return None
    return f"The price moved {abs(move):.1f} typical spreads, which ordinary trading does as well."


def _held(chain: EvidenceChain) -> str | None:
    share = chain.story.facts.get("closed_share", math.nan)
    if math.isnan(share) or share >= 0.8:
        return None
    return f"{1 - share:.0%} of the position was still held at the end, as an investor would."


def _with_others(chain: EvidenceChain) -> str | None:
    share = chain.story.facts.get("inside_share_of_own", math.nan)
    if math.isnan(share) or share > 0.9:
        return None
    return f"{1 - share:.0%} of what the accounts traded was with others, which a pure circuit would not be."


def _moved_for_good(chain: EvidenceChain) -> str | None:
    facts = chain.story.facts
    inside, net = facts.get("inside_shares", 0.0), facts.get("net_change_shares", 0.0)
    if not inside or net / inside < 0.3:
        return None
    return (
        f"{shares(net)} of {shares(inside)} shares traded among the accounts changed hands for good: "
        "ownership moved if the "
        "owners differ."
    )


def _busy_moments(chain: EvidenceChain) -> str | None:
    together = chain.story.facts.get("orders_together_share", math.nan)
    if math.isnan(together) or together > 0.6:
        return None
    return f"{1 - together:.0%} of the accounts' orders were entered at moments of their own."


def _short(chain: EvidenceChain) -> str | None:
    length = chain.alert.end - chain.alert.start
    orders = sum(one.orders for one in chain.doings) + sum(one.trades for one in chain.doings)
    if orders >= 8:
        return None
    return (
        f"The evidence is thin: {count_of(orders, 'order or execution', 'orders and executions')} in {lasted(length)}."
    )


def _fell_back(chain: EvidenceChain) -> str | None:
    """After the close the price stayed where it was: no artificial level."""
    facts = chain.story.facts
    last, after, before = (facts.get(name, math.nan) for name in ("price_last", "price_next", "price_before"))
    if math.isnan(after) or math.isnan(last) or last == before or abs(after - last) >= 0.3 * abs(last - before):
        return None
    return f"The price stayed at {after:,.4f} afterwards: within the time shown the level held."


_ALL = tuple(Scheme)
_DOUBTS: tuple[tuple[tuple[Scheme, ...], Callable[[EvidenceChain], str | None]], ...] = (
    (ORDERS, _two_sided),
    (ORDERS, _executed),
    (ORDERS[:2], _few),
    (ORDERS[:2], _moved_first),
    (MOVES, _news_explains),
    ((*MOVES[:3], Scheme.SPOOFING, Scheme.LAYERING), _loss),
    (MOVES, _small),
    (MOVES, _no_move),
    (MOVES[:3], _held),
    ((Scheme.MARKING_THE_CLOSE,), _fell_back),
    ((Scheme.WASH_TRADING,), _with_others),
    ((Scheme.WASH_TRADING,), _moved_for_good),
    ((Scheme.COORDINATED_ACCOUNTS,), _busy_moments),
    (_ALL, _short),
)
