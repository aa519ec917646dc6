"""News files: what is refused, what is set aside, and whether the news can bear on the prices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import InputError, News, Panel, SchemaError
from tradewind.core.clock import FixedClock
from tradewind.data import check_news_covers, read_news, write_news

CLOCK = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
HEAD = "symbol,published_at,source,text\n"
GOOD = "AA,2014-03-03T14:00:00Z,news,up it goes\n"


@pytest.mark.parametrize(
    ("line", "field", "says"),
    [
        (",2014-03-03T14:00:00Z,news,x", "symbol", "missing"),
        ("AA,,news,x", "published_at", "missing"),
        ("AA,yesterday,news,x", "published_at", "'yesterday' is not a time"),
        ("AA,2014-03-03T25:00:00Z,news,x", "published_at", "is not a time"),
        ("AA,2024-03-03T14:00:00Z,news,x", "published_at", "lies in the future"),
        ("AA,2014-03-03T14:00:00,news,x", "published_at", "time zones are mixed"),
        ("AA,2014-03-03T14:00:00-05:00,news,x", "published_at", "time zones are mixed"),
        ("AA,2014-03-03T14:00:00Z,news,", "text", "missing"),
        ("AA,2014-03-03T14:00:00Z,news,  ", "text", "missing"),
    ],
)
def test_a_bad_row_is_named_or_set_aside(line: str, field: str, says: str, tmp_path: Path) -> None:
    file, aside = tmp_path / "n.csv", tmp_path / "bad.csv"
    file.write_text(HEAD + GOOD * 2 + line + "\n" + GOOD)
    with pytest.raises(SchemaError) as caught:
        read_news(file, clock=CLOCK)
    assert (caught.value.file, caught.value.row, caught.value.field) == (file, 3, field)
    assert says in str(caught.value)
    assert len(read_news(file, quarantine=aside, clock=CLOCK)) == 3
    assert pl.read_csv(aside)["row"].to_list() == [3]


@pytest.mark.parametrize(
    ("text", "field"), [("", None), (HEAD, None), ("symbol,published_at,source,body\nA,2014-01-01,n,x\n", "text")]
)
def test_a_structural_fault_is_an_error(text: str, field: str | None, tmp_path: Path) -> None:
    file = tmp_path / "n.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_news(file, clock=CLOCK)
    assert (caught.value.file, caught.value.field) == (file, field)


def test_items_are_sorted_by_utc_time_and_a_missing_source_is_news(tmp_path: Path) -> None:
    file = tmp_path / "n.csv"
    file.write_text(HEAD + "AA,2014-03-03T14:00:00-05:00,social,later\nBB,2014-03-03T09:30:00-05:00,,sooner\n")
    news = read_news(file, clock=CLOCK)
    assert news.published_at.tolist() == [datetime(2014, 3, 3, 14, 30), datetime(2014, 3, 3, 19)]
    assert news.source.tolist() == ["news", "social"]
    assert news.text.tolist() == ["sooner", "later"]


def news_of(times: list[str], symbol: str = "S000") -> News:
    """Items of one symbol at ``times``."""
    return News(
        symbol=np.array([symbol] * len(times)),
        published_at=np.array(times, dtype="datetime64[us]"),
        source=np.array(["news"] * len(times)),
        text=np.array(["x"] * len(times), dtype=object),
    )


def test_news_must_cover_the_prices(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 80, start="2014-01-01")
    check_news_covers(news_of(["2013-01-01", "2014-02-01T10:00"]), panel, "n.csv")
    for news, says in (
        (news_of(["2013-01-01", "2013-12-31T23:59"]), r"n\.csv, column 'published_at': all news lies before"),
        (news_of(["2016-01-01"]), "all news lies after"),
        (news_of(["2014-02-01"], "QQ"), r"column 'symbol': none of its symbols \(QQ"),
    ):
        with pytest.raises(SchemaError, match=says):
            check_news_covers(news, panel, "n.csv")


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30).filter(str.strip)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=st.lists(
        st.tuples(
            st.sampled_from(["AA", "BB", "NA"]),
            st.datetimes(datetime(1995, 1, 1), datetime(2019, 12, 31)),
            st.sampled_from(["news", "social", "transcript", "blog"]),
            words,
        ),
        min_size=1,
        max_size=8,
    ),
    suffix=st.sampled_from([".csv", ".parquet"]),
)
def test_write_then_read_gives_the_same_news(
    items: list[tuple[str, datetime, str, str]], suffix: str, tmp_path: Path
) -> None:
    items = sorted(items, key=lambda item: item[1])
    symbol, time, source, text = zip(*items, strict=True)
    before = News(
        symbol=np.array(symbol),
        published_at=np.array(time, dtype="datetime64[us]"),
        source=np.array(source),
        text=np.array(text, dtype=object),
    )
    after = read_news(write_news(before, tmp_path / f"n{suffix}"), clock=CLOCK)
    for name in ("symbol", "published_at", "source", "text"):
        assert getattr(after, name).tolist() == getattr(before, name).tolist()
