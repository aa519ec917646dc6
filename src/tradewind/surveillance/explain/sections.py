"""The sections of a case file, made of plain blocks: every number formatted once, nothing here is markup."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.governance.pages import Block, Figure, Items, Notice, Pairs, Section, Table, Text
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.explain.confidence import Confidence, chance
from tradewind.surveillance.explain.contributions import Contribution
from tradewind.surveillance.explain.doubts import caveats, checks, doubts
from tradewind.surveillance.explain.evidence import EvidenceChain
from tradewind.surveillance.explain.extract import clock, shares
from tradewind.surveillance.explain.pictures import pictures
from tradewind.surveillance.explain.regulation import Article, articles, duties
from tradewind.surveillance.explain.rules import RuleList
from tradewind.surveillance.explain.story import Grid

BOX = "\N{BALLOT BOX} "


def happened(chain: EvidenceChain, anchor: str, before: str) -> Section:
    """Return the summary, the accounts' parts, and what they did and earned."""
    rows = tuple(
        (
            one.name,
            chain.story.roles.get(one.name, "–"),
            shares(one.orders),
            shares(one.cancels),
            shares(one.bought),
            shares(one.sold),
            f"{one.net:+,d}",
            f"{one.worth:+,.2f}",
        )
        for one in chain.doings
    )
    table = Table(
        ("Account", "Part", "Orders", "Cancellations", "Bought", "Sold", "Net", "Gain ($)"),
        rows,
        left=2,
        note="Shares within the alert's time; a trade with oneself counts on both sides. Gain: cash of the trades plus "
        f"what is left at the last mid, before fees, from nothing held at the start; {chain.profit:+,.2f} "
        "dollars in all.",
    )
    return Section(f"{before}What happened", anchor, (*(Text(said) for said in chain.story.summary), table))


def evidence(chain: EvidenceChain, anchor: str, before: str) -> Section:
    """Return the chain of evidence step by step, and the scheme's tables."""
    named = set(chain.alert.evidence)
    rows: list[tuple[str, ...]] = []
    above = ""
    for number, step in enumerate(chain.story.steps, 1):
        told = f"{step.seq}{' *' if step.seq in named else ''}" if step.seq >= 0 else "–"
        why = "As above." if step.why == above else step.why
        above = step.why
        order = str(step.order) if step.order else "–"
        rows.append((str(number), clock(step.time, 6), step.who or "market", step.what, why, order, told))
    left_out = f" {chain.story.left_out:,} steps of the same kind are left out." if chain.story.left_out else ""
    columns = ("", "Time (UTC)", "Account", "What", "Why it matters", "Order", "Number")
    note = f"Number: the venue's sequence number of the event; * named as evidence by the detector.{left_out}"
    blocks: list[Block] = (
        [Table(columns, tuple(rows), left=5, note=note)] if rows else [Text("No single step is told.")]
    )
    for grid in chain.story.grids:
        blocks += _grid(grid)
    return Section(f"{before}Chain of evidence", anchor, tuple(blocks))


def _grid(grid: Grid) -> list[Block]:
    return [Text(f"{grid.title}:"), Table(grid.columns, grid.rows, left=grid.left, note=grid.note)] if grid.rows else []


def drawn(chain: EvidenceChain, anchor: str, before: str) -> Section:
    """Return the pictures."""
    blocks = tuple(Figure(svg=one.svg, alt=one.alt, note=f"{one.title}. {one.note}") for one in pictures(chain))
    return Section(f"{before}Pictures", anchor, blocks or (Text("There is nothing to draw."),))


