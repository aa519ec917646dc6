"""Watching what arrives: bars that are wrong, feeds that fall silent, news that somebody may have made up."""

from tradewind.monitoring.quality.bars import BarWatcher
from tradewind.monitoring.quality.feeds import FeedWatcher
from tradewind.monitoring.quality.news import NewsWatcher
from tradewind.monitoring.quality.settings import FeedSettings, NewsSettings

__all__ = ["BarWatcher", "FeedSettings", "FeedWatcher", "NewsSettings", "NewsWatcher"]
