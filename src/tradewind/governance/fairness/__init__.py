"""Fairness among groups of symbols: of the data before training, of the forecasts over time."""

from tradewind.governance.fairness.balance import Balance, DataBalance, Share, data_balance
from tradewind.governance.fairness.location import locations
from tradewind.governance.fairness.over_time import Fairness, FairnessReport, Period, fairness_report, periods_of
from tradewind.governance.fairness.page import write_balance, write_fairness
from tradewind.governance.fairness.proxies import Proxy, find_proxies

__all__ = [
    "Balance",
    "DataBalance",
    "Fairness",
    "FairnessReport",
    "Period",
    "Proxy",
    "Share",
    "data_balance",
    "fairness_report",
    "find_proxies",
    "locations",
    "periods_of",
    "write_balance",
    "write_fairness",
]
