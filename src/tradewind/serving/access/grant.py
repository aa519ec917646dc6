"""What the server remembers of a caller while it runs: its tokens, and how much it is being answered now."""

from __future__ import annotations

import math

from tradewind.serving.contracts import Caller


class Grant:
    """A caller with its bucket of tokens: ``burst`` at most, ``refill`` more each second, one a request.

    With ``refill`` 0 the tokens come from elsewhere: a bucket that several processes share.
    """

    __slots__ = ("at", "burst", "caller", "in_flight", "readable", "refill", "streams", "tokens")

    def __init__(self, caller: Caller, now: float, *, shared: bool = False) -> None:
        self.tokens = 0.0 if shared else float(caller.burst)
        self.at = now
        self.in_flight = self.streams = 0
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
