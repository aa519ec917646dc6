"""A seeded market simulator: data whose best possible directional accuracy is known, with faults on demand."""

from tradewind.data.simulator.fault_kinds import Fault, FaultKind
from tradewind.data.simulator.injection import FaultyPanel, inject_faults, inject_panel_faults
from tradewind.data.simulator.market import SimulatedMarket, simulate
from tradewind.data.simulator.regimes import Regime
from tradewind.data.simulator.settings import MarketKind, MarketSettings
from tradewind.data.simulator.shocks import MarketShock

__all__ = [
    "Fault",
    "FaultKind",
    "FaultyPanel",
    "MarketKind",
    "MarketSettings",
    "MarketShock",
    "Regime",
    "SimulatedMarket",
    "inject_faults",
    "inject_panel_faults",
    "simulate",
]
