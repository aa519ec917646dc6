"""What the server remembers of a caller while it runs: its tokens, and how much it is being answered now."""

from __future__ import annotations

import asyncio
import math

from tradewind.serving.contracts import Caller


class Grant:
    """A caller with its bucket of tokens: ``burst`` at most, ``refill`` more each second, one a request.

    With ``refill`` 0 the tokens come from elsewhere: a bucket that several processes share. ``open`` : what tells the
    caller's open streams to end; they end with the key, or with its scope ``stream``.
    """

    __slots__ = ("at", "burst", "caller", "in_flight", "open", "readable", "refill", "tokens")

    def __init__(self, caller: Caller, now: float, *, shared: bool = False) -> None:
        self.tokens = 0.0 if shared else float(caller.burst)
        self.at = now
        self.in_flight = 0
        self.open: set[asyncio.Event] = set()
        self.serve(caller, shared=shared)

    def __repr__(self) -> str:
        return f"Grant({self.caller.id!r})"

    def serve(self, caller: Caller, *, shared: bool = False) -> None:
        """Take over new terms of the caller; what was spent stays spent."""
        self.caller = caller
        self.burst = float(caller.burst)
        self.refill = 0.0 if shared else caller.rate
        self.readable = "read" in caller.scopes
        self.tokens = min(self.tokens, self.burst)
        if "stream" not in caller.scopes:
            self.end_streams()

    @property
    def streams(self) -> int:
        """How many streams of the caller are open."""
        return len(self.open)

    def end_streams(self) -> None:
        """Tell the caller's open streams to end; call it in the loop that serves."""
        for end in self.open:
            end.set()

    def spend(self, now: float) -> bool:
        """Spend a token at ``now`` (monotonic seconds); False where there is none."""
        tokens = self.tokens + (now - self.at) * self.refill
        if tokens > self.burst:
            tokens = self.burst
        self.at = now
        if tokens < 1.0:
            self.tokens = tokens
            return False
        self.tokens = tokens - 1.0
        return True

    def wait(self) -> float:
        """Return the seconds until a token is there; infinity where none will come by itself."""
        return max(0.0, (1.0 - self.tokens) / self.refill) if self.refill else math.inf
