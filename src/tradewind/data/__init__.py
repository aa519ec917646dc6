"""Prices, news and the universe: readers, schemas, calendars, corporate actions, bundled data, simulator."""
