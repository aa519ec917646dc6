"""Pictures of an alert: price and trades, the book's depth, lives of orders, positions, rings, message rates."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, drawing
from tradewind.surveillance.events import Kind
from tradewind.surveillance.events.table import PRICE_UNIT
from tradewind.surveillance.explain.evidence import EvidenceChain
from tradewind.surveillance.explain.extract import SECOND, clock, shares
from tradewind.surveillance.explain.picture_parts import (
    BUY,
    SELL,
    areas,
    arrow,
    beside,
    heat,
    hour,
    hours,
    legend,
    life,
    mark_time,
    short_name,
    time_axis,
)
from tradewind.surveillance.explain.stories.wash import inside_trades
from tradewind.surveillance.schemes import Scheme

MOST_LINES = 60
"""Orders drawn as lines; of more, the largest."""
MOST_NODES = 24


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing (an SVG element), the words that stand for it, and what to look at."""

    title: str
    svg: str
    alt: str
    note: str


def pictures(chain: EvidenceChain) -> tuple[Picture, ...]:
    """Return the pictures that show this scheme best, the most telling first; empty ones are left out."""
    import matplotlib as mpl  # half a second for whoever draws nothing

    with mpl.rc_context({"text.parse_math": False}), warnings.catch_warnings():  # names are no formulas
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        made = [draw(chain) for draw in PICTURES[chain.alert.scheme]]
    return tuple(picture for picture in made if picture is not None)


def price_picture(chain: EvidenceChain) -> Picture | None:
    """Return the best prices, the accounts' trades and the alert's time."""
    outline = chain.extract.outline
    if not len(outline.time) and not len(outline.trade_time):
        return None
    with drawing(2.9) as picture:
        axes = picture.axes
        mark_time(picture, chain)
        quoted = (outline.bid > 0) & (outline.ask > 0)
        if quoted.any():
            at = hours(outline.time[quoted])
            axes.fill_between(
                at, outline.bid[quoted] / PRICE_UNIT, outline.ask[quoted] / PRICE_UNIT, step="post", color=FAINT, lw=0.5
            )
        else:
            axes.plot(hours(outline.trade_time), outline.trade_price / PRICE_UNIT, color=FAINT, lw=0.8)
        for side, colour, marker, name in ((1, BUY, "^", "they bought"), (-1, SELL, "v", "they sold")):
            hits = [e for e in chain.record.executions if e.side == side]
            if hits:
                axes.scatter(
                    hours(np.array([e.time for e in hits])),
                    [e.price / PRICE_UNIT for e in hits],
                    s=areas(hits),
                    color=colour,
                    marker=marker,
                    label=name,
                    zorder=3,
                    linewidths=0,
                    alpha=0.85,
                )
        for number, time in enumerate(outline.news.tolist()):
            axes.axvline(hour(time), color=INK, lw=1.0, ls=":", label="news" if number == 0 else None)
        axes.set_ylabel("dollars")
        time_axis(picture, chain)
        legend(picture)
        alt = (
            f"Best prices of {chain.alert.symbol} and {len(chain.record.executions)} executions of the accounts "
            f"from {clock(chain.extract.span.start, 0)} to {clock(chain.extract.span.end, 0)} UTC."
        )
        note = "Grey: best bid to best ask. Marks grow with the shares traded. Shaded: the time of the alert."
        return Picture(title="Price and trades", svg=picture.svg(alt), alt=alt, note=note)


def depth_picture(chain: EvidenceChain) -> Picture | None:
    """Return the shares at each price over time; best prices are where the two sides meet."""
    depth = chain.extract.depth
    bids, asks = depth.bid_size > 0, depth.ask_size > 0
    prices = np.unique(np.concatenate([depth.bid[bids], depth.ask[asks]]))
    if len(prices) < 2:
        return None
    low, high = np.quantile(np.concatenate([depth.bid[bids], depth.ask[asks]]), [0.02, 0.98])
    edges = np.linspace(low, high, min(60, len(prices)) + 1)
    grid = np.zeros((len(edges) - 1, len(depth.time)))
    for price, size, sign in ((depth.bid, depth.bid_size, 1.0), (depth.ask, depth.ask_size, -1.0)):
        place = np.clip(np.searchsorted(edges, price, side="right") - 1, 0, len(edges) - 2)
        inside = (size > 0) & (price >= low) & (price <= high)
        moment = np.broadcast_to(np.arange(len(depth.time))[:, None], price.shape)
        np.add.at(grid, (place[inside], moment[inside]), sign * size[inside])
    scale = float(np.quantile(np.abs(grid[grid != 0]), 0.98)) if (grid != 0).any() else 1.0
    with drawing(2.9) as picture:
        heat(picture, depth.time, edges, grid / scale)
        lines = sorted(chain.record.own_orders, key=lambda line: -line.size)[:MOST_LINES]
        for line in lines:
            if line.price and low <= line.price <= high:
                picture.axes.plot(
                    [hour(line.entered), hour(line.ended)], [line.price / PRICE_UNIT] * 2, color=INK, lw=1.1
                )
        picture.axes.set_ylabel("dollars")
        time_axis(picture, chain)
        alt = (
            f"Shares in the book of {chain.alert.symbol} by price over time; {len(lines)} of the "
            "accounts' orders drawn in."
        )
        note = "Blue: shares to buy, orange: to sell, the darker the more. Black lines: orders of the alert's accounts."
        return Picture(title="Depth of the book", svg=picture.svg(alt), alt=alt, note=note)


