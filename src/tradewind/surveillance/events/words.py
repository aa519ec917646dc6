"""Words and codes that foreign files use for kinds of events and for sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum


class Action(IntEnum):
    """What a row of a file asks for: the kinds of :class:`~tradewind.surveillance.events.table.Kind` in finer steps."""

    UNKNOWN = 0
    NEW = 1
    CANCEL = 2
    """Takes back ``size`` units, all where there is no size."""
    TRADE = 3
    HIDDEN = 4
    HALT = 5
    NEWS = 6
    QUOTE = 7
    MARKET = 8
    """A new order without a price."""
    DELETE = 9
    """Takes back all that is left, whatever the size says."""
    MODIFY = 10
    """Takes the order back and enters it again at a new price and size."""
    RESUME = 11
    IGNORED = 12
    """Says nothing about orders: an acknowledgement, a heartbeat, a rejection."""


_KIND_WORDS: Mapping[Action, str] = {
    Action.NEW: "new add added adding submit submitted submission limit limit_order insert inserted insertion order "
    "place placed placement entry enter entered accept accepted received create created n a",
    Action.MARKET: "market market_order mkt new_market submit_market market_submit",
    Action.CANCEL: "cancel cancelled canceled cancellation cancel_partial partial_cancel partial_cancellation "
    "partially_cancelled reduce reduced reduction decrease partial_delete partial_deletion c x",
    Action.DELETE: "delete deleted deletion remove removed removal expire expired expiry expiration cancel_all "
    "full_cancel cancel_full full_cancellation total_cancel full_delete kill killed withdraw withdrawn done d",
    Action.MODIFY: "modify modified modification replace replaced replacement amend amended amendment update updated "
    "change changed cancel_replace cancel_and_replace edit m u r",
    Action.TRADE: "trade traded trades execute executed execution exec fill filled fills partial_fill "
    "partially_filled full_fill fully_filled match matched deal transaction print t e f",
    Action.HIDDEN: "hidden hidden_execution hidden_trade hidden_fill execution_hidden execute_hidden trade_hidden "
    "non_displayed cross cross_trade auction_trade h p",
    Action.HALT: "halt halted trading_halt suspend suspended suspension pause paused",
    Action.RESUME: "resume resumed trading_resume resumption reopen unhalt",
    Action.NEWS: "news announcement headline story press_release",
    Action.QUOTE: "quote quotes bbo nbbo tob top_of_book q",
    Action.IGNORED: "ack acknowledged acknowledgement heartbeat reject rejected rejection status system_event",
}
KINDS: Mapping[str, Action] = {word: action for action, words in _KIND_WORDS.items() for word in words.split()}
"""Word -> what it asks for."""

LOBSTER_KINDS: Mapping[int, Action] = {
    1: Action.NEW,
    2: Action.CANCEL,
    3: Action.DELETE,
    4: Action.TRADE,
    5: Action.HIDDEN,
    6: Action.HIDDEN,
    7: Action.HALT,
}
"""Whole numbers as kinds are LOBSTER's types of message; 6, a cross trade, leaves the book as it is, as 5 does."""

_GENERIC = frozenset(
    ("order", "orders", "event", "events", "msg", "message", "type", "limit", "lmt", "book", "evt", "full")
)
_SIDE_WORDS: Mapping[int, str] = {
    1: "buy b bid bids bought buyer long l true yes buying",
    -1: "sell s ask asks sold seller short sell_short short_sell ss offer offers false no selling a",
    0: "none n unknown unk u null nan na n_a cross both x neutral",
}
SIDES: Mapping[str, int] = {"": 0} | {word: side for side, words in _SIDE_WORDS.items() for word in words.split()}
"""Word -> side."""


def kind_of(word: str) -> Action:
    """Return what a word or a code for a kind asks for; UNKNOWN where it is not known.

    Case, blanks, hyphens and a leading ``EventType.`` do not matter, nor do words such as ``order`` beside the one
    that tells: ``ORDER_EXECUTED`` is a trade.
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word.strip().rpartition(".")[2] if not _number(word) else word)
    text = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    number = _number(word)
    if number is not None:
        return LOBSTER_KINDS.get(number, Action.UNKNOWN)
    if text in KINDS:
        return KINDS[text]
    telling = [part for part in text.split("_") if part not in _GENERIC]
    joined = KINDS.get("_".join(telling))
    if joined is not None:
        return joined
    meant = {KINDS[part] for part in telling if len(part) > 1 and part in KINDS}
    return meant.pop() if len(meant) == 1 else Action.UNKNOWN


def side_of(word: str, zero: int = 0, one: int = 1) -> int | None:
    """Return +1, -1 or 0 of a word or a code for a side; None where it is not known.

    Parameters
    ----------
    zero, one : what the numbers 0 and 1 mean in this file; 2, 5 and 6 are a sale (FIX tag 54), -1 too.
    """
    number = _number(word)
    if number is not None:
        return {0: zero, 1: one, -1: -1, 2: -1, 5: -1, 6: -1}.get(number)
    text = re.sub(r"[^a-z0-9]+", "_", word.strip().rpartition(".")[2].lower()).strip("_")
    if text in SIDES:
        return SIDES[text]
    meant = {SIDES[part] for part in text.split("_") if len(part) > 1 and SIDES.get(part)}
    return meant.pop() if len(meant) == 1 else None


def numbers_of(words: Iterable[str]) -> set[int]:
    """Return the whole numbers among words."""
    return {number for number in map(_number, words) if number is not None}


def _number(word: str) -> int | None:
    """Return the whole number that ``word`` writes (``1``, ``+1``, ``-1``, ``1.0``), None where it writes none."""
    found = re.fullmatch(r"\s*([+-]?\d{1,6})(?:\.0*)?\s*", word)
    return int(found[1]) if found else None
