"""Which column of a foreign file holds what: names as venues, vendors and simulators write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tradewind.core.errors import SchemaError

CONTRACT = ("timestamp_ns", "symbol", "venue_seq", "kind", "order_id", "account", "side", "price", "size")
"""The columns of an events file, as :func:`write_events` writes them."""

_WORDS: Mapping[str, str] = {
    "time": "timestamp_ns ts_ns time_ns event_time_ns exchange_timestamp_ns timestamp_us ts_us time_us timestamp_ms "
    "ts_ms time_ms timestamp_s ts_s time_s timestamp event_timestamp exchange_timestamp ts time event_time "
    "datetime date_time exchange_time transact_time ts_event event_ts t published_at ts_recv date",
    "symbol": "symbol ticker instrument sym security asset stock instrument_id security_id symbol_id product "
    "contract ric isin",
    "seq": "venue_seq seq sequence seq_num sequence_number sequence_num seqno seq_no seqnum event_seq msg_seq_num "
    "event_id message_id msg_id event_number",
    "kind": "kind event event_type type event_kind action msg_type message_type order_event op operation update_type "
    "msg event_name exec_type",
    "order": "order_id orderid oid order order_ref order_reference order_reference_number order_number order_no "
    "client_order_id cl_ord_id clordid ref id",
    "account": "account account_id acct acct_id trader trader_id participant participant_id client client_id user "
    "user_id owner owner_id agent agent_id member member_id mpid firm firm_id broker",
    "side": "side direction buy_sell bs side_code buy_sell_indicator order_side is_buy",
    "price": "price px limit_price order_price event_price trade_price exec_price last_px last_price",
    "size": "size qty quantity volume shares amount order_qty order_size event_size vol lots last_qty",
    "contra": "contra_account counterparty counterparty_account counterparty_id counter_account contra contra_id "
    "contra_account_id other_account",
    "contra_order": "contra_order_id contra_order counter_order_id counterparty_order_id match_order_id "
    "matched_order_id other_order_id",
    "buyer": "buyer buyer_account buy_account buyer_id buyer_account_id buy_account_id buy_trader",
    "seller": "seller seller_account sell_account seller_id seller_account_id sell_account_id sell_trader",
    "buy_order": "buy_order_id buyer_order_id bid_order_id buy_order",
    "sell_order": "sell_order_id seller_order_id ask_order_id sell_order",
    "maker": "maker maker_account maker_account_id maker_id resting_account passive_account",
    "taker": "taker taker_account taker_account_id taker_id aggressor_account aggressor aggressor_id "
    "aggressive_account incoming_account",
    "maker_order": "maker_order_id resting_order_id passive_order_id maker_order",
    "taker_order": "taker_order_id aggressor_order_id aggressive_order_id incoming_order_id taker_order",
    "origin": "orig_order_id original_order_id origin_order_id prev_order_id previous_order_id old_order_id "
    "replaced_order_id orig_cl_ord_id",
}
ALIASES: Mapping[str, tuple[str, ...]] = {field: tuple(words.split()) for field, words in _WORDS.items()}
"""Field of the reader -> names it may have in a file, the likeliest first; written as :func:`plain` gives them."""

NEWS_ALIASES: Mapping[str, tuple[str, ...]] = {
    "time": ("published_at", "published_at_ns", "publication_time", "known_at", *ALIASES["time"]),
    "symbol": ALIASES["symbol"],
    "text": ("text", "headline", "title", "body", "content", "story", "news", "message", "summary"),
    "tone": ("tone", "sentiment", "polarity", "sentiment_score", "direction", "side"),
}
"""The same for a file of news."""

QUOTE_ALIASES: Mapping[str, tuple[str, ...]] = {
    "time": ALIASES["time"],
    "symbol": ALIASES["symbol"],
    "bid": ("bid", "bid_price", "best_bid", "bid_px", "bid_price_1", "bid_px_00", "bid_1", "b"),
    "bid_size": ("bid_size", "bid_qty", "bid_quantity", "best_bid_size", "bid_volume", "bid_size_1", "bid_sz_00"),
    "ask": ("ask", "ask_price", "best_ask", "ask_px", "offer", "ask_price_1", "ask_px_00", "ask_1", "a"),
    "ask_size": ("ask_size", "ask_qty", "ask_quantity", "best_ask_size", "ask_volume", "ask_size_1", "ask_sz_00"),
}
"""The same for a file of best bids and asks."""

REQUIRED = ("time", "symbol", "kind", "order", "side", "price", "size")
"""Fields without which a file is no file of events; a missing sequence number or account can be lived with."""


def plain(name: str) -> str:
    """Return a column's name in lower snake case: ``Order ID``, ``orderId`` and ``OrderID`` are ``order_id``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip().lstrip("\ufeff"))
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def find_columns(
    names: Sequence[str],
    file: Path,
    given: Mapping[str, str] | None = None,
    required: Sequence[str] = REQUIRED,
    aliases: Mapping[str, tuple[str, ...]] = ALIASES,
) -> dict[str, str]:
    """Return field -> column of the file, for the fields that are there; a column serves one field.

    Parameters
    ----------
    names : the file's columns.
    given : fields whose column the caller names.
    required : fields that must be there.
    aliases : names that each field may have.

    Raises
    ------
    SchemaError : a required field has no column, or a column the caller named is not there.
    """
    found: dict[str, str] = {}
    for field, column in (given or {}).items():
        if field not in aliases:
            raise SchemaError(f"{field!r} is no field of this file", fix=f"name one of {', '.join(aliases)}")
        if column not in names:
            raise SchemaError("there is no such column", file=file, field=column, fix=f"it has {', '.join(names)}")
        found[field] = column
    by_plain: dict[str, str] = {}
    for name in names:
        if name not in found.values():
            by_plain.setdefault(plain(name), name)
    for field, wanted in aliases.items():
        alias = next((alias for alias in wanted if alias in by_plain), None)
        if field not in found and alias is not None:
            found[field] = by_plain.pop(alias)
    missing = [field for field in required if field not in found]
    if missing:
        likely = aliases[missing[0]]
        said = f"say which it is (--columns {likely[0]}=NAME)" if aliases is ALIASES else "say which it is"
        others = f" (or {', '.join(map(repr, likely[1:4]))})" if len(likely) > 1 else ""
        raise SchemaError(
            f"has no column for the {', the '.join(missing)}; it has {', '.join(names) or 'no columns'}",
            file=file,
            field=likely[0],
            fix=f"name the column {likely[0]!r}{others}, or {said}",
        )
    return found