def lives_picture(chain: EvidenceChain) -> Picture | None:
    """Return each order of the accounts as a line from entry to end, signed by side."""
    lines = list(chain.record.own_orders)
    if len(lines) > MOST_LINES and chain.alert.scheme is Scheme.QUOTE_STUFFING:  # as many that are alike: every so many
        lines = [lines[i] for i in np.linspace(0, len(lines) - 1, MOST_LINES).astype(int)]
    lines = sorted(lines, key=lambda line: -line.size)[:MOST_LINES]
    if not lines:
        return None
    ordered = sorted(lines, key=lambda line: (line.entered, line.seq))
    largest = max(line.size for line in ordered)
    with drawing(min(1.6 + 0.05 * len(ordered), 4.2)) as picture:
        mark_time(picture, chain)
        for row, line in enumerate(ordered):
            life(picture, row, line, largest)
        for label, colour, marker in (
            ("buy", BUY, "s"),
            ("sell", SELL, "s"),
            ("taken back", INK, "x"),
            ("executed", INK, "o"),
        ):
            picture.axes.plot([], [], color=colour, marker=marker, ls="", label=label, ms=4)
        picture.axes.set_yticks([])
        picture.axes.set_ylabel("orders")
        time_axis(picture, chain)
        legend(picture)
        alt = f"Lives of {len(ordered)} orders of the accounts, from entry to cancellation or execution."
        rest = len(chain.record.own_orders) - len(ordered)
        note = "One line an order, the thicker the larger." + (
            f" {rest:,} further orders are not drawn." if rest else ""
        )
        return Picture(title="Lives of the orders", svg=picture.svg(alt), alt=alt, note=note)


def position_picture(chain: EvidenceChain) -> Picture | None:
    """Return each account's position over time, from nothing at the beginning of the time shown."""
    if not chain.record.executions:
        return None
    with drawing(2.4) as picture:
        mark_time(picture, chain)
        busiest = sorted(chain.doings, key=lambda one: -one.traded)[: len(SERIES)]
        for number, one in enumerate(busiest):
            time, held = chain.record.position(frozenset([one.account]))
            time = np.concatenate([[chain.extract.span.start], time, [chain.extract.span.end]])
            held = np.concatenate([[0], held, held[-1:] if len(held) else [0]])
            picture.axes.step(hours(time), held, where="post", color=SERIES[number], lw=1.4, label=short_name(one.name))
        picture.axes.axhline(0, color=INK, lw=0.8)
        picture.axes.set_ylabel("shares held")
        picture.axes.yaxis.set_major_formatter(lambda value, _: shares(value))
        time_axis(picture, chain)
        legend(picture)
        alt = f"Positions of {len(busiest)} accounts over time, from nothing at the beginning."
        more = len(chain.doings) - len(busiest)
        note = "What they held before is not known." + (
            f" The {len(busiest)} busiest of {len(chain.doings)}." if more > 0 else ""
        )
        return Picture(title="Positions", svg=picture.svg(alt), alt=alt, note=note)


def rate_picture(chain: EvidenceChain) -> Picture | None:
    """Return messages a second, of the accounts and of everybody."""
    outline, tape = chain.extract.outline, chain.extract.tape
    own = np.isin(tape.account, chain.extract.accounts) & np.isin(tape.kind, (Kind.NEW, Kind.CANCEL))
    if not own.any():
        return None
    width = np.diff(outline.edges) / SECOND
    mine = np.histogram(tape.time[own], bins=outline.edges)[0] / width
    with drawing(2.2) as picture:
        at = hours(outline.edges)
        picture.axes.stairs(outline.messages / width, at, color=FAINT, fill=True, label="everybody")
        picture.axes.stairs(mine, at, color=BUY, lw=1.3, label="the alert's accounts")
        picture.axes.set_ylabel("messages a second")
        picture.axes.set_ylim(bottom=0)
        time_axis(picture, chain)
        legend(picture)
        alt = f"Orders and cancellations a second; the accounts reach {mine.max():,.0f} a second."
        note = f"Counted in {len(mine)} equal parts of the time shown."
        return Picture(title="Message rate", svg=picture.svg(alt), alt=alt, note=note)


