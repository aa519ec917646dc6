"""Deeds upon the price: pump and dump, momentum ignition, marking the close."""

from __future__ import annotations

from collections.abc import Generator

from tradewind.surveillance.elsewhere.lively.deeds.deed import Deed
from tradewind.surveillance.elsewhere.lively.venue import Play


def closing(deed: Deed) -> Play:
    """Set the price at which the session ends: by a print or two, by a ramp of minutes, by bids that hold it up."""
    venue, rng = deed.venue, deed.venue.rng
    gang, side = deed.gang(1, 1 if venue.chance(0.8) else 3), venue.side()
    print_only = venue.chance(0.25)
    window = min(venue.draw(1, 12) if print_only else venue.draw(8, 600), 0.15 * venue.settings.seconds)
    if venue.chance(0.4):  # a position that profits, gathered quietly; no part of the deed
        for _ in range(round(venue.draw(2, 15))):
            venue.take(deed.symbol, gang[0], side, deed.shares(venue.draw(0.3, 2)), 1)
            yield venue.draw(0.02, 0.3) * max(venue.left() - window, 1) / 15
    yield max(0.0, venue.left() - window)
    pieces = int(rng.integers(2, 4)) if print_only else round(venue.draw(3, 40))
    usual = venue.flow(deed.symbol) * window
    size = max(usual * venue.draw(0.3, 4) / pieces / venue.nature(deed.symbol).unit, venue.draw(0.6, 12))
    aim, holds, rush = venue.draw(1, 8), float(rng.uniform(0, 0.6)), float(rng.uniform(0, 2))
    began, bought = venue.middle(deed.symbol), 0
    places = sorted(window * (0.97 * (1 - (1 - float(rng.random())) ** (1 + rush))) for _ in range(pieces))
    start = venue.left()
    for place in places:
        yield max(0.0, place - (start - venue.left()))
        if venue.left() < 0.02 or venue.left() > start:
            break
        moved = side * (venue.middle(deed.symbol) - began) / deed.spread
        if moved > aim and venue.chance(0.5):
            continue
        who = gang[int(rng.integers(len(gang)))]
        if venue.chance(holds):
            deed.enter(who, side, deed.touch(side) + side, deed.shares(size))
        else:
            bold = 2.0 if moved < 0.3 else 1.0
            bought += deed.take(who, side, deed.shares(bold * size * venue.draw(0.6, 1.6)))
        moved = side * (venue.middle(deed.symbol) - began) / deed.spread
        share = bought / max(usual + bought, 1)
        if sum(deed.acts.values()) >= 2 and bought:
            deed.done.clear()
            deed.carried(through=moved >= 0.5 or share >= 0.3)


def igniting(deed: Deed) -> Play:
    """Start a move by a burst, let others follow, leave into it."""
    venue, rng = deed.venue, deed.venue.rng
    gang, side = deed.gang(1, 1 if venue.chance(0.8) else 3), venue.side()
    cycles, orders, burst = int(rng.integers(1, 4)), round(venue.draw(4, 50)), venue.draw(0.05, 30)
    size, aim, followers = venue.draw(0.6, 10), venue.draw(1.5, 10), round(venue.draw(1, 30))
    wait, clips, span = venue.draw(0.2, 60), round(venue.draw(1, 14)), venue.draw(0.5, 200)
    passive, flips = float(rng.uniform(-0.5, 1)), float(rng.uniform(0, 1))
    for _ in range(cycles):
        began, before, bold, top = venue.middle(deed.symbol), deed.held(), 1.0, 0.0
        for number in range(orders):
            deed.take(gang[number % len(gang)], side, deed.shares(bold * size * venue.draw(0.6, 1.6)))
            moved = side * (venue.middle(deed.symbol) - began) / deed.spread
            bold = min(bold * 1.4, 8.0) if moved <= top + 0.05 else max(bold / 1.2, 0.7)
            top = max(top, moved)
            if moved >= aim:
                break
            deed.push(side * venue.draw(0.02, 0.3), 0.4)
            yield float(rng.exponential(burst / orders))
        deed.draw_in(side, followers, wait)
        deed.push(side * venue.draw(0.05, 1.5), 0.3)
        bought = side * (deed.held() - before)
        yield wait * venue.draw(0.5, 1.5)
        top = max(top, side * (venue.middle(deed.symbol) - began) / deed.spread)
        yield from unwind(deed, gang, side, clips, span, passive)
        deed.carried(through=bought > 0 and top >= 1 and side * (deed.held() - before) <= 0.4 * bought)
        yield venue.draw(10, 400)
        side = -side if venue.chance(flips) else side


