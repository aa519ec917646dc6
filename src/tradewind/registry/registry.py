"""The model registry: versions with verified files, and the signed decisions that bring them into service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.core import InputError, UsageError
from tradewind.core.clock import Clock
from tradewind.registry.archive import record_sha256
from tradewind.registry.budget import Budgets, check_budget
from tradewind.registry.decision import Act, Decision, Stage
from tradewind.registry.folder import check_folder, files_sha256
from tradewind.registry.gates import pass_gates
from tradewind.registry.ledger import LONGEST_OVERRIDE, Ledger, NewDecision
from tradewind.registry.people import People, Person
from tradewind.registry.reader import RegistryReader
from tradewind.registry.record import ModelRecord
from tradewind.registry.rules import rule_of

if TYPE_CHECKING:
    from tradewind.training.tracking import Place

OnEvent = Callable[[str, dict[str, Any]], None]
AMENDABLE = frozenset({"use_case", "purpose", "limitations", "metrics", "folds", "explanation", "fairness"})
"""Fields of a record that say what is known of a model; the others are the model and how it was made."""


class ModelRegistry(RegistryReader):
    """A registry in which people decide; see :class:`~tradewind.registry.reader.RegistryReader` for its place.

    Parameters
    ----------
    budgets : complexity budgets by use case.
    on_event : told of each decision (kinds ``decision``, ``override``, ``fallback``) and each entry of the people file
        (``enrolment``) before it counts, so that there is no effect without an entry; what it raises stops it.
    """

    def __init__(
        self,
        place: Place | str | Path | None = None,
        *,
        clock: Clock | None = None,
        budgets: Budgets | None = None,
        on_event: OnEvent | None = None,
    ) -> None:
        super().__init__(place, clock=clock)
        self.budgets = budgets or Budgets()
        self._on_event = on_event

    def enrol(self, name: str, roles: tuple[str, ...], key: str, by: Person) -> People:
        """Give ``name`` the ``roles`` from now on; the first person enrols himself as admin. See :class:`People`."""
        with self._alone():
            people = self.people().enrolled(name, roles, key, by=by, clock=self._clock)
            if self._on_event is not None:
                entry = people.entries[-1]
                self._on_event("enrolment", {**asdict(entry), "hash": entry.hash})
            people.write()
        return people

    def register(self, model_folder: Path, record: ModelRecord, by: Person, reason: str = "first registered") -> int:
        """Copy a model folder into the registry as a new version at stage draft, and return its number.

        Raises
        ------
        InputError : the folder is not the one the record was made from.
        UsageError : ``by`` is not the record's author or no author at all.
        """
        if record.author != by.name:
            raise UsageError(
                f"the record's author is {record.author}, and {by.name} signs", fix="let the author register the model"
            )
        check_folder(model_folder, record.files)
        if files_sha256(record.files) != record.model_sha256:
            raise InputError("does not fit its file hashes", field="model_sha256", fix="make the record again")
        with self._alone():
            ledger = self._ledger(record.name)
            if ledger.decisions:
                self._agrees(ledger)
            now = self._clock.now()
            new = NewDecision(
                version=max(ledger.versions, default=0) + 1,
                end=Stage.draft,
                reason=reason,
                model_sha256=record.model_sha256,
                record_sha256="0",
            )
            self._ledger(record.name).decide(new, by, now)  # refused before anything is copied
            home = self._archive.name_folder(record.name)
            version = self._index.new_version(record.name, home, record.run)
            kept = self._complete(record.with_(version=version))
            self._archive.keep_model(model_folder, kept)
            changed = {"version": version, "record_sha256": self._archive.keep_record(kept)}
            made = ledger.decide(NewDecision(**{**vars(new), **changed}), by, now)
            self._commit(ledger, [made])
        return version

    def amend(self, name: str, version: int, by: Person, reason: str, **changes: Any) -> ModelRecord:
        """Change a draft's record (``metrics``, ``limitations``, ``explanation`` ...) and return it; its author may.

        Raises
        ------
        UsageError : the version is no draft, or ``by`` is not its author.
        """
        fixed = changes.keys() - AMENDABLE
        if fixed:
            raise UsageError(f"{sorted(fixed)[0]} cannot be amended", fix="register the model anew")
        with self._alone():
            ledger = self._sound_unlocked(name)
            record = self._complete(self._archive.record(name, ledger.state(version)).with_(**changes))
            if record.author != by.name:
                raise UsageError(f"{by.name} is not the author of {record.reference}", fix="let the author amend it")
            sha256 = record_sha256(record.to_json())
            new = NewDecision(act=Act.amend, version=version, reason=reason, record_sha256=sha256)
            made = ledger.decide(new, by, self._clock.now())
            self._archive.keep_record(record)
            self._commit(ledger, [made])
        return record

    def move(self, name: str, version: int, to: Stage, by: Person, reason: str) -> Decision:
        """Bring a version to another stage by the rules of :data:`~tradewind.registry.rules.RULES`.

        A new champion replaces the old one, which becomes approved again; both decisions are signed.

        Raises
        ------
        UsageError : the rules, the record, the metrics or the complexity budget do not permit it.
        """
        with self._alone():
            ledger, now = self._sound_unlocked(name), self._clock.now()
            state = ledger.state(version)
            rule = rule_of(Act.move, state.stage, to)
            record = self._archive.record(name, ledger.state(version))
            if rule is not None:
                pass_gates(rule.needs, record, self.budgets)
            self._archive.model(record)
            made = []
            if to is Stage.champion and ledger.champion not in {None, version}:
                why = f"replaced by version {version}: {reason.strip()}" if reason.strip() else ""
                old = NewDecision(version=int(ledger.champion or 0), end=Stage.approved, reason=why)
                made.append(ledger.decide(old, by, now))
            made.append(ledger.decide(NewDecision(version=version, end=to, reason=reason), by, now))
            self._commit(ledger, made)
        return made[-1]

    def challenge(self, name: str, version: int, by: Person, reason: str) -> Decision:
        """Let an approved version run beside the champion under the alias ``challenger``."""
        with self._alone():
            ledger = self._sound_unlocked(name)
            new = NewDecision(act=Act.challenge, version=version, reason=reason)
            made = ledger.decide(new, by, self._clock.now())
            self._commit(ledger, [made])
        return made

    def override(self, name: str, version: int, by: Person, reason: str, until: datetime) -> Decision:
        """Let an approved version be served in the champion's place until a moment, 30 days ahead at most."""
        with self._alone():
            ledger, now = self._sound_unlocked(name), self._clock.now()
            if not now < until <= now + LONGEST_OVERRIDE:
                raise UsageError(
                    f"an override cannot last until {until.isoformat()}",
                    fix=f"give it an end within the next {LONGEST_OVERRIDE.days} days",
                )
            if ledger.fallback(now):
                raise UsageError(f"{name} is in fallback", fix="end that first with `tradewind models resume`")
            details = {"until": until.isoformat()}
            new = NewDecision(act=Act.override, version=version, reason=reason, details=details)
            made = ledger.decide(new, by, now)
            self._commit(ledger, [made])
        return made

    def fallback(self, name: str, target: str | None, by: Person, reason: str) -> Decision:
        """Let something simpler be served until :meth:`resume`.

        ``target`` : ``previous`` for the champion before this one, a version's number, the name of a baseline that the
        model carries (such as ``momentum``), or None to stop serving.
        """
        with self._alone():
            ledger = self._sound_unlocked(name)
            version, wanted = self._target(ledger, target)
            new = NewDecision(act=Act.fallback, version=version, reason=reason, details={"target": wanted})
            made = ledger.decide(new, by, self._clock.now())
            self._commit(ledger, [made])
        return made

    def _target(self, ledger: Ledger, target: str | None) -> tuple[int, str | None]:
        """Return (version the order is about, target as it is kept)."""
        if target is None:
            return 0, None
        if target == "previous":
            if ledger.previous_champion is None:
                raise UsageError(f"{ledger.name} had no champion before", fix="fall back to a version or a baseline")
            return ledger.previous_champion, str(ledger.previous_champion)
        if target.isdecimal():
            return int(target), str(int(target))
        carrier = ledger.champion or ledger.previous_champion
        held = self._archive.record(ledger.name, ledger.state(carrier)).settings.get("baselines", []) if carrier else []
        if carrier is None or target not in held:
            raise UsageError(
                f"{ledger.name} carries no baseline {target!r} ({', '.join(held) or 'there is no champion'})",
                fix="name one it carries, a version, 'previous', or 'none' to stop serving",
            )
        return carrier, target

    def resume(self, name: str, by: Person, reason: str) -> Decision:
        """End override and fallback: the champion is served again."""
        with self._alone():
            ledger, now = self._sound_unlocked(name), self._clock.now()
            if not (ledger.fallback(now) or ledger.override(now)):
                raise UsageError(f"{name} is in neither override nor fallback", fix="there is nothing to end")
            kind = Act.fallback if ledger.fallback(now) else Act.override
            made = ledger.decide(NewDecision(act=Act.resume, version=0, reason=reason), by, now)
            self._commit(ledger, [made], kind=str(kind))
        return made

    def repair(self, name: str) -> None:
        """Let MLflow say what the signed ledger says; the ledger itself is only ever read.

        Raises
        ------
        InputError : the ledger is not sound: only a copy can restore it.
        """
        with self._alone():
            ledger = self._ledger(name)
            self._index.restore(ledger, self._archive.name_folder(name))

    def _commit(self, ledger: Ledger, made: list[Decision], kind: str | None = None) -> None:
        for decision in made:
            orders = {Act.override, Act.fallback}
            what = kind or (decision.act if decision.act in orders else "decision")
            if self._on_event is not None:
                self._on_event(what, {**decision.to_dict(), "hash": decision.hash})
        ledger.write()
        self._index.sync(ledger)

    def _complete(self, record: ModelRecord) -> ModelRecord:
        report = check_budget(record.use_case, record.complexity, record.metrics, self.budgets)
        return record.with_(budget=report.to_dict())