def ring_picture(chain: EvidenceChain) -> Picture | None:
    """Return who sold to whom among the accounts as a graph; width is shares."""
    flows: dict[tuple[int, int], int] = {}
    for one in inside_trades(chain.record):
        pair = (one.other, one.account) if one.side > 0 else (one.account, one.other)
        flows[pair] = flows.get(pair, 0) + one.size
    if not flows:
        return None
    return _graph(chain, flows, "Who sold to whom", "Arrows go from seller to buyer, the thicker the more shares.")


def meeting_picture(chain: EvidenceChain) -> Picture | None:
    """Return the accounts' orders by time, one row an account."""
    lines = [line for line in chain.record.own_orders if line.opening]
    codes = chain.extract.accounts.tolist()[:MOST_NODES]
    if not lines or not codes:
        return None
    with drawing(min(1.4 + 0.22 * len(codes), 5.0)) as picture:
        mark_time(picture, chain)
        for side, colour, marker, name in ((1, BUY, "^", "buy"), (-1, SELL, "v", "sell")):
            chosen = [line for line in lines if line.side == side and line.account in codes]
            picture.axes.scatter(
                hours(np.array([line.entered for line in chosen], dtype=np.int64)),
                [codes.index(line.account) for line in chosen],
                color=colour,
                marker=marker,
                s=22,
                linewidths=0,
                label=name,
            )
        picture.axes.set_yticks(range(len(codes)), [short_name(chain.extract.name(code)) for code in codes])
        picture.axes.invert_yaxis()
        time_axis(picture, chain)
        legend(picture)
        alt = f"Orders of {len(codes)} accounts over time, one row an account."
        return Picture(
            title="Who acted when", svg=picture.svg(alt), alt=alt, note="Marks above each other were entered together."
        )


def _graph(chain: EvidenceChain, flows: Mapping[tuple[int, int], int], title: str, note: str) -> Picture:
    import networkx as nx

    total: dict[int, int] = {}
    for (seller, buyer), size in flows.items():
        for code in (seller, buyer):
            total[code] = total.get(code, 0) + size
    kept = sorted(total, key=lambda code: (-total[code], code))[:MOST_NODES]
    graph = nx.DiGraph()
    graph.add_nodes_from(kept)
    graph.add_edges_from(pair for pair in flows if pair[0] in total and set(pair) <= set(kept))
    place: dict[int, FloatArray] = nx.circular_layout(graph)
    most = max(flows.values())
    with drawing(3.4) as picture:
        axes = picture.axes
        for (seller, buyer), size in sorted(flows.items()):
            if seller in place and buyer in place:
                arrow(axes, place[seller], place[buyer], 0.8 + 3.2 * size / most, seller == buyer)
        for code in kept:
            x, y = place[code]
            axes.plot(x, y, "o", ms=9, color=SERIES[2], zorder=3)
            name, away = short_name(chain.extract.name(code)), (x * 26, y * 16)
            axes.annotate(name, (x, y), xytext=away, textcoords="offset points", ha=beside(x), va="center")
        axes.set_axis_off()
        axes.margins(0.25)
        axes.set_aspect("equal")
        alt = f"{title}: {len(flows)} flows among {len(kept)} accounts, {shares(sum(flows.values()))} shares."
        return Picture(title=title, svg=picture.svg(alt), alt=alt, note=note)


_PRETENCE = (depth_picture, lives_picture, price_picture)
_SWING = (price_picture, position_picture)
PICTURES: Mapping[Scheme, tuple[Callable[[EvidenceChain], Picture | None], ...]] = {
    Scheme.PUMP_AND_DUMP: _SWING,
    Scheme.SPOOFING: _PRETENCE,
    Scheme.LAYERING: _PRETENCE,
    Scheme.QUOTE_STUFFING: (rate_picture, lives_picture, price_picture),
    Scheme.WASH_TRADING: (ring_picture, price_picture, position_picture),
    Scheme.MARKING_THE_CLOSE: (price_picture, position_picture),
    Scheme.MOMENTUM_IGNITION: _SWING,
    Scheme.FRONT_RUNNING: _SWING,
    Scheme.COORDINATED_ACCOUNTS: (meeting_picture, price_picture, position_picture),
}
"""Which pictures tell of which scheme."""
