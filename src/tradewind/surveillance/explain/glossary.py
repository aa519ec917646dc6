"""Features in plain words with their units: what an analyst reads instead of a column's name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from tradewind.surveillance.explain.view_words import view_words
from tradewind.surveillance.schemes import Scheme

(
    SHARE,
    RATIO2,
    RATIO,
    SECONDS,
    SECONDS2,
    CLOCK,
    COUNT2,
    COUNTED2,
    COUNT,
    NUMBER,
    DEVIATIONS,
    SPREADS,
    PLAIN,
) = range(13)
"""How a number is to be read: a share; log2 and natural log of a ratio; log10, log2 of seconds and seconds themselves;
log2 of a count and of one plus it; natural log of one plus a count, and of a count; deviations from the usual; typical
spreads; as it stands."""

_PRETENCE: Mapping[str, tuple[str, int]] = {
    "cycles": ("cycles of showing, trading and taking back", COUNT2),
    "traded_share": ("share of cycles in which the other side traded", SHARE),
    "cycles_per_minute": ("cycles a minute", COUNT2),
    "size_vs_typical": ("size of the orders shown against the symbol's typical order", RATIO2),
    "size_vs_own": ("size of the orders shown against the account's own usual", RATIO2),
    "size_vs_genuine": ("size of the orders shown against what was traded on the other side", RATIO2),
    "depth_share": ("share of the depth on their side", SHARE),
    "imbalance_shift": ("shift of the book's imbalance by the orders shown", PLAIN),
    "level": ("levels behind the best price", PLAIN),
    "distance_spreads": ("distance from the best price", SPREADS),
    "lifetime_s": ("time the orders stood", SECONDS),
    "lifetime_vs_symbol": ("time the orders stood against the symbol's usual", RATIO2),
    "lifetime_vs_own": ("time the orders stood against the account's usual", RATIO2),
    "cancelled_share": ("share of the orders shown that was taken back", SHARE),
    "taken_share": ("share of the orders shown that was executed", SHARE),
    "cancel_delay_s": ("time from the opposite execution to the cancellation", SECONDS),
    "cancel_delay_share": ("that time as a share of the orders' life", SHARE),
    "price_advantage": ("price gained on the genuine side", SPREADS),
    "price_move": ("move of the price while the orders stood", SPREADS),
    "reversal": ("reversal of that move afterwards", SPREADS),
    "levels_most": ("most price levels used at once", PLAIN),
    "levels_mean": ("price levels used at once, on average", PLAIN),
    "multi_level_share": ("share of cycles on several levels", SHARE),
    "orders_per_cycle": ("orders shown a cycle", PLAIN),
    "largest_order_share": ("share of the largest order in what was shown", SHARE),
    "one_sidedness": ("one-sidedness of the account's orders", SHARE),
    "other_side_share": ("share of orders on the other side", SHARE),
    "cancel_ratio": ("share of the account's orders that it cancels", SHARE),
    "order_to_trade": ("orders to trades of the account", RATIO2),
    "message_share": ("share of the symbol's messages", SHARE),
    "opposite_lead": ("lead of the opposite order, as a share of the orders' life", RATIO2),
    "size_vs_opposite": ("size of the orders shown against orders on the other side", RATIO2),
    "partner_share": ("share of the opposite trades made by a partner account", SHARE),
    "partner_inside": ("partner account among those named", PLAIN),
    "group_levels": ("prices shown at once, by the account and those who come and go with it", PLAIN),
    "company": ("other accounts whose orders came and went with these", PLAIN),
    "company_size": ("size shown together against the account's own", RATIO2),
    "comrade_share": ("share of the times in which the same other account came and went with it", SHARE),
}
_STUFFING: Mapping[str, tuple[str, int]] = {
    "messages": ("messages in the burst", COUNT2),
    "rate_vs_symbol": ("message rate against the symbol's usual", RATIO2),
    "rate_vs_own": ("message rate against the account's usual", RATIO2),
    "messages_per_second": ("messages a second", COUNT2),
    "duration_s": ("length of the burst", SECONDS),
    "share_of_symbol": ("share of the symbol's messages during the burst", SHARE),
    "cancel_share": ("share of cancellations among the messages", SHARE),
    "filled_share": ("share of the orders that was executed", SHARE),
    "lifetime_s": ("time the orders stood", SECONDS),
    "lifetime_vs_symbol": ("time the orders stood against the symbol's usual", RATIO2),
    "lifetime_vs_own": ("time the orders stood against the account's usual", RATIO2),
    "size_vs_typical": ("size of the orders against the symbol's typical order", RATIO2),
    "touch_share": ("share of orders at the best price", SHARE),
    "aggressive_share": ("share of orders that crossed", SHARE),
    "one_sidedness": ("one-sidedness of the orders", SHARE),
    "repeat_share": ("share of orders that repeat one before", SHARE),
    "order_to_trade": ("orders to trades of the account", RATIO2),
    "cancel_ratio": ("share of the account's orders that it cancels", SHARE),
    "bursts": ("bursts so far", COUNT2),
    "group_share_of_symbol": ("share of the symbol's messages by all accounts in the burst", SHARE),
    "group_rate_vs_symbol": ("message rate of the group against the symbol's usual", RATIO2),
    "round_trips": ("share of orders entered and taken back within the burst", SHARE),
}
_OWNERS: Mapping[str, tuple[str, int]] = {
    "trades": ("trades among the accounts", COUNT),
    "times": ("times two of the accounts acted together", COUNT),
    "surprise": ("how unlikely that many would be by chance, -log10", PLAIN),
    "group_surprise": ("how unlikely that of all pairs would be by chance, -log10", PLAIN),
    "excess": ("observed over expected by chance", RATIO),
    "internal_share": ("share of the accounts' volume traded among themselves", SHARE),
    "least_internal_share": ("the same share for the least tied account", SHARE),
    "balance": ("how far what each bought inside it also sold inside", SHARE),
    "flatness": ("how far each ended flat in all its trades", SHARE),
    "reciprocity": ("share of pairs that traded in both directions", SHARE),
    "matched_share": ("share of trades that filled both orders whole", SHARE),
    "matched_excess": ("that share beyond the symbol's usual", PLAIN),
    "quick_share": ("share of trades soon after the resting order's entry", SHARE),
    "entry_gap_s": ("time from the resting order's entry to the trade", CLOCK),
    "size_evenness": ("evenness of the trades' sizes", SHARE),
    "gap_evenness": ("evenness of the pauses", SHARE),
    "size_vs_typical": ("size against the symbol's typical", RATIO),
    "symbol_share": ("share of the symbol's activity", SHARE),
    "self_share": ("share of trades with oneself", SHARE),
    "price_range_spreads": ("range of the trades' prices", SPREADS),
    "rings": ("closed rings of sales", COUNT),
    "ring_surprise": ("how unlikely the rings would be by chance", PLAIN),
    "members": ("accounts in the group", PLAIN),
    "density": ("share of possible pairs that are tied", SHARE),
    "together_share": ("share of an account's actions together with its closest partner", SHARE),
    "least_together_share": ("the same share for the least tied account", SHARE),
    "same_side_share": ("share of meetings on the same side", SHARE),
    "size_closeness": ("closeness of the sizes of two accounts", SHARE),
    "jitter_s": ("time between two accounts acting", CLOCK),
    "aggressive_share": ("share of actions that crossed the spread", SHARE),
    "not_reaction": ("how far the first did not react to a price move", SHARE),
    "outsiders": ("others who acted at the same moments", PLAIN),
    "traded_inside": ("trades with each other for each time together", PLAIN),
    "position_alignment": ("how far all accounts' net purchases have one sign", SHARE),
}
_PRICES: Mapping[str, tuple[str, int]] = {
    "undone": ("share of the position that was closed again", SHARE),
    "size_log": ("size of the position against the symbol's typical trade", RATIO2),
    "size_to_habit_log": ("size of the position against the account's habit", RATIO2),
    "in_share": ("share of the volume while it was built", SHARE),
    "out_share": ("share of the volume while it was closed", SHARE),
    "in_aggressive": ("share built by orders that crossed", SHARE),
    "out_aggressive": ("share closed by orders that crossed", SHARE),
    "in_one_sided": ("one-sidedness while it was built", SHARE),
    "burst_share": ("share of the position built in its busiest part", SHARE),
    "move_z_time": ("move of the price for the time it took", DEVIATIONS),
    "move_z_prints": ("move of the price for the trades it took", DEVIATIONS),
    "move_spreads": ("move of the price", SPREADS),
    "peak_z": ("highest point of the move", DEVIATIONS),
    "fall_back": ("share of the move that was lost again", SHARE),
    "profit_z": ("profit", DEVIATIONS),
    "profit_spreads": ("profit a share", SPREADS),
    "profit_to_move": ("profit as a share of the move", SHARE),
    "impact_share": ("share of the move made by the accounts' own trades", SHARE),
    "follow_to_own_log": ("volume of those who followed against the accounts' own", RATIO2),
    "client_size_log": ("size of the large order that followed, against the position", RATIO2),
    "client_volume_share": ("share of the volume by that large order", SHARE),
    "client_met_share": ("share of the position sold to that large order", SHARE),
    "news_built_before": ("share of the position built before the news", SHARE),
    "news_move_z": ("move of the price on the news", DEVIATIONS),
    "jump_built_before": ("share of the position built before the jump", SHARE),
    "jump_z": ("jump of the price", DEVIATIONS),
    "share_zone": ("share of the volume near the close", SHARE),
    "share_last": ("share of the volume at the very end", SHARE),
    "net_share_zone": ("net share of the volume near the close", SHARE),
    "net_share_last": ("net share of the volume at the very end", SHARE),
    "one_sided": ("one-sidedness of the trades", SHARE),
    "move_z": ("move of the price while the accounts traded", DEVIATIONS),
    "late_move_z": ("move of the price at the very end", DEVIATIONS),
    "late_move_spreads": ("move of the price at the very end", SPREADS),
    "impact_spreads": ("move made by the accounts' own trades", SPREADS),
    "newcomer": ("how far the account was absent before", SHARE),
    "holding_with": ("how far an earlier position gains by the move", PLAIN),
    "in_fills_log": ("executions that built the position", COUNTED2),
    "in_seconds_log": ("time it took to build the position", SECONDS2),
    "hold_seconds_log": ("time it was held", SECONDS2),
    "out_seconds_log": ("time it took to close the position", SECONDS2),
    "client_lead_seconds_log": ("time before the large order", SECONDS2),
    "news_lead_seconds_log": ("time before the news", SECONDS2),
    "in_to_usual_log": ("volume while it was built against the symbol's usual", RATIO2),
    "out_to_usual_log": ("volume while it was closed against the symbol's usual", RATIO2),
    "size_to_largest_log": ("position against the account's largest so far", RATIO2),
    "volume_surge_log": ("volume against the symbol's usual", RATIO2),
    "pace_to_habit_log": ("pace against the account's habit", RATIO2),
    "fills_log": ("executions near the close", COUNTED2),
    "share_third": ("share of the volume in the last third before the close", SHARE),
    "share_tenth": ("share of the volume in the last tenth before the close", SHARE),
    "net_share_third": ("net share of the volume in the last third before the close", SHARE),
    "net_share_tenth": ("net share of the volume in the last tenth before the close", SHARE),
}
_COMMON: Mapping[str, tuple[str, int]] = {
    "rule": ("score of the textbook rule", SHARE),
    "revision": ("how often the find was extended", COUNT),
    "accounts": ("accounts named", NUMBER),
}
_FAMILIES: Mapping[Scheme, Mapping[str, tuple[str, int]]] = {
    Scheme.SPOOFING: _PRETENCE,
    Scheme.LAYERING: _PRETENCE,
    Scheme.QUOTE_STUFFING: _STUFFING,
    Scheme.WASH_TRADING: _OWNERS,
    Scheme.COORDINATED_ACCOUNTS: _OWNERS,
}


def label(scheme: Scheme, feature: str) -> str:
    """Return a feature in plain words; a name that is not known becomes words itself."""
    return _known(scheme, feature)[0]


def reading(scheme: Scheme, feature: str, value: float) -> str:
    """Return a feature's number in units that mean something to a reader."""
    if math.isnan(value):
        return "not known"
    how = _known(scheme, feature)[1]
    if how == SHARE:
        return f"{value:.1%}"
    if how in (RATIO2, RATIO):
        ratio = 2.0**value if how == RATIO2 else math.exp(value)
        return f"{ratio:.3g} times"
    if how in (SECONDS, SECONDS2):
        return f"{(10.0 if how == SECONDS else 2.0) ** value:.3g} s"
    if how in _COUNTS:
        return f"{_COUNTS[how](value):.3g}"
    return f"{value:.3g}" + {CLOCK: " s", DEVIATIONS: " deviations", SPREADS: " typical spreads"}.get(how, "")


def _known(scheme: Scheme, feature: str) -> tuple[str, int]:
    family = _FAMILIES.get(scheme, _PRICES)
    found = family.get(feature) or _COMMON.get(feature)
    if found is not None:
        return found
    how = next((unit for ending, unit in _ENDINGS if feature.removesuffix("_most").endswith(ending)), PLAIN)
    return view_words(feature), SHARE if feature.startswith("context_") else how


_COUNTS: Mapping[int, Callable[[float], float]] = {
    COUNT2: lambda value: 2.0**value,
    COUNTED2: lambda value: 2.0**value - 1.0,
    COUNT: math.expm1,
    NUMBER: math.exp,
}
_ENDINGS = (("_z", DEVIATIONS), ("_spreads", SPREADS), ("_share", SHARE), ("_part", SHARE))
