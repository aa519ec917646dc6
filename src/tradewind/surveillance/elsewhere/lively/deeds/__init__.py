"""The nine schemes as the lively venue knows them, each played in several ways."""

from collections.abc import Callable, Mapping

from tradewind.surveillance.elsewhere.lively.deeds.deed import Deed
from tradewind.surveillance.elsewhere.lively.deeds.owners import informed, together, washing
from tradewind.surveillance.elsewhere.lively.deeds.pressure import layering, spoofing, stuffing
from tradewind.surveillance.elsewhere.lively.deeds.prices import closing, igniting, pumping
from tradewind.surveillance.elsewhere.lively.venue import Play
from tradewind.surveillance.schemes import Scheme

PLAYS: Mapping[Scheme, Callable[[Deed], Play]] = {
    Scheme.PUMP_AND_DUMP: pumping,
    Scheme.SPOOFING: spoofing,
    Scheme.LAYERING: layering,
    Scheme.QUOTE_STUFFING: stuffing,
    Scheme.WASH_TRADING: washing,
    Scheme.MARKING_THE_CLOSE: closing,
    Scheme.MOMENTUM_IGNITION: igniting,
    Scheme.FRONT_RUNNING: informed,
    Scheme.COORDINATED_ACCOUNTS: together,
}

__all__ = ["PLAYS", "Deed"]
