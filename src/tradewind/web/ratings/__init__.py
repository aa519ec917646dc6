"""What people think of explanations: useful or not, and why; kept, and reported."""

from tradewind.web.ratings.report import RatingsReport, report_of
from tradewind.web.ratings.store import Given, RatingStore

__all__ = ["Given", "RatingStore", "RatingsReport", "report_of"]
