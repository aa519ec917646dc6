"""What the training data hold too much of, before anything is trained: by sector, size, place and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core import Dataset, InputError
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval, bootstrap_statistic
from tradewind.evaluation.days import day_codes, day_sums, ratio
from tradewind.features import row_slices
from tradewind.features.slices import UNKNOWN
from tradewind.governance.fairness.location import locations
from tradewind.governance.fairness.proxies import LEAST_ROWS, Proxy, find_proxies

OVER, UNDER = 1.5, 2.0 / 3.0
"""Shares of rows over the expected share beyond which a group is over- or under-represented."""
LEAST_DAYS = 20
"""A group of fewer has an interval that says little, such as none at all where its few rows all rose."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of the training rows one group is.

    Attributes
    ----------
    rows, share : labelled rows of the group, and their share of all.
    expected : share it would have if groups (for periods: months of equal length and number of symbols) counted the
        same. ``over`` : ``share / expected``.
    symbols : symbols with a row in the group.
    rises : share of rises among its rows, with an interval over days.
    flag : ``over``, ``under`` or ``""``.
    """

    group: str
    rows: int
    share: float
    expected: float
    over: float
    symbols: int
    rises: Interval
    flag: str


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The groups of one kind.

    Attributes
    ----------
    by : ``sector``, ``size_bucket``, ``location``, ``year`` or ``volatility_regime``.
    effective : number of equally large groups that would be as concentrated (inverse of the sum of squared shares).
    unknown : share of rows whose group is not known.
    apart : lowest and highest share of rises where they differ beyond chance (intervals at 95 % for all groups
        together, by Bonferroni, do not overlap); groups of fewer than 50 rows or 20 days are not asked. None where
        they do not.
    """

    by: str
    groups: tuple[Share, ...]
    effective: float
    unknown: float
    apart: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class DataBalance:
    """The data-balance report.

    Attributes
    ----------
    rows, symbols, first, last : labelled training rows and their span.
    balances : one for each kind of group.
    proxies : columns from which a group can be told, the clearest first.
    findings : sentences a person should read before training; empty where nothing was found.
    """

    rows: int
    symbols: int
    first: str
    last: str
    balances: tuple[Balance, ...]
    proxies: tuple[Proxy, ...]
    findings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def data_balance(
    data: Dataset, rows: IntArray, *, bootstrap: BootstrapSettings | None = None, seed: int = 7
) -> DataBalance:
    """Count what ``rows`` of ``data`` (raw features) would teach; labels outside ``rows`` are not read.

    Raises
    ------
    InputError : none of the rows has a known direction.
    """
    known = data.labelled(rows)
    if not len(known):
        raise InputError("none of the training rows has a known direction", fix="give a longer training span")
    settings = bootstrap or BootstrapSettings()
    kinds = _kinds(data, known)
    balances = tuple(_balance(data, known, by, group, settings) for by, group in kinds)
    proxies = tuple(
        proxy
        for by, group in kinds
        if by in {"sector", "size_bucket", "location"}
        for proxy in find_proxies(data, known, by, group, seed=seed)
    )
    day = data.panel.time[known].astype("datetime64[D]")
    return DataBalance(
        rows=len(known),
        symbols=len(np.unique(data.panel.symbol_code[known])),
        first=str(day.min()),
        last=str(day.max()),
        balances=balances,
        proxies=proxies,
        findings=tuple(_findings(balances, proxies)),
    )


def _kinds(data: Dataset, rows: IntArray) -> list[tuple[str, AnyArray]]:
    """Return (kind, (m,) str group of each of ``rows``) of every kind."""
    slices, panel = row_slices(data.panel), data.panel
    year = panel.time[rows].astype("datetime64[Y]").astype(str)
    return [
        ("sector", slices.sector[rows].astype(str)),
        ("size_bucket", slices.size_bucket[rows].astype(str)),
        ("location", locations(panel.symbols)[panel.symbol_code[rows]]),
        ("year", year),
        ("volatility_regime", slices.volatility_regime[rows].astype(str)),
    ]


