"""What the symbols are worth: an index that moves by itself, and what trading does to the prices."""

from __future__ import annotations

import math
import random

from tradewind.surveillance.elsewhere.trackers.world import World


class Values:
    """Fair values in ticks, brought up to date whenever somebody asks."""

    def __init__(self, world: World, rng: random.Random) -> None:
        count = len(world.symbols)
        self._world, self._rng = world, rng
        self._base = [float(level) for level in world.level]
        self._index = 0.0
        self._alone = [0.0] * count
        self._lasting = [0.0] * count
        self._passing = [0.0] * count
        self._pending = [0.0] * count
        self._heat = 0.0
        self._at = 0
        self.wave = 1.0

    def start(self, now: int) -> None:
        """Open a session, with a jump over night."""
        self._at = now
        self._index += self._rng.gauss(0, self._world.volatility * 0.4)
        self._passing = [0.0] * len(self._passing)

    def fair(self, sym: int, now: int) -> float:
        """Return the value of a symbol in ticks."""
        if now - self._at > 200_000_000:
            self._advance((now - self._at) / 1e9)
            self._at = now
        world = self._world
        own = self._alone[sym] + self._lasting[sym] + self._passing[sym]
        return self._base[sym] * math.exp(world.beta[sym] * self._index + own)

    def hit(self, sym: int, signed: int) -> None:
        """Let a trade of a signed size move the value, for a part only for a while."""
        world = self._world
        unit = world.impact * world.spread[sym] / world.level[sym]
        push = math.copysign(math.sqrt(abs(signed) / world.unit[sym]), signed) * unit
        self._passing[sym] += push * (1 - world.keeps)
        self._lasting[sym] += push * world.keeps
        self._index += push * world.spill

    def surprise(self, sym: int, move: float, spread_out: float = 0.0) -> None:
        """Let news move a value by ``move`` (relative), at once for the part ``1 - spread_out``."""
        self._alone[sym] += move * (1 - spread_out)
        self._pending[sym] += move * spread_out

    def _advance(self, seconds: float) -> None:
        world, gauss = self._world, self._rng.gauss
        root = math.sqrt(seconds)
        self._heat += -self._heat * min(1.0, seconds / 1200) + 0.035 * world.cluster * gauss(0, root)
        self._heat = max(-2.0, min(1.8, self._heat))
        step = world.volatility / math.sqrt(world.length) * root * math.exp(self._heat) * self.wave
        self._index += gauss(0, step)
        fade = math.exp(-seconds / world.fade)
        late = 1 - math.exp(-seconds / world.digest)
        for sym in range(len(self._alone)):
            self._alone[sym] += gauss(0, step * world.apart) + self._pending[sym] * late
            self._pending[sym] *= 1 - late
            self._passing[sym] *= fade