def scored(
    alert: Alert, trust: Confidence, parts: Sequence[Contribution], rules: RuleList | None, place: tuple[str, str]
) -> Section:
    """Return the score with its record, the features behind it and the rule that covers it; ``place`` : anchor, title
    before."""
    blocks: list[Block] = [Text(said) for said in trust.words]
    if trust.pieces:
        rows = tuple((name, f"{value:+.2f}") for name, value in trust.pieces)
        blocks.append(Table(("Part of the model", "Log odds"), rows, note="They sum to the log odds of the score."))
    if parts:
        lines = tuple((part.label, part.value, part.usual, f"{part.log_odds:+.2f}") for part in parts)
        columns = ("Feature", "Here", "Usual candidate", "Adds (log odds)")
        note = (
            "Exact Shapley values of rule, trees and line, with their weights, against the candidate that "
            "is usual in every "
            "feature; before calibration."
        )
        blocks.append(Table(columns, lines, note=note))
    blocks += _rule(alert, rules)
    return Section(f"{place[1]}Why it was raised", place[0], tuple(blocks))


def _rule(alert: Alert, rules: RuleList | None) -> list[Block]:
    found = rules.covering(alert.features) if rules is not None and alert.features else None
    if rules is None or found is None:
        return []
    words = "; ".join(one.words(alert.scheme) for one in found.conditions) or "always"
    precision = "–" if math.isnan(found.precision) else f"{found.precision:.1%}"
    return [
        Text(f"In a rule that imitates the model: {words}."),
        Pairs(
            (
                ("As a formula", found.text),
                ("Score the model gives there", chance(found.score)),
                ("Covers, of unseen candidates", f"{found.coverage:.1%} ({found.rows:,})"),
                ("True among them", precision),
                (
                    "Rules' fidelity to the model",
                    f"R² {rules.fidelity:.2f}; same side of the bar {rules.agreement:.1%}",
                ),
            )
        ),
    ]


def against(chain: EvidenceChain, anchor: str, before: str) -> Section:
    """Return the harmless explanations and what the events cannot tell."""
    found, limits = doubts(chain), caveats(chain)
    blocks: list[Block] = (
        [Items(found)] if found else [Text("None of the harmless explanations that are looked for fits.")]
    )
    if limits:
        blocks += [Text("What limits the evidence:"), Items(limits)]
    return Section(f"{before}What speaks against it", anchor, tuple(blocks))


def breached(alert: Alert, anchor: str, before: str) -> Section:
    """Return the rules it may breach and the duty to report."""
    columns = ("Rule", "What it forbids or demands", "Facts that speak to it")
    notice = Notice(
        "These are rules to check the facts against. Whether one is breached is for a lawyer to say.", "soft"
    )
    return Section(
        f"{before}Rules it may breach",
        anchor,
        (
            notice,
            Table(columns, _lines(articles(alert.scheme, alert.variant)), left=3),
            Text("Duties of whoever finds it:"),
            Table(columns, _lines(duties(alert.scheme)), left=3),
        ),
    )


def _lines(found: Sequence[Article]) -> tuple[tuple[str, str, str], ...]:
    return tuple((f"{one.place}: {one.citation}", one.forbids, one.facts) for one in found)


def open_questions(chain: EvidenceChain, anchor: str, before: str) -> Section:
    """Return the list of what an analyst must still check."""
    return Section(f"{before}Still to be checked", anchor, (Items(tuple(BOX + said for said in checks(chain))),))


def decided(rows: Sequence[Sequence[str]]) -> Section:
    """Return the trail of decisions."""
    if not rows:
        return Section("Decisions", "decisions", (Text("None has been recorded."),))
    return Section(
        "Decisions",
        "decisions",
        (Table(("When (UTC)", "Who", "What", "Why"), tuple(_four(row) for row in rows), left=4),),
    )


def _four(row: Sequence[str]) -> tuple[str, str, str, str]:
    when, who, what, why = (*(str(cell) for cell in row), "", "", "", "")[:4]
    return when, who, what, why or "–"


def made_from(rows: Mapping[str, str], chains: Sequence[EvidenceChain]) -> Section:
    """Return what the file was made from."""
    found = [*rows.items(), *(_made(chain) for chain in chains)]
    return Section("What this file was made from", "provenance", (Pairs(tuple(found)),))


def _made(chain: EvidenceChain) -> tuple[str, str]:
    alert: Any = chain.alert
    return f"Alert {alert.id}", f"revision {alert.revision}, {len(alert.evidence)} events named as evidence"
