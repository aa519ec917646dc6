"""The views, each with its operations; what they share lies beside them."""

from collections.abc import Mapping

from fastapi import APIRouter

from tradewind.web.roles import View
from tradewind.web.views.analyst.router import router as analyst
from tradewind.web.views.compliance.router import router as compliance
from tradewind.web.views.executive.router import router as executive
from tradewind.web.views.oncall.router import router as oncall
from tradewind.web.views.surveillance.router import router as surveillance

ROUTERS: Mapping[View, APIRouter] = {
    View.executive: executive,
    View.analyst: analyst,
    View.oncall: oncall,
    View.compliance: compliance,
    View.surveillance: surveillance,
}
"""The operations of each view, mounted under ``/api/<view>`` for the roles that open it."""
