"""Accounts known to be under one hand are watched as one account, and named each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core.errors import InputError
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.events.table import EventTable, Kind, Names
from tradewind.surveillance.hands import Hands, OneHand, read_linked
from tradewind.surveillance.learning import bundled_model
from tradewind.surveillance.live.simulated import simulated
from tradewind.surveillance.pipeline import Surveillance, SurveillanceSettings, watch
from tradewind.surveillance.schemes import Scheme

SYMBOLS, PEOPLE = ("ABC", "XYZ"), ("ann", "bob", "cy", "dee", "eve")


def events(who: list[int], where: list[int]) -> EventTable:
    """One new order a second by each of ``who``, in symbol ``where``; -1 is nobody."""
    n = len(who)
    accounts, symbols = Names(), Names(SYMBOLS)
    codes = [accounts.code(PEOPLE[i]) if i >= 0 else -1 for i in who]
    return EventTable(
        time=np.arange(1, n + 1, dtype=np.int64) * 10**9,
        symbol=np.array(where, dtype=np.int32),
        seq=np.arange(1, n + 1, dtype=np.int64),
        kind=np.full(n, Kind.NEW, dtype=np.int8),
        order=np.arange(1, n + 1, dtype=np.int64),
        account=np.array(codes, dtype=np.int32),
        side=np.ones(n, dtype=np.int8),
        price=np.full(n, 100_000, dtype=np.int64),
        size=np.full(n, 100, dtype=np.int64),
        symbols=symbols,
        accounts=accounts,
        contra=np.array(codes[::-1], dtype=np.int32),
    )


def an_alert(*accounts: str, symbol: str = "ABC", end: int = 10**12) -> Alert:
    """Return an alert on ``accounts``."""
    return Alert(
        id="0" * 16,
        scheme=Scheme.SPOOFING,
        symbol=symbol,
        accounts=accounts,
        start=min(end, 10**9),
        end=end,
        known_at=end,
        score=0.9,
        tier=Tier.HIGH,
    )


ROWS = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 1)), min_size=1, max_size=40)
GROUPS = st.lists(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3), max_size=3)


@given(rows=ROWS, groups=GROUPS, cut=st.integers(1, 40))
def test_all_of_a_hand_act_as_its_first_however_the_events_are_cut(
    rows: list[tuple[int, int]], groups: list[list[str]], cut: int
) -> None:
    table = events([who for who, _ in rows], [where for _, where in rows])
    hands = Hands(groups)
    whole, cut_up = OneHand(hands), OneHand(hands)
    joined = whole.events(table)
    parts = [cut_up.events(table.take(slice(i, i + cut))) for i in range(0, len(table), cut)]
    np.testing.assert_array_equal(joined.account, np.concatenate([part.account for part in parts]))
    before, after = ([table.accounts[int(code)] for code in t.account] for t in (table, joined))
    assert [hands.hand(name) if name else "" for name in before] == [hands.hand(name) if name else "" for name in after]
    assert len(set(after)) == len({hands.hand(name) if name else "" for name in before})
    assert joined.contra is not None
    assert table.contra is not None
    assert [whole.events(table).account[len(table) - 1 - i] for i in range(len(table))] == joined.contra.tolist()
    for end in (10**9, len(table) * 10**9):
        for name in set(after) - {""}:
            alert = an_alert(name, end=end)
            assert whole.alert(alert) == cut_up.alert(alert)


def test_an_alert_names_who_acted_in_the_symbol_until_its_end() -> None:
    hands, table = Hands([("ann", "bob"), ("bob", "cy", "eve")]), events([1, 0, 3, 2, 4], [0, 0, 0, 0, 1])
    one_hand, both_sides = OneHand(hands), OneHand(hands)
    one_hand.events(replace(table, contra=None))
    assert one_hand.alert(an_alert("dee", "bob")).accounts == ("dee", "bob", "ann", "cy")
    assert one_hand.alert(an_alert("bob", end=2 * 10**9)).accounts == ("bob", "ann")
    assert one_hand.alert(an_alert("bob", symbol="XYZ")).accounts == ("eve",)
    both_sides.events(table)
    assert both_sides.alert(an_alert("bob", symbol="XYZ")).accounts == ("bob", "eve")


@pytest.mark.slow
def test_who_is_known_to_be_one_hand_neither_conspires_nor_trades_with_strangers() -> None:
    market = simulated("plain", 31)
    model = bundled_model()

    def found(linked: tuple[tuple[str, ...], ...] = ()) -> list[Alert]:
        settings = SurveillanceSettings(linked=linked, strictness=-2.0)  # whatever bars the model came with
        return list(watch(market.events, Surveillance(model, market.sessions, settings=settings)))

    strangers = [a for a in found() if a.scheme in (Scheme.COORDINATED_ACCOUNTS, Scheme.WASH_TRADING)]
    together = next(a for a in strangers if a.scheme is Scheme.COORDINATED_ACCOUNTS)
    washed = next(a for a in strangers if a.scheme is Scheme.WASH_TRADING)
    known = found((together.accounts, washed.accounts))
    assert not [
        a for a in known if a.scheme is Scheme.COORDINATED_ACCOUNTS and set(a.accounts) <= set(together.accounts)
    ]
    assert [
        a
        for a in known
        if a.scheme is Scheme.WASH_TRADING and set(washed.accounts) <= set(a.accounts) and a.start <= washed.end
    ]


def test_a_file_names_a_hand_a_line(tmp_path: Path) -> None:
    file = tmp_path / "owners.txt"
    file.write_text("A1, A2 , A3\n\n# closed accounts\nB1,B2 # the brother\nlonely\n", encoding="utf-8")
    assert read_linked(file) == (("A1", "A2", "A3"), ("B1", "B2"), ("lonely",))


@pytest.mark.parametrize("content", [b"", b"A1\nA2\n", b"\xff\xfe\x00", None])
def test_a_file_that_links_nothing_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "owners.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"owners\.txt"):
        read_linked(file)


def test_without_links_alerts_stay_as_they_are() -> None:
    one_hand = OneHand(Hands())
    table = events([0, 1], [0, 0])
    np.testing.assert_array_equal(one_hand.events(table).account, table.account)
    alert = an_alert("ann", "bob")
    assert one_hand.alert(alert) == replace(alert)
