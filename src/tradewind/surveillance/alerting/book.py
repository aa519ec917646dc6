"""The book of open alerts: scored candidates in, revisions of alerts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tradewind.core.ids import content_id
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.alerting.claim import Claim, OpenAlert, in_common, log_odds
from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.alerting.settings import FAMILY_OF, SECOND, AlertSettings
from tradewind.surveillance.alerting.tiers import tier
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.schemes import Scheme


class AlertBook:
    """Turns scored candidates into alerts.

    The first find of an episode whose score reaches its scheme's threshold raises an alert; later revisions and other
    finds of the scheme by the same accounts in the same symbol, close in time, extend it. A find of a scheme that is
    mistaken for the alert's (:data:`FAMILIES`) by the same accounts at the same time is one deed under two names: the
    alert is called by the one that argues best, and may be called anew by later evidence, under the same id. Only where
    both are strong and rest on other events do they stand side by side.

    The state is bounded by ``settings.most_open``. Alerts depend on the candidates and their order alone, not on how
    they were cut into calls.

    Parameters
    ----------
    symbols, accounts : the names behind the candidates' codes.
    thresholds : least score of an alert, by scheme; a scheme without one raises none.
    """

    def __init__(
        self,
        symbols: Names,
        accounts: Names,
        thresholds: Mapping[Scheme, float],
        settings: AlertSettings | None = None,
    ) -> None:
        self.settings = settings or AlertSettings()
        self.thresholds = dict(thresholds)
        self._symbols, self._accounts = symbols, accounts
        self._open: dict[str, OpenAlert] = {}  # the longest silent first
        self._by_symbol: dict[int, dict[str, OpenAlert]] = {}
        self._episodes: dict[tuple[Scheme, int], str] = {}

    def __len__(self) -> int:
        """Return how many alerts may still be revised."""
        return len(self._open)

    def take(self, scored: Sequence[Scored]) -> list[Alert]:
        """Take the next candidates and return the alerts they raise or revise, in order.

        Candidates of one row must come in one call (detectors tell them so); they are sorted here.
        """
        told: list[Alert] = []
        for one in sorted(scored, key=lambda s: s.order):
            threshold = self.thresholds.get(one.candidate.scheme)
            if threshold is None or not one.score >= threshold * self.settings.keep:
                continue
            alert = self._place(one, threshold)
            if alert is not None:
                told += self._tell(alert)
        return told

    def _place(self, scored: Scored, threshold: float) -> OpenAlert | None:
        """Return the alert that the find belongs to, a new one if need be; None where it is too weak to make one."""
        self._expire(scored.known_at)
        key = (scored.candidate.scheme, scored.candidate.episode)
        alert = self._open.get(self._episodes.get(key, ""))
        if alert is None:
            if scored.score < threshold:
                return None
            alert = self._same(scored) or self._rival(scored) or self._raise(scored)
            self._episodes[key] = alert.id
        claim = alert.claims.get(scored.candidate.scheme)
        if claim is None:
            alert.claims[scored.candidate.scheme] = Claim.of(scored)
        elif claim.best is not scored:
            forgotten = claim.add(scored)
            if forgotten is not None:
                self._episodes.pop((scored.candidate.scheme, forgotten), None)
        alert.choose(self.settings.margin)
        alert.heard = scored.known_at
        self._open[alert.id] = self._open.pop(alert.id)
        return alert

    def _near(self, scored: Scored, scheme: Scheme | None, gap: int | None) -> Iterator[tuple[float, OpenAlert]]:
        """Yield open alerts of the find's symbol and people within ``gap`` nanoseconds, with what they share.

        ``scheme`` : the alert's, or None for any confusable one; ``gap`` None: the scheme's own gap.
        """
        found, people = scored.candidate, set(scored.candidate.accounts)
        family = FAMILY_OF[found.scheme]
        for alert in self._by_symbol.get(found.symbol, {}).values():
            wanted = alert.scheme is scheme if scheme else FAMILY_OF[alert.scheme] == family
            if not wanted:
                continue
            claim = alert.leading
            reach = self.settings.gap(found.scheme, claim.end - claim.start) if gap is None else gap
            if found.start > claim.end + reach or found.end < claim.start - reach:
                continue
            shared = in_common(people, set(claim.accounts(self.settings.most_accounts)))
            if shared >= self.settings.shared:
                yield shared, alert

    def _same(self, scored: Scored) -> OpenAlert | None:
        """Return the alert of the same scheme that the find continues, the one with most accounts in common."""
        return _most(self._near(scored, scored.candidate.scheme, None))

    def _rival(self, scored: Scored) -> OpenAlert | None:
        """Return the alert of a confusable scheme that is the same deed."""
        alert = _most(self._near(scored, None, SECOND))
        return None if alert is None or self._independent(scored, alert) else alert

    def _independent(self, scored: Scored, alert: OpenAlert) -> bool:
        """Say whether find and alert are both strong and rest on other events."""
        strong = self.settings.strong

        def surely(scheme: Scheme, score: float) -> bool:
            return log_odds(score) >= log_odds(self.thresholds[scheme]) + strong

        if not (surely(scored.candidate.scheme, scored.score) and surely(alert.scheme, alert.leading.score)):
            return False
        mine, theirs = set(scored.candidate.evidence), set(alert.leading.evidence)
        return bool(mine and theirs) and in_common(mine, theirs) <= self.settings.same_evidence

    def _raise(self, scored: Scored) -> OpenAlert:
        found = scored.candidate
        who = self._accounts[found.accounts[0]] if found.accounts else ""
        parts = (found.scheme.value, self._symbols[found.symbol], who, found.start)
        number, name = 0, content_id(*parts)
        while name in self._open:  # two finds that begin with one event
            number += 1
            name = content_id(*parts, number)
        alert = OpenAlert(name, found.symbol, found.scheme, scored.known_at, {}, scored.known_at)
        alert.claims[found.scheme] = Claim.of(scored)
        self._open[name] = alert
        self._by_symbol.setdefault(found.symbol, {})[name] = alert
        if len(self._open) > self.settings.most_open:
            self._close(next(iter(self._open)))
        return alert

    def _expire(self, now: int) -> None:
        """Close alerts of which nothing was heard for long."""
        oldest = now - int(self.settings.forget_seconds * SECOND)
        while self._open:
            first = next(iter(self._open))
            if self._open[first].heard >= oldest:
                return
            self._close(first)

    def _close(self, name: str) -> None:
        alert = self._open.pop(name)
        same = self._by_symbol[alert.symbol]
        del same[name]
        if not same:
            del self._by_symbol[alert.symbol]
        for scheme, claim in alert.claims.items():
            for episode in claim.episodes:
                self._episodes.pop((scheme, episode), None)

    def _tell(self, alert: OpenAlert) -> list[Alert]:
        """Return the alert as it now stands, or nothing where nobody would see a difference."""
        claim = alert.leading
        accounts = claim.accounts(self.settings.most_accounts)
        seen = (alert.scheme, accounts, claim.start, claim.end, claim.score)
        if seen == alert.told:
            return []
        alert.told = seen
        alert.revision += 1
        best = claim.best
        return [
            Alert(
                id=alert.id,
                scheme=alert.scheme,
                variant=best.candidate.variant,
                symbol=self._symbols[alert.symbol],
                accounts=tuple(self._accounts[code] for code in accounts),
                start=claim.start,
                end=claim.end,
                # called by another scheme since, its evidence may begin after the first find
                known_at=max(alert.known_at, claim.start),
                score=claim.score,
                tier=tier(alert.scheme, claim.score, len(accounts), len(claim.episodes)),
                revision=alert.revision,
                features=dict(zip(best.names, map(float, best.values), strict=True)),
                contributions=dict(zip(best.piece_names, map(float, best.pieces), strict=True)),
                evidence=claim.evidence,
            )
        ]


def _most(found: Iterator[tuple[float, OpenAlert]]) -> OpenAlert | None:
    """Return the alert that shares most; of equals the one heard of last, then by id."""
    ranked = sorted(found, key=lambda pair: (-pair[0], -pair[1].heard, pair[1].id))
    return ranked[0][1] if ranked else None


def latest(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Return the last revision of each alert, in the order in which they were first raised."""
    last: dict[str, Alert] = {}
    for alert in alerts:
        last[alert.id] = alert
    return tuple(last.values())
