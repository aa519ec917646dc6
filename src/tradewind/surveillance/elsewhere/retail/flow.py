"""The crowd: retail clients with habits, their stop-losses, and the pulse that moves value, mood and pace."""

from __future__ import annotations

import heapq
import math
from itertools import accumulate

from tradewind.surveillance.elsewhere.retail.engine import BUY, SECOND, SELL, Actor, Book, Order, World
from tradewind.surveillance.elsewhere.retail.setting import Person


def habit_size(world: World, book: Book, person: Person) -> int:
    """Clients think in round pieces or in round money."""
    spec, rng = book.spec, world.rng
    raw = spec.typical * person.size * rng.lognormvariate(0.0, 0.35)
    if person.round_money:
        return max(spec.lot, int(raw) // spec.lot * spec.lot)
    step = 10 ** max(0, int(math.log10(max(raw, 1.0))))
    for part in (5, 2.5, 2, 1):
        if raw >= part * step * 0.9:
            return max(spec.lot, int(part * step) // spec.lot * spec.lot)
    return spec.lot


def shape(kind: float, seconds: float, length: float) -> float:
    """Activity in the day: opening rush, lunch, the afternoon, the close; `kind` bends it per symbol."""
    x = seconds / length
    rush = (1.2 + kind) * math.exp(-x * 14)
    lunch = 0.45 * math.exp(-(((x - 0.45) / 0.1) ** 2))
    late = (0.6 + kind) * math.exp(-(1 - x) * 16) + 0.3 * math.exp(-(((x - 0.76) / 0.06) ** 2))
    return max(0.2, 0.8 + rush - lunch + late)


def pulse(world: World, book: Book, kind: float) -> Actor:
    """Every few seconds: value drifts, the consensus leans to it, mood follows returns, the pace is governed."""
    rng, spec = world.rng, book.spec
    length = (world.close - world.open) / SECOND
    sessions = len(world.setting.sessions)
    due = spec.target * (world.session + 1) / sessions - book.count
    grid = [shape(kind, (i + 0.5) * length / 96, length) for i in range(96)]
    mean = sum(grid) / 96
    tails = [sum(grid[i:]) for i in range(97)]
    start = book.count
    logvol, beat = rng.gauss(0, 0.3), 5.0
    step_vol = spec.daily_vol * math.sqrt(beat / length)
    lean = 1 - 0.5 ** (beat / spec.revert)
    calm = 0.5 ** (beat / rng.uniform(40, 240))
    while True:
        seconds = (world.now - world.open) / SECOND
        cell = min(95, int(seconds / length * 96))
        left = tails[cell] * length / 96 - (seconds - cell * length / 96) * grid[cell]
        book.profile = grid[cell] / mean
        want = (due - (book.count - start)) / max(left / mean, 1.0) / spec.pace
        book.gain = min(4.0, max(0.05, want)) if left > 1 else 1.0
        logvol += -0.004 * logvol + rng.gauss(0, 0.045)
        book.vol = math.exp(logvol) * (0.7 + 0.4 * book.profile)
        book.fair += rng.gauss(0, step_vol * book.vol)
        book.hype = book.hype * 0.5 ** (beat / 2400) + 0.03 * spec.half_spread * book.mood  # belief follows price
        book.ref += (book.fair + book.hype - book.ref) * lean
        book.past.append(math.log(book.mid()))
        short = book.past[-1] - book.past[-7]
        long = book.past[-1] - book.past[-24]
        if len(book.past) > 400:
            del book.past[:300]
        scale = max(spec.half_spread, step_vol * 3)
        book.mood = book.mood * calm + (1 - calm) * spec.sentiment * math.tanh((short + 0.5 * long) / scale / 2.2) * 2
        book.heat = 0.85 * book.heat + 0.15 * min(4.0, 0.75 + 0.35 * abs(short) / scale)
        yield int(beat * SECOND)


def stop_of(world: World, book: Book, person: Person, side: int, size: int) -> None:
    """Leave a stop order in the client's app: it is not on the book until it goes off."""
    away = book.half() * world.rng.uniform(3, 14)
    level = book.last - side * away
    grid = max(1, round(book.half() * 2))
    px = int(level // grid * grid)  # many stops sit at the same round price
    if px > 0:
        heapq.heappush(book.stops[-side], (px * -side, world.next_oid, person.acc, size))


def expiry(world: World, book: Book, order: Order, person: Person) -> Actor:
    """A client's second thoughts: wait, chase the price, or give up."""
    rng = world.rng
    while order.size:
        if rng.random() < person.chase:
            best = book.touch(order.side)
            if rng.random() < 0.35 * person.eager and order.oid in world.orders:
                size = order.size
                world.cancel(order)
                world.submit(book, person.acc, order.side, book.touch(-order.side), size, rest=False)
                return
            if best and best != order.px:
                world.modify(order, best, order.size)
            yield int(rng.expovariate(1 / person.patience) * SECOND) + 10**9
        else:
            world.cancel(order)
            return


def crowd(world: World, book: Book) -> Actor:
    """Clients arrive in a stream that swells with excitement; whom a seed made busy comes more often."""
    rng, setting, spec = world.rng, world.setting, book.spec
    people = setting.people
    weights = list(accumulate(p.weight * (6.0 if p.home == book.index else 1.0) for p in people))
    batch: list[Person] = []
    while True:
        if not batch:
            batch = rng.choices(people, cum_weights=weights, k=256)
        person = batch.pop()
        act(world, book, person)
        rate = 0.21 * spec.pace * book.profile * book.gain * book.heat
        yield int(rng.expovariate(max(rate, 1e-4)) * SECOND)


def act(world: World, book: Book, person: Person) -> None:
    """One client's order."""
    rng = world.rng
    mood = -0.5 * book.mood if person.contrary else book.mood
    bias = 0.5 + 0.42 * math.tanh(mood)
    gap = book.fair + book.hype - book.past[-1]
    if abs(gap) > 3 * book.spec.half_spread:  # bargains are noticed
        bias += 0.12 if gap > 0 else -0.12
    side = BUY if rng.random() < bias else SELL
    size = habit_size(world, book, person)
    best, against = book.touch(side), book.touch(-side)
    draw = rng.random()
    eager = person.eager * (0.8 + 0.5 * abs(book.mood))
    if draw < eager:
        slack = round(book.half() * rng.choice((0, 0, 0, 1, 3)))
        px = against + side * slack
        done = world.submit(book, person.acc, side, px, size, rest=rng.random() < 0.4)
        if person.stops and done.filled and rng.random() < 0.5:
            stop_of(world, book, person, side, done.filled)
        order = done
    else:
        room = abs(against - best)
        place = rng.random()
        if place < 0.18 and room > 1:
            px = best + side * rng.randint(1, max(1, (room - 1) // 2))
        elif place < 0.5:
            px = best
        else:
            away = abs(rng.gauss(0, 1)) * 4 * book.half()
            px = best - side * round(away)
            if person.round_money or rng.random() < 0.4:
                grid = 10 if px > 200 else 5
                px = px // grid * grid if side == BUY else -(-px // grid) * grid
        if (px - against) * side >= 0:
            px = against - side
        order = world.submit(book, person.acc, side, px, size)
    if order.size:
        world.spawn(expiry(world, book, order, person), rng.expovariate(1 / person.patience) * SECOND + 2e8)


def savings_plan(world: World, book: Book) -> Actor:
    """A broker carries out the savings plans of many clients at one fixed time: same side, same second, no plot."""
    rng = world.rng
    yield int((world.close - world.open) * rng.uniform(0.1, 0.8))
    members = rng.sample(world.setting.people, k=min(rng.randint(8, 30), len(world.setting.people)))
    for person in members:
        size = max(book.spec.lot, int(book.spec.typical * rng.uniform(0.02, 0.15)))
        world.submit(book, person.acc, BUY, book.touch(SELL) + round(book.half()), size, rest=False)
        yield int(rng.expovariate(1 / 3e7))


def opening(world: World, book: Book) -> None:
    """What rests overnight in clients' minds is laid into the book before trading starts."""
    rng, people = world.rng, world.setting.people
    center = math.exp(book.ref)
    for _ in range(rng.randint(14, 40)):
        person, side = rng.choice(people), rng.choice((BUY, SELL))
        away = book.half() * (1.5 + abs(rng.gauss(0, 1)) * 7) + 1
        order = world.submit(book, person.acc, side, round(center - side * away), habit_size(world, book, person))
        if order.size:
            world.spawn(expiry(world, book, order, person), rng.expovariate(1 / 3600) * SECOND)
