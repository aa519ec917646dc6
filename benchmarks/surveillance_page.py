"""The tables of docs/surveillance_results.md, from the results that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from page import ROOT, card, table, write_part
from surveillance_detect import ERRORS, FATES
from tradewind.core.files import write_text
from tradewind.surveillance.schemes import Scheme

PAGE = ROOT / "docs" / "surveillance_results.md"
HEAD = """# What surveillance finds, and what it misses

Measured by `make bench-surveillance` with the bundled model on markets that no model was fitted on. Everything but the
comparison goes through the pipeline of `tradewind surveil run`, sessions found in the gaps of the events.

- An alert is **true** where it names the scheme, the symbol, at least one account and, within five seconds, the time of
  a planted episode. An alert that gives an episode another scheme's name is false.
- An episode counts as **planted** where it was carried through. One that came to nothing is an attempt: an alert on it
  is neither right nor wrong, and how many there were is said.
- Intervals (95 %) are over markets drawn with replacement, for episodes of one market are not independent. Where a
  scheme has all or none the interval has no width, though the truth has.
- The model learned from our venue's training family and from thirteen venues of other makes, seven of which were
  simulators of this page before. The other markets draw habits, settings and tactics that training never draws; two new
  simulators share no code with any of these venues. Other seeds of them helped to set the bars.
