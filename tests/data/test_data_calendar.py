"""Sessions and their closes, against what the New York exchange published."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.data import session_closes, sessions


def closes(*days: str, calendar: str | None = "XNYS") -> list[str]:
    """Closes of ``days`` as text to the minute."""
    return [str(t)[:16] for t in session_closes(np.array(days, dtype="datetime64[us]"), calendar)]


def test_closes_follow_summer_time() -> None:
    assert closes("2014-01-02", "2014-07-02") == ["2014-01-02T21:00", "2014-07-02T20:00"]


@pytest.mark.parametrize(
    ("day", "close"),
    [
        ("2013-07-03", "2013-07-03T17:00"),  # the day before Independence Day, 13:00 in summer
        ("2013-11-29", "2013-11-29T18:00"),  # the day after Thanksgiving, 13:00 in winter
        ("2013-12-24", "2013-12-24T18:00"),  # Christmas Eve
        ("2014-11-28", "2014-11-28T18:00"),
        ("2015-12-24", "2015-12-24T18:00"),
    ],
)
def test_half_days_close_early(day: str, close: str) -> None:
    assert closes(day) == [close]


def test_days_that_are_no_session_fall_back_to_21_utc() -> None:
    assert closes("2014-07-04", "2014-01-04", "1850-01-02") == [
        "2014-07-04T21:00",
        "2014-01-04T21:00",
        "1850-01-02T21:00",
    ]
    assert closes("2013-11-29", calendar=None) == ["2013-11-29T21:00"]


def test_the_hour_is_ignored_and_nat_stays() -> None:
    assert closes("2014-01-02T03:04") == ["2014-01-02T21:00"]
    assert np.isnat(session_closes(np.array(["NaT", "2014-01-02"], dtype="datetime64[us]"))).tolist() == [True, False]
    assert session_closes(np.array([], dtype="datetime64[us]")).shape == (0,)


@pytest.mark.slow
def test_other_exchanges_and_decades() -> None:
    assert closes("2014-01-02", "2014-07-02", calendar="XLON") == ["2014-01-02T16:30", "2014-07-02T15:30"]
    assert closes("1987-10-19") == ["1987-10-19T20:00"]
    assert closes("1960-01-04", "2014-01-06", calendar="XTKS") == ["1960-01-04T21:00", "2014-01-06T06:00"]


def test_sessions_leave_out_weekends_and_holidays() -> None:
    days = [str(day)[:10] for day in sessions("2013-12-24", "2014-01-02")]
    assert days == ["2013-12-24", "2013-12-26", "2013-12-27", "2013-12-30", "2013-12-31", "2014-01-02"]
    assert sessions("2012-10-29", "2012-10-30").size == 0  # closed for hurricane Sandy
    assert sessions("2014-01-02", "2013-01-02").size == 0


def test_an_unknown_calendar_names_near_ones() -> None:
    with pytest.raises(UsageError, match="XNYS"):
        closes("2014-01-02", calendar="XNYX")
    with pytest.raises(UsageError):
        session_closes(np.array([], dtype="datetime64[us]"), "nowhere")


@pytest.mark.slow
def test_importing_the_package_does_not_import_the_calendars() -> None:
    code = "import sys, tradewind.data; sys.exit('exchange_calendars' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