def _balance(data: Dataset, rows: IntArray, by: str, group: AnyArray, settings: BootstrapSettings) -> Balance:
    names, code = np.unique(group, return_inverse=True)
    counts = np.bincount(code).astype(np.float64)
    known = names != UNKNOWN
    expected = _expected(data, rows, by, names, known)
    share = counts / len(rows)
    rise = data.labels.direction[rows]
    day, days = day_codes(data.panel.time[rows])
    strict = settings.model_copy(update={"level": 1.0 - 0.05 / max(int(known.sum()), 1)})
    groups, wide = [], []
    for g, name in enumerate(names):
        own = (code == g).astype(np.float64)
        sums = day_sums(np.stack([own * rise, own], axis=1), day, len(days))
        over = float(ratio(share[g], expected[g]))
        if known[g] and counts[g] >= LEAST_ROWS and np.sum(sums[:, 1] > 0) >= LEAST_DAYS:
            wide.append(bootstrap_statistic(sums, _rate, strict))
        groups.append(
            Share(
                group=str(name),
                rows=int(counts[g]),
                share=float(share[g]),
                expected=float(expected[g]),
                over=over,
                symbols=len(np.unique(data.panel.symbol_code[rows[code == g]])),
                rises=bootstrap_statistic(sums, _rate, settings),
                flag=("over" if over > OVER else "under" if over < UNDER else "") if known[g] else "",
            )
        )
    inside = counts[known] / max(counts[known].sum(), 1.0)
    return Balance(
        by=by,
        groups=tuple(groups),
        effective=float(1.0 / np.sum(inside**2)) if known.any() else float("nan"),
        unknown=float(share[~known].sum()),
        apart=_apart(wide),
    )


def _rate(totals: FloatArray) -> FloatArray:
    return ratio(totals[..., 0], totals[..., 1])


def _apart(rates: Sequence[Interval]) -> tuple[float, float] | None:
    """Return the values of the two most separate intervals, None where every two overlap."""
    finite = [rate for rate in rates if np.isfinite(rate.lower)]
    if len(finite) < 2:
        return None
    low, high = min(finite, key=lambda r: r.upper), max(finite, key=lambda r: r.lower)
    return (low.value, high.value) if high.lower > low.upper else None


def _expected(data: Dataset, rows: IntArray, by: str, names: AnyArray, known: AnyArray) -> FloatArray:
    """(g,) share of rows that each group is expected to have; NaN for the unknown one.

    Years are expected to hold rows in proportion to the days of them that the span covers, other kinds equal shares.
    """
    out = np.full(len(names), np.nan)
    if by == "year":
        day = data.panel.time[rows].astype("datetime64[D]")
        first, last = day.min(), day.max()
        start = names.astype("datetime64[Y]").astype("datetime64[D]")
        end = (names.astype("datetime64[Y]") + 1).astype("datetime64[D]")
        covered = (np.minimum(end, last + 1) - np.maximum(start, first)).astype(np.float64)
        out[:] = covered / covered.sum()
        return out
    out[known] = 1.0 / max(int(known.sum()), 1)
    return out


def _findings(balances: Sequence[Balance], proxies: Sequence[Proxy]) -> list[str]:
    found = []
    for balance in balances:
        found += [
            f"{balance.by} {group.group}: {group.share:.1%} of the rows where {group.expected:.1%} is expected "
            f"({group.flag}-represented)"
            for group in balance.groups
            if group.flag
        ]
        if balance.unknown > 0.1:
            found.append(f"{balance.by}: {balance.unknown:.1%} of the rows belong to no known group")
        if balance.apart is not None:
            found.append(
                f"{balance.by}: the share of rises differs among groups beyond chance ({balance.apart[0]:.1%} to "
                f"{balance.apart[1]:.1%}); a model can earn accuracy by learning the group alone"
            )
    clear = [proxy for proxy in proxies if proxy.clear]
    for by in dict.fromkeys(proxy.by for proxy in clear):
        names = [proxy.column for proxy in clear if proxy.by == by]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        found.append(f"{by} can be told from {', '.join(names[:5])}{more}: leaving {by} out would not hide it")
    return found
