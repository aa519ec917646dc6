"""Explanations as pages: pictures, and the four layers in HTML."""

from tradewind.explain.page.page import render_day, render_explanation, write_day, write_explanation
from tradewind.explain.page.picture import Picture
from tradewind.explain.page.pictures import member_bars, percentile_strip, time_profile
from tradewind.explain.page.waterfall import Step, steps_of, waterfall

__all__ = [
    "Picture",
    "Step",
    "member_bars",
    "percentile_strip",
    "render_day",
    "render_explanation",
    "steps_of",
    "time_profile",
    "waterfall",
    "write_day",
    "write_explanation",
]
