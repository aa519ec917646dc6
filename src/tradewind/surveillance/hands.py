"""Accounts known to be under one hand: one owner, one manager, one desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from tradewind.core.arrays import BoolArray, Int32Array
from tradewind.core.errors import InputError
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.events.table import EventTable, Names
from tradewind.surveillance.truth import Planted


class Hands:
    """Accounts known to be under one hand, by whatever the caller knows (one owner, one desk).

    ``groups`` : accounts that are linked; groups that share an account are one.
    """

    def __init__(self, groups: Iterable[Collection[str]] = ()) -> None:
        self._parent: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        for group in groups:
            names = sorted(group)
            for name in names:
                self._join(names[0], name)

    def hand(self, account: str) -> str:
        """Return one name for all accounts of a hand; of an account that is alone its own."""
        while account in self._parent:
            account = self._parent[account]
        return account

    def hands(self, accounts: Iterable[str]) -> set[str]:
        """Return the hands of ``accounts``."""
        return {self.hand(account) for account in accounts}

    def all_of(self, accounts: Iterable[str]) -> set[str]:
        """Return ``accounts`` with all that are linked to them."""
        return {one for hand in self.hands(accounts) for one in self.members(hand)}

    def members(self, hand: str) -> set[str]:
        """Return the accounts of a hand; of an account that is alone itself."""
        return self._members.get(hand, {hand})

    def _join(self, first: str, second: str) -> None:
        one, other = self.hand(first), self.hand(second)
        members = self._members.setdefault(one, {one})
        if one != other:
            members |= self._members.pop(other, {other})
            self._parent[other] = one


class OneHand:
    """Lets the accounts of a hand be watched as one account, and tells of alerts which of them acted.

    The one account is the first of the hand that the events name, so that it does not depend on how they are cut.
    """

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._first: dict[str, int] = {}
        # by code, and last of all for -1, the code of nobody
        self._watched_as: Int32Array = np.array([-1], dtype=np.int32)
        self._linked: BoolArray = np.array([False])
        self._acted: dict[tuple[str, str], dict[str, int]] = {}

    def events(self, table: EventTable) -> EventTable:
        """Return the events with every account of a hand named as its first one."""
        self._learn(table.accounts)
        self._note(table)
        contra = None if table.contra is None else self._watched_as[table.contra]
        return replace(table, account=self._watched_as[table.account], contra=contra)

    def deed(self, deed: Planted, accounts: Names) -> Planted:
        """Return what is known to have been done by the account that each of its accounts is watched as.

        ``accounts`` : names behind the codes of the events that were read.
        """
        first = [self._first.get(self._hands.hand(name)) for name in deed.accounts]
        names = [name if code is None else accounts[code] for name, code in zip(deed.accounts, first, strict=True)]
        return replace(deed, accounts=tuple(dict.fromkeys(names)))

    def alert(self, alert: Alert) -> Alert:
        """Return an alert with all accounts named that acted in its symbol, until its end, under the hands it names.

        Those of one hand stand in the order in which they first acted.
        """
        named = [
            one
            for name in alert.accounts
            for first, one in sorted((t, n) for n, t in self._acted.get((alert.symbol, name), {name: 0}).items())
            if first <= alert.end
        ]
        return replace(alert, accounts=tuple(named))

    def _learn(self, accounts: Names) -> None:
        """Extend what is known of codes by those that are new."""
        known = len(self._watched_as) - 1
        if len(accounts) == known:
            return
        hands = [self._hands.hand(name) for name in accounts.all()[known:]]
        new = [self._first.setdefault(hand, known + i) for i, hand in enumerate(hands)]
        linked = [len(self._hands.members(hand)) > 1 for hand in hands]
        self._watched_as = np.concatenate([self._watched_as[:known], np.array([*new, -1], dtype=np.int32)])
        self._linked = np.concatenate([self._linked[:known], np.array([*linked, False])])

    def _note(self, table: EventTable) -> None:
        """Remember since when which accounts of which hands act in which symbol."""
        for codes in (table.account, table.contra):
            if codes is None:
                continue
            rows = np.flatnonzero(self._linked[codes])
            pairs = np.column_stack([table.symbol[rows], codes[rows]])
            for row in rows[np.unique(pairs, axis=0, return_index=True)[1]].tolist():
                code, time = int(codes[row]), int(table.time[row])
                one, name = table.accounts[int(self._watched_as[code])], table.accounts[code]
                acted = self._acted.setdefault((table.symbols[int(table.symbol[row])], one), {})
                acted[name] = min(acted.get(name, time), time)


def read_linked(file: Path) -> tuple[tuple[str, ...], ...]:
    """Return the groups of accounts in a text file: a line for each hand, names with commas between them.

    Empty lines, and what follows a ``#``, are left out.

    Raises
    ------
    InputError : the file cannot be read, or links nothing.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", file=file, fix="give a text file of accounts") from error
    split = ([part.strip() for part in line.partition("#")[0].split(",")] for line in lines)
    groups = tuple(names for parts in split if (names := tuple(part for part in parts if part)))
    if not any(len(names) > 1 for names in groups):
        raise InputError(
            "links no accounts", file=file, fix="write a line for each hand: its accounts, with commas between them"
        )
    return groups
