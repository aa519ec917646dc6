"""The nine schemes as the populated venue knows them, each by several tactics."""

from collections.abc import Callable, Mapping

from tradewind.surveillance.elsewhere.populated.deeds.ahead import informed
from tradewind.surveillance.elsewhere.populated.deeds.alike import together
from tradewind.surveillance.elsewhere.populated.deeds.deed import Deed
from tradewind.surveillance.elsewhere.populated.deeds.ending import closing
from tradewind.surveillance.elsewhere.populated.deeds.ignite import igniting
from tradewind.surveillance.elsewhere.populated.deeds.layer import layering
from tradewind.surveillance.elsewhere.populated.deeds.pump import pumping
from tradewind.surveillance.elsewhere.populated.deeds.spoof import spoofing
from tradewind.surveillance.elsewhere.populated.deeds.stuff import stuffing
from tradewind.surveillance.elsewhere.populated.deeds.wash import washing
from tradewind.surveillance.elsewhere.populated.exchange import Play
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
