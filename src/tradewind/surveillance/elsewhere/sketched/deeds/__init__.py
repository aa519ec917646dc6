"""The schemes, each played by several tactics."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.deeds.ahead import run_ahead
from tradewind.surveillance.elsewhere.sketched.deeds.close import mark_close
from tradewind.surveillance.elsewhere.sketched.deeds.deceive import layer, spoof
from tradewind.surveillance.elsewhere.sketched.deeds.push import ignite, pump
from tradewind.surveillance.elsewhere.sketched.deeds.stuff import stuff
from tradewind.surveillance.elsewhere.sketched.deeds.together import collude
from tradewind.surveillance.elsewhere.sketched.deeds.wash import wash
from tradewind.surveillance.elsewhere.sketched.exchange import Play
from tradewind.surveillance.schemes import Scheme

PLAYS: Mapping[Scheme, Callable[[Act], Play]] = {
    Scheme.PUMP_AND_DUMP: pump,
    Scheme.SPOOFING: spoof,
    Scheme.LAYERING: layer,
    Scheme.QUOTE_STUFFING: stuff,
    Scheme.WASH_TRADING: wash,
    Scheme.MARKING_THE_CLOSE: mark_close,
    Scheme.MOMENTUM_IGNITION: ignite,
    Scheme.FRONT_RUNNING: run_ahead,
    Scheme.COORDINATED_ACCOUNTS: collude,
}
