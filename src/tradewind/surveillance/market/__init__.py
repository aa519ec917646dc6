"""The market's side of a suspicion: what price, volume, book, news and other symbols did; and bars without orders."""

from tradewind.surveillance.market.bars import bar_anomalies
from tradewind.surveillance.market.view import MarketView

__all__ = ["MarketView", "bar_anomalies"]
