"""A secret that others may read is refused; one that a container gets from its orchestrator is not."""

from __future__ import annotations

import os
import stat

import pytest

from tradewind.core.private import others_may_read


@pytest.mark.parametrize(
    ("mode", "owner", "user", "open_to_others"),
    [
        (0o600, 10001, 10001, False),
        (0o400, 0, 0, False),
        (0o640, 10001, 10001, True),  # the user's own file needs no group
        (0o440, 0, 10001, False),  # a mounted secret: of root's, read by its group
        (0o640, 0, 10001, False),
        (0o640, 0, 0, True),  # root needs no group
        (0o660, 0, 10001, True),
        (0o444, 0, 10001, True),
        (0o601, 0, 10001, True),
    ],
)
def test_who_may_read(mode: int, owner: int, user: int, open_to_others: bool) -> None:
    found = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, owner, 10001, 0, 0, 0, 0))
    assert others_may_read(found, user) is open_to_others
