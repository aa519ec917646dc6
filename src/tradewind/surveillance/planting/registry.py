"""Which settings and which script belong to a scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.close import CloseSettings, MarkingTheClose
from tradewind.surveillance.planting.coordination import Coordination, CoordinationSettings
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.front_running import FrontRunning, FrontRunningSettings
from tradewind.surveillance.planting.ignition import Ignition, IgnitionSettings
from tradewind.surveillance.planting.layering import Layering, LayeringSettings
from tradewind.surveillance.planting.pump import PumpAndDump, PumpSettings
from tradewind.surveillance.planting.script import SchemeScript
from tradewind.surveillance.planting.spoofing import Spoofing, SpoofingSettings
from tradewind.surveillance.planting.stuffing import Stuffing, StuffingSettings
from tradewind.surveillance.planting.wash import WashTrading, WashTradingSettings
from tradewind.surveillance.schemes import Scheme

SETTINGS: Mapping[Scheme, type[SchemeSettings]] = {
    kind.scheme: kind
    for kind in (
        PumpSettings,
        SpoofingSettings,
        LayeringSettings,
        StuffingSettings,
        WashTradingSettings,
        CloseSettings,
        IgnitionSettings,
        FrontRunningSettings,
        CoordinationSettings,
    )
}
"""The settings of each scheme; their ``space`` says from what they are drawn."""

_SCRIPTS: Mapping[Scheme, type[SchemeScript[Any]]] = {
    script.scheme: script
    for script in (
        PumpAndDump,
        Spoofing,
        Layering,
        Stuffing,
        WashTrading,
        MarkingTheClose,
        Ignition,
        FrontRunning,
        Coordination,
    )
}


def script_of(episode: Episode, cast: Cast) -> SchemeScript[Any]:
    """Return the script that plays an episode with accounts of this cast."""
    return _SCRIPTS[episode.settings.scheme](episode, episode.settings, cast)
