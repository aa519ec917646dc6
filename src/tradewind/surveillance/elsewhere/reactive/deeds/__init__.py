"""The nine schemes as the reactive venue knows them, each by several tactics."""

from collections.abc import Callable, Mapping

from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.deeds.ahead import front_running
from tradewind.surveillance.elsewhere.reactive.deeds.chorus import coordination
from tradewind.surveillance.elsewhere.reactive.deeds.closing import closing
from tradewind.surveillance.elsewhere.reactive.deeds.igniting import ignition
from tradewind.surveillance.elsewhere.reactive.deeds.pretending import layering, spoofing
from tradewind.surveillance.elsewhere.reactive.deeds.pumping import pumping
from tradewind.surveillance.elsewhere.reactive.deeds.stuffing import stuffing
from tradewind.surveillance.elsewhere.reactive.deeds.washing import washing
from tradewind.surveillance.elsewhere.reactive.venue import Play
from tradewind.surveillance.schemes import Scheme

PLAYS: Mapping[Scheme, Callable[[Affair], Play]] = {
    Scheme.PUMP_AND_DUMP: pumping,
    Scheme.SPOOFING: spoofing,
    Scheme.LAYERING: layering,
    Scheme.QUOTE_STUFFING: stuffing,
    Scheme.WASH_TRADING: washing,
    Scheme.MARKING_THE_CLOSE: closing,
    Scheme.MOMENTUM_IGNITION: ignition,
    Scheme.FRONT_RUNNING: front_running,
    Scheme.COORDINATED_ACCOUNTS: coordination,
}

__all__ = ["PLAYS", "Affair"]