def pumping(deed: Deed) -> Play:
    """Gather, lift, sell: suddenly or in waves, alone or as a gang, with followers and rumours or without."""
    venue, rng = deed.venue, deed.venue.rng
    gang, nature = deed.gang(1, int(rng.choice([1, 2, 3, 6]))), venue.nature(deed.symbol)
    side = 1 if venue.chance(0.9) else -1
    room = 0.85 * venue.left()
    spans = [venue.settings.seconds * share for share in (venue.draw(0.01, 0.3), venue.draw(0.005, 0.15), 0.0)]
    spans[2] = venue.settings.seconds * venue.draw(0.005, 0.2)
    gather, lift, dump = (span * min(1.0, room / sum(spans)) for span in spans)
    stake = max(venue.flow(deed.symbol) * gather * venue.draw(0.05, 0.5) / nature.unit, venue.draw(4, 60))
    clips, takes, waves = round(venue.draw(5, 60)), float(rng.uniform(0.1, 1)), int(rng.choice([1, 1, 2, 3]))
    for number in range(clips):
        who, size = _one(deed, gang), deed.shares(stake / clips * venue.draw(0.5, 2))
        if venue.chance(takes):
            deed.take(who, side, size, 1)
        else:
            waiting = deed.enter(who, side, deed.touch(side), size)
            yield 0.7 * gather / clips
            if venue.chance(0.7) or number == clips - 1:
                deed.withdraw(waiting)
        yield float(rng.exponential(0.6 * gather / clips))
    top = 0.0
    for _ in range(waves):
        top = max(top, (yield from _lift(deed, gang, side, lift / waves)))
        if waves > 1:
            yield lift / waves * float(rng.uniform(0.1, 1))
    most = side * deed.held()
    yield venue.draw(0.2, 60)
    yield from unwind(deed, gang, side, round(venue.draw(3, 50)), dump, float(rng.uniform(-0.4, 0.9)))
    deed.carried(through=top >= 1.5 and most > 0 and side * deed.held() <= 0.5 * most)


def _lift(deed: Deed, gang: list[str], side: int, span: float) -> Generator[float, None, float]:
    """Buy ever higher; return the rise in usual spreads."""
    venue, rng = deed.venue, deed.venue.rng
    clips, aim, size, bold = round(venue.draw(5, 60)), venue.draw(2, 20), venue.draw(0.6, 8), 1.0
    began, top = venue.middle(deed.symbol), 0.0
    rumours, followers, belief = int(rng.integers(0, 4)), int(rng.integers(0, 3)), venue.draw(0.01, 0.5)
    if venue.chance(0.35):
        rumours, followers, belief = 0, 0, 0.0
    for number in range(2 * clips):
        if rumours and venue.chance(rumours / clips):
            venue.publish(deed.symbol, side)
            deed.push(side * belief, 0.8)
        deed.take(_one(deed, gang), side, deed.shares(bold * size * venue.draw(0.6, 1.6)))
        deed.draw_in(side, followers, span / clips)
        deed.push(side * belief * aim / clips, 0.7)
        yield float(rng.exponential(span / clips))
        rise = side * (venue.middle(deed.symbol) - began) / deed.spread
        top = max(top, rise)
        if rise >= aim or (number >= clips and top >= 2.5):
            break
        bold = min(bold * 1.4, 12.0) if rise < aim * (number + 1) / clips / 2 else max(bold / 1.3, 0.7)
    return top


def unwind(deed: Deed, gang: list[str], side: int, clips: int, span: float, passive: float) -> Play:
    """Leave a position held on ``side``, in ``clips`` orders, some of which wait at the best price."""
    venue, rng = deed.venue, deed.venue.rng
    whole = {name: side * deed.held(name) for name in dict.fromkeys(gang)}
    for number in range(clips + 25):
        holders = [name for name in whole if side * deed.held(name) > 0]
        if not holders:
            return
        who = holders[int(rng.integers(len(holders)))]
        held = side * deed.held(who)
        size = min(held, max(round(whole[who] * len(whole) / clips * venue.draw(0.6, 1.6)), 1))
        pause = float(rng.exponential(span / clips))
        if number < clips and venue.chance(passive):
            order = deed.enter(who, -side, deed.touch(-side), size)
            yield pause
            deed.withdraw(order)
        else:
            deed.take(who, -side, size if number < clips else held)
            yield pause


def _one(deed: Deed, gang: list[str]) -> str:
    return gang[int(deed.venue.rng.integers(len(gang)))]
