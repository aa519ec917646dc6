"""Survivorship: a universe chosen with knowledge of who would still be there."""

from __future__ import annotations

import numpy as np

from tradewind.core import Panel, Severity
from tradewind.core.arrays import BoolArray
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.settings import AuditSettings
from tradewind.validation.leakage.subject import Subject

LONG = np.timedelta64(2 * 365, "D")
SLACK = np.timedelta64(31, "D")
FEWEST_SYMBOLS = 10
EXCESS_T = 3.0


def detect(subject: Subject, settings: AuditSettings) -> list[Finding]:
    """Look for signs that the table's symbols were chosen at a later date.

    - ``no_delisting`` (warning): over more than two years and with ten symbols or more, none ends
      before the last month, although listed companies are bought, merged and delisted every year.
    - ``survivors_only`` (error): the prices hold symbols that end early, and the table has none of them.
    - ``universe_excess_return`` (warning): day by day, the table's symbols earn more than all symbols listed that
      day in the prices, with a t-statistic above 3.

    A universe of survivors inflates returns of every strategy on it; see Brown, Goetzmann, Ibbotson and Ross,
    Review of Financial Studies 5, 1992.
    """
    del settings
    if len(subject) == 0 or subject.time.max() - subject.time.min() < LONG:
        return []
    found = []
    last = np.array([subject.time[subject.symbol_code == s].max() for s in range(len(subject.symbols))])
    if len(last) >= FEWEST_SYMBOLS and (last >= subject.time.max() - SLACK).all():
        found.append(
            Finding(
                kind="no_delisting",
                severity=Severity.WARNING,
                message=f"all {len(last)} symbols live to the end of {_years(subject):.1f} years",
                statistic=1.0,
                threshold=1.0,
                rows=len(subject),
                advice="Take the universe as it stood at each date, with the symbols that were delisted later.",
            )
        )
    if subject.panel is not None:
        found.extend(_against_listed(subject, subject.panel))
    return found


def _years(subject: Subject) -> float:
    return float((subject.time.max() - subject.time.min()) / np.timedelta64(1, "D")) / 365.25


def _against_listed(subject: Subject, panel: Panel) -> list[Finding]:
    chosen: BoolArray = np.isin(np.array(panel.symbols), np.array(subject.symbols))
    if chosen.all() or not chosen.any():
        return []
    found = []
    filled = np.flatnonzero(np.diff(panel.offsets) > 0)
    final = np.full(panel.n_symbols, panel.time.max())
    final[filled] = panel.time[panel.offsets[filled + 1] - 1]
    ended = final < panel.time.max() - SLACK
    if ended.any() and not (ended & chosen).any():
        found.append(
            Finding(
                kind="survivors_only",
                severity=Severity.ERROR,
                message=f"the table has none of the {int(ended.sum())} symbols whose prices end early",
                statistic=float(ended.sum()),
                threshold=0.0,
                rows=len(subject),
                advice="Add the symbols that were listed at each date and ended later.",
            )
        )
    excess, score = _excess(panel, chosen)
    if score > EXCESS_T:
        found.append(
            Finding(
                kind="universe_excess_return",
                severity=Severity.WARNING,
                message=(
                    f"the table's symbols earn {excess:+.1%} a year more than all symbols listed at the time "
                    f"(t = {score:.1f})"
                ),
                statistic=score,
                threshold=EXCESS_T,
                rows=len(subject),
                advice="Choose the universe by what was known at each date, not by how symbols fared.",
            )
        )
    return found


def _excess(panel: Panel, chosen: BoolArray) -> tuple[float, float]:
    """Return yearly excess of the chosen symbols' equal-weight daily return over all listed, and its t-statistic."""
    price = panel.adj_close
    back = np.full(len(panel), np.nan)
    same = panel.symbol_code[1:] == panel.symbol_code[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        back[1:] = np.where(same, price[1:] / price[:-1] - 1.0, np.nan)
    known = np.isfinite(back)
    mine = known & chosen[panel.symbol_code]
    days = len(panel.times)

    def mean(rows: BoolArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        counts = np.bincount(panel.time_code[rows], minlength=days)
        sums = np.bincount(panel.time_code[rows], weights=back[rows], minlength=days)
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)

    gap = mean(mine) - mean(known)
    gap = gap[~np.isnan(gap)]
    spread = float(gap.std(ddof=1)) if len(gap) > 1 else 0.0
    if spread == 0.0:
        return 0.0, 0.0
    return float(gap.mean()) * 252.0, float(gap.mean() / spread * np.sqrt(len(gap)))
