"""What a deed was worth to who did it: an adversary evades in order to get something done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

_Facts = Mapping[str, float]


def _spoofed(facts: _Facts) -> float:
    """Typical orders shown without being meant, over the cycles in which the one that was meant traded."""
    return facts["cycles_won"] * facts["spoof"]


def _layered(facts: _Facts) -> float:
    """The same where several levels carry them."""
    return facts["cycles_won"] * facts["levels"] * facts["layer"]


def _closing(facts: _Facts) -> float:
    """How many times what makes it the scheme: half a spread of move, or three tenths of the volume."""
    return max(facts["move_in_spreads"] / 0.5, facts["share_of_volume"] / 0.3)


_EFFECTS: Mapping[Scheme, tuple[str, Callable[[_Facts], float]]] = {
    Scheme.PUMP_AND_DUMP: ("spreads of rise, times the share sold", lambda f: f["rise_in_spreads"] * f["sold_share"]),
    Scheme.SPOOFING: ("typical orders of pressure in cycles that paid", _spoofed),
    Scheme.LAYERING: ("typical orders of pressure in cycles that paid", _layered),
    Scheme.QUOTE_STUFFING: ("messages a second", lambda f: f["messages_per_second"]),
    Scheme.WASH_TRADING: ("typical orders of made-up volume", lambda f: f["matches"] * f["size"]),
    Scheme.MARKING_THE_CLOSE: ("times the least move or share that counts", _closing),
    Scheme.MOMENTUM_IGNITION: ("spreads of move", lambda f: f["move_in_spreads"]),
    Scheme.FRONT_RUNNING: ("typical orders held ahead of time", lambda f: f["position"] * f["times"]),
    Scheme.COORDINATED_ACCOUNTS: ("moments of acting together", lambda f: f["common_moments"]),
}


def effect_of(deed: Planted) -> float:
    """Return what a deed achieved, 0 where it was not carried through; in the unit :func:`effect_unit` names.

    It is read from what the script measured while it played (``Planted.parameters``), so that deeds of one scheme on
    the same markets can be compared; figures of different schemes cannot. Front running counts the position rather than
    the gain: whether one deed gains is luck, and often it does not.
    """
    if not deed.done:
        return 0.0
    return max(float(_EFFECTS[deed.scheme][1](deed.parameters)), 0.0)


def effect_unit(scheme: Scheme) -> str:
    """Return in which unit the effect of a scheme is told."""
    return _EFFECTS[scheme][0]