"""
TITLES = {
    "unseen": "Our venue, habits and tactics never trained on",
    "unseen_evasive": "Our venue, every episode played to escape",
    "unseen_fresh": "Our venue, other seeds",
    "auditcase": "An independent simulator: an auditor's exchange",
    "auditcase_evasive": "An auditor's exchange, every episode played to escape",
    "hawkes": "Another independent simulator: orders that excite one another",
    "hawkes_evasive": "Orders that excite one another, every episode played to escape",
    "calm": "Our venue",
    "calm_unseen": "Our venue, habits never trained on",
    "calm_auditcase": "An auditor's exchange",
    "calm_hawkes": "Orders that excite one another",
}


def write_page(kept: Mapping[str, Any]) -> None:
    """Write the part of every benchmark that was run, after :data:`HEAD` where the page is new."""
    if not PAGE.exists():
        write_text(PAGE, HEAD)
    for name, title, text in (
        ("detect", "Precision and recall", _detect),
        ("bars", "With bars set on the venue's own history", _bars),
        ("compare", "Recall at a precision of 95 %, beside rules and PyOD", _compare),
        ("calm", "False alerts when nobody does anything", _calm),
    ):
        if name in kept:
            about = kept[name]["about"]
            tail = f"Model `{about['model']}`. {card(about['machine'])}"
            write_part(f"surveillance {name}", f"## {title}\n\n{text(kept[name]['found'])}\n\n{tail}", PAGE)


def _detect(found: Mapping[str, Any]) -> str:
    return "\n\n".join(_suite(name, one) for name, one in found.items())


def _suite(name: str, one: Mapping[str, Any]) -> str:
    columns = ("Scheme", "Planted", "Found", "Recall % (95 %)", "Alerts", "True", "Precision % (95 %)")
    rows = [_scores(Scheme(scheme).label, score) for scheme, score in one["schemes"].items()]
    rows.append(_scores("**All**", one["overall"]))
    aside = one["precision_with_left_out"]
    text = (
        f"{one['markets']} markets, {one['events']:,} events. {one['left_out']} alerts on attempts that came to "
        f"nothing are left out; were they wrong, the precision would be {_percent(aside)} %. "
        f"{one['overall']['false_per_million_events']:.2f} false alerts per million events."
    )
    return f"### {TITLES[name]}\n\n{text}\n\n{table(columns, rows)}\n\n{_fates(one)}"


def _scores(label: str, score: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        label,
        str(score["planted"]),
        str(score["found"]),
        _interval(score["recall"]),
        str(score["alerts"]),
        str(score["true_alerts"]),
        _interval(score["precision"]),
    )


def _fates(one: Mapping[str, Any]) -> str:
    """Return what became of episodes and what false alerts met, as one table."""
    columns = ("Scheme", *(f"Episodes {fate}" for fate in FATES), *(f"False: {error}" for error in ERRORS))
    rows = []
    for scheme in Scheme:
        fates, errors = one["fates"][scheme.value], one["errors"][scheme.value]
        counts = [fates.get(fate, 0) for fate in FATES] + [errors.get(error, 0) for error in ERRORS]
        if sum(counts):
            rows.append((scheme.label, *map(str, counts)))
    return table(columns, rows)


def _bars(found: Mapping[str, Any]) -> str:
    """Return precision and recall of each scheme at the bars of the package and at those of the venue."""
    parts = []
    columns = (
        "Scheme",
        "Planted",
        "Bar",
        "Recall % (95 %)",
        "Precision % (95 %)",
        "Bar then",
        "Recall then",
        "Precision then",
    )
    for name, one in found.items():
        rows = []
        for label, planted, before, after, bars in _beside(one):
            scores = [
                (bar, _interval(score["recall"]), _interval(score["precision"]))
                for bar, score in zip(bars, (before, after), strict=True)
            ]
            rows.append((label, planted, *scores[0], *scores[1]))
        own, history = one["own"], one["history"]
        rates = [one[bars]["overall"]["false_per_million_events"] for bars in ("usual", "own")]
        text = (
            f"{own['markets']} markets, {own['events']:,} events; bars set on {history['markets']} others with "
            f"{history['episodes']} episodes. {rates[0]:.2f} false alerts per million events at the package's bars "
            f"and {rates[1]:.2f} at those of the venue."
        )
        parts.append(f"### {TITLES[name]}: own bars\n\n{text}\n\n{table(columns, rows)}")
    return "\n\n".join(parts)


def _beside(one: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any], tuple[str, str]]]:
    """Yield for each scheme and for all: label, planted, score before and after, bar before and after."""
    for name, before in one["usual"]["schemes"].items():
        bar = one["history"]["bars"][name]
        bars = (f"{bar['before']:.3f}", "silent" if bar["how"] == "silent" else f"{bar['after']:.3f}")
        yield Scheme(name).label, str(before["planted"]), before, one["own"]["schemes"][name], bars
    whole = one["usual"]["overall"]
    yield "**All**", str(whole["planted"]), whole, one["own"]["overall"], ("", "")


def _compare(found: Mapping[str, Any]) -> str:
    columns = ("Scheme", "Planted", "Ours %", "Rules %", "PyOD %", "Over rules, points", "Over PyOD, points")
    rows, best = [], ""
    for row in found["rows"]:
        label = "**All**" if row["name"] == "overall" else Scheme(row["name"]).label
        figures = [_percent(row[side]) for side in ("ours", "rules", "anomalies")]
        gains = [_points(row[f"gain_over_{side}"]) for side in ("rules", "anomalies")]
        rows.append((label, str(row["planted"]), *figures, *gains))
        best = row["anomalies_name"] if row["name"] == "overall" else best
    text = (
        f"{found['markets']} markets, {found['events']:,} events, PyOD fitted on {found['fitted_on']} other markets "
        f"and on each market itself; {' + '.join(f'{n:,}' for n in found['windows'])} windows. Over all schemes the "
        f"best of its {len(found['detectors'])} ways is {best}."
    )
    return f"{text}\n\n{table(columns, rows)}"


def _calm(found: Mapping[str, Any]) -> str:
    columns = (
        "Markets",
        "Number",
        "Events",
        "False alerts",
        "Per million (95 %)",
        "Schemes",
        "At the venue's bars",
        "Per million then",
    )
    rows = []
    for name, one in found.items():
        named = ", ".join(f"{Scheme(s).label.lower()} {n}" for s, n in one["by_scheme"].items()) or "none"
        counts = (str(one["false_alerts"]), _rate(one), named, str(one["own"]["false_alerts"]), _rate(one["own"]))
        rows.append((TITLES[name], str(one["markets"]), f"{one['events']:,}", *counts))
    return table(columns, rows)


def _rate(one: Mapping[str, Any]) -> str:
    low, high = one["interval"]
    return f"{one['per_million']:.2f} ({low:.2f} to {high:.2f})"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _interval(share: Mapping[str, Any]) -> str:
    low, high = share["over_markets"]
    return _percent(share["value"]) + ("" if low is None else f" ({_percent(low)} to {_percent(high)})")


def _points(gain: list[float | None]) -> str:
    value, low, high = ("–" if one is None else f"{100 * one:+.1f}" for one in gain)
    return f"{value} ({low} to {high})"
