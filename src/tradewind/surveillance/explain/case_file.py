"""The case file: everything about a case on one page, for the analyst, the second pair of eyes and the authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tradewind.core.errors import UsageError
from tradewind.core.files import read_json
from tradewind.governance.pages import Document, Mark, Section, write_document
from tradewind.governance.pages.blocks import Tone
from tradewind.surveillance.alert import RESPONSE_MINUTES, Alert, Tier
from tradewind.surveillance.explain import sections
from tradewind.surveillance.explain.confidence import chance, confidence
from tradewind.surveillance.explain.contributions import Contribution, contributions
from tradewind.surveillance.explain.doubts import caveats, checks, doubts
from tradewind.surveillance.explain.evidence import EvidenceChain
from tradewind.surveillance.explain.extract import SECOND, date_and_time, lasted
from tradewind.surveillance.explain.provenance import provenance
from tradewind.surveillance.explain.regulation import articles, duties
from tradewind.surveillance.explain.rules import RULES_FILE, RuleList, read_rules
from tradewind.surveillance.explain.store import EvidenceStore, Source
from tradewind.surveillance.explain.story import names_of
from tradewind.surveillance.learning import SurveillanceModel
from tradewind.surveillance.learning.training import TRAINING_FILE
from tradewind.surveillance.schemes import Scheme

TONES: Mapping[Tier, Tone] = {Tier.CRITICAL: "bad", Tier.HIGH: "bad", Tier.MEDIUM: "warn", Tier.LOW: "soft"}
ORDER = tuple(Tier)


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseAbout:
    """What is known of a case besides its alerts; all of it may be left out.

    Attributes
    ----------
    id, title : of the case; made from its first alert where they are empty.
    respond_by : UTC; from the tier and the time of the first alert where it is empty.
    timezone : the exchange's, as ``America/New_York``: times are given in it besides UTC.
    model : what scored the alerts. ``record`` : its ``training.json``, for the precision of scores like these.
    rules : rules that imitate the model, by scheme.
    """

    id: str = ""
    title: str = ""
    respond_by: str = ""
    timezone: str = "UTC"
    model: SurveillanceModel | None = None
    record: Mapping[str, Any] | None = None
    rules: Mapping[Scheme, RuleList] = field(default_factory=dict)

    @classmethod
    def of_model(cls, folder: Path, **given: Any) -> CaseAbout:
        """Return what a model's folder tells: the model, its record and its rules, where they lie beside it.

        Raises
        ------
        InputError : the folder holds no model, or a file of it was changed.
        """
        record, rules = folder / TRAINING_FILE, folder / RULES_FILE
        return cls(
            model=SurveillanceModel.load(folder),
            record=read_json(record, what=f"{TRAINING_FILE} of a model") if record.exists() else None,
            rules=read_rules(folder) if rules.exists() else {},
            **given,
        )


NOTHING = CaseAbout()


def build_case_file(
    alerts: Sequence[Alert],
    source: Source,
    out: Path,
    *,
    decisions: Sequence[Sequence[str]] = (),
    pdf: bool = False,
    about: CaseAbout = NOTHING,
) -> tuple[Path, ...]:
    """Write the file of a case into the folder ``out``: HTML and JSON, and PDF where asked for; return the files.

    Parameters
    ----------
    alerts : of the case; the most urgent leads.
    source : the events they were raised on; read once.
    decisions : rows of when, who, what and why, in order.

    Raises
    ------
    UsageError : no alert is given, one is about a symbol no event names, or the time zone is not known.
    InputError, SchemaError : the events cannot be read. OutputError : the folder cannot be written.
    MissingExtraError, PdfEngineError : a PDF is asked for and cannot be drawn here.
    """
    if not alerts:
        raise UsageError("a case file needs an alert", field="alerts", fix="give one of the run's alerts.parquet")
    zone = _zone(about.timezone)
    ranked = sorted(alerts, key=lambda a: (ORDER.index(a.tier), -a.score, a.start, a.id))
    chains = [EvidenceChain.of(extract) for extract in EvidenceStore(source).cut(ranked)]
    about = _completed(about, ranked)
    made = provenance(source, about.model)
    parts = [contributions(alert, about.model) if about.model is not None else () for alert in ranked]
    document = _document(chains, parts, about, zone, (decisions, made))
    data = _plain(chains, parts, about, (decisions, made))
    return write_document(document, data, out, f"case_{_file_name(about.id)}", pdf=pdf)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"the time zone {name!r} is not known", field="timezone", fix="give one such as America/New_York"
        ) from error


def _completed(about: CaseAbout, alerts: Sequence[Alert]) -> CaseAbout:
    first = alerts[0]
    schemes = list(dict.fromkeys(a.scheme.label for a in alerts))
    symbols = list(dict.fromkeys(a.symbol for a in alerts))
    due = min(a.known_at + RESPONSE_MINUTES[a.tier] * 60 * SECOND for a in alerts)
    return replace(
        about,
        id=about.id or first.id,
        title=about.title or f"{', '.join(schemes)} in {names_of(symbols)} by {names_of(first.accounts, 3)}",
        respond_by=about.respond_by or f"{date_and_time(due)} UTC",
    )


def _file_name(name: str) -> str:
    """Return a name that any file system takes."""
    return "".join(sign if (sign.isalnum() and sign.isascii()) or sign in "-_" else "_" for sign in name)[:80]


def _document(
    chains: Sequence[EvidenceChain],
    parts: Sequence[Sequence[Contribution]],
    about: CaseAbout,
    zone: ZoneInfo,
    trail: tuple[Sequence[Sequence[str]], Mapping[str, str]],
) -> Document:
    lead = chains[0]
    decisions, made = trail
    shown: list[Section] = []
    for number, (chain, features) in enumerate(zip(chains, parts, strict=True), 1):
        shown += _told(chain, features, about, number if len(chains) > 1 else 0)
    shown += [sections.decided(decisions), sections.made_from(made, chains)]
    tier = lead.alert.tier
    return Document(
        kind="Surveillance case file",
        title=about.title,
        status=Mark(f"{tier.value.capitalize()}: respond by {about.respond_by}", TONES[tier]),
        lead=lead.story.summary[:1],
        facts=_facts(chains, about, zone),
        sections=tuple(shown),
        foot=f"Case {about.id}. Confidential: the persons named must not learn of it (MAR Art. 16). "
        "Suspicion, not proof.",
    )


def _told(chain: EvidenceChain, features: Sequence[Contribution], about: CaseAbout, number: int) -> list[Section]:
    alert = chain.alert
    before = f"{number}. {alert.scheme.label} in {alert.symbol}: " if number else ""
    tail = f"-{number}" if number else ""
    trust = confidence(alert, about.model, about.record)
    rules = about.rules.get(alert.scheme)
    return [
        sections.happened(chain, f"happened{tail}", before),
        sections.evidence(chain, f"evidence{tail}", before),
        sections.drawn(chain, f"pictures{tail}", before),
        sections.scored(alert, trust, features, rules, (f"score{tail}", before)),
        sections.against(chain, f"against{tail}", before),
        sections.breached(alert, f"rules{tail}", before),
        sections.open_questions(chain, f"checks{tail}", before),
    ]


def _facts(chains: Sequence[EvidenceChain], about: CaseAbout, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    lead = chains[0].alert
    start, end = min(c.alert.start for c in chains), max(c.alert.end for c in chains)
    accounts = list(dict.fromkeys(name for c in chains for name in c.alert.accounts))
    schemes = list(dict.fromkeys(_scheme(c.alert) for c in chains))
    facts = [
        ("Case", about.id),
        ("Scheme", ", ".join(schemes)),
        ("Symbol", ", ".join(dict.fromkeys(c.alert.symbol for c in chains))),
        ("Accounts", names_of(accounts, 12)),
        ("From", f"{date_and_time(start)} UTC"),
        ("To", f"{date_and_time(end)} UTC ({lasted(end - start)})"),
    ]
    if zone.key != "UTC":
        facts.append((f"In {zone.key}", f"{_local(start, zone)} to {_local(end, zone)}"))
    facts += [
        ("First known", f"{date_and_time(min(c.alert.known_at for c in chains))} UTC"),
        ("Score", f"{chance(lead.score)}, tier {lead.tier.value}, revision {lead.revision}"),
    ]
    if len(chains) > 1:
        facts.append(("Alerts", f"{len(chains)}"))
    return tuple(facts)


def _scheme(alert: Alert) -> str:
    return f"{alert.scheme.label} ({alert.variant.replace('_', ' ')})" if alert.variant else alert.scheme.label


def _local(time: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(time // SECOND, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _plain(
    chains: Sequence[EvidenceChain],
    parts: Sequence[Sequence[Contribution]],
    about: CaseAbout,
    trail: tuple[Sequence[Sequence[str]], Mapping[str, str]],
) -> dict[str, Any]:
    """Return the case as plain values, for other programs."""
    decisions, made = trail
    return {
        "case": about.id,
        "title": about.title,
        "respond_by": about.respond_by,
        "alerts": [_alert(chain, part) for chain, part in zip(chains, parts, strict=True)],
        "decisions": [list(row) for row in decisions],
        "made_from": dict(made),
    }


def _alert(chain: EvidenceChain, part: Sequence[Contribution]) -> dict[str, Any]:
    alert, story = chain.alert, chain.story
    return {
        "alert": {**asdict(alert), "scheme": alert.scheme.value, "tier": alert.tier.value},
        "summary": list(story.summary),
        "facts": dict(story.facts),
        "roles": dict(story.roles),
        "steps": [asdict(step) for step in story.steps],
        "steps_left_out": story.left_out,
        "accounts": [{**asdict(one), "net": one.net} for one in chain.doings],
        "profit": chain.profit,
        "orders": list(chain.order_ids),
        "contributions": [asdict(one) for one in part],
        "against": list(doubts(chain)),
        "caveats": list(caveats(chain)),
        "regulation": [asdict(one) for one in (*articles(alert.scheme, alert.variant), *duties(alert.scheme))],
        "checks": list(checks(chain)),
    }
