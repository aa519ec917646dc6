"""The columns of the views in plain words: the market, the accounts' habits, the graph of accounts, other schemes."""

from __future__ import annotations

from collections.abc import Mapping

VIEWS: Mapping[str, str] = {
    "graph_": "the trading network: ",
    "market_": "the market then: ",
    "profile_": "the accounts' habits: ",
    "context_": "textbook rule of ",
}
"""What a column's first word says it is about."""

WORDS: Mapping[str, str] = {
    "graph_inside_share": "share of the accounts' trades among themselves",
    "graph_inside_excess": "trades among themselves beyond chance (logarithm)",
    "graph_two_way": "share sold and sold back",
    "graph_balance": "how far each bought inside what it sold inside",
    "graph_linked_members": "share of accounts that both sold and bought inside",
    "graph_together_surprise": "how unlikely the moments in common are by chance, -log10",
    "graph_together_excess": "moments in common beyond chance (logarithm)",
    "graph_together_share": "share of trades at moments in common",
    "graph_strength": "weight of the accounts' ties (logarithm)",
    "graph_net_share": "one-sidedness of all they traded",
    "graph_least_inside_share": "share traded inside by the least tied account",
    "graph_density": "share of pairs that traded",
    "market_order_to_trade": "orders to trades",
    "market_cancel_ratio": "cancellations to orders",
    "market_path": "distance the price went",
    "market_lean_now": "imbalance of the book at that moment",
    "market_book_lean": "imbalance of the book",
    "market_efficiency": "how straight the price went",
    "market_flow_with_return": "how far the order flow went with the price",
    "market_return": "move of the price",
    "market_return_before": "move of the price before",
    "market_return_after": "move of the price after",
    "market_absolute_return": "size of the price's move",
    "market_rows": "number of events",
    "market_span_rows": "number of events in the candidate's time",
    "market_news_in_span": "news within the time",
    "market_news_seconds": "seconds since the last news",
    "market_close_seconds": "seconds to the close",
    "market_open_seconds": "seconds since the opening",
    "market_session": "part of the session gone by",
    "market_others_return": "move of the other symbols",
    "market_residual": "move beyond that of the other symbols",
    "market_others_rows": "events in the other symbols",
    "market_account_here": "part of the account's activity in this symbol",
    "market_account_of_symbol": "part of the symbol's activity by the account",
    "market_account_rows": "events of the account so far",
    "market_account_age": "part of the symbol's life the account was known",
    "profile_size": "size of orders",
    "profile_cancels": "cancellations an order",
    "profile_trades": "trades an order",
    "profile_aggressive": "share of orders that cross",
    "profile_taking": "share of trades in which it arrived",
    "profile_lean": "one-sidedness of orders",
    "profile_life": "time orders stand",
    "profile_level": "level at which orders rest",
    "profile_gap": "pause between messages",
    "profile_net": "one-sidedness of trades",
    "profile_taken_back": "share of size taken back",
    "profile_odd": "how unlike its own habit it behaved (deviations)",
    "profile_odd_lately": "how unlike its latest conduct it behaved (deviations)",
    "profile_rare": "how rare its conduct is among all accounts (bits)",
    "profile_span_rows": "its events in the candidate's time",
    "profile_past_rows": "its events before",
    "profile_age": "part of the symbol's life it was known",
    "profile_rate": "its rate against its rate before",
    "profile_symbols": "symbols it deals in",
    "profile_partner": "trades with its main partner",
    "profile_life_of_all": "share of all it ever did that lies in the time",
    "profile_hour_apart": "distance from its usual time of day",
    "profile_unwinds": "how far it closes what it held",
    "profile_newcomers": "accounts new to the symbol",
    "profile_unlike_each_other": "how differently the accounts behave (deviations)",
}
"""Columns without their ending; those that are not here become words of themselves."""

ENDINGS: Mapping[str, str] = {
    "_most": ", of the most conspicuous account",
    "_log": " (logarithm)",
    "_z": "",
    "_share": " (share)",
    "_part": " (part or percentile)",
    "_spreads": "",
}
"""Endings of columns, and what is said in their place."""


def view_words(feature: str) -> str:
    """Return a column in words; a column of no view gives its own words."""
    view = next((start for start in VIEWS if feature.startswith(start)), "")
    name, ends = feature, ""
    while name not in WORDS:
        ending = next((end for end in ENDINGS if name.endswith(end)), "")
        if not ending:
            break
        name, ends = name.removesuffix(ending), ENDINGS[ending] + ends
    words = WORDS.get(name) or name.removeprefix(view).replace("_", " ").strip()
    return f"{VIEWS.get(view, '')}{words}{ends}"
