"""Reads the registry: every answer is verified on its way out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.core import InputError, OutputError, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.registry.archive import Archive
from tradewind.registry.decision import Decision, Stage
from tradewind.registry.index import CHALLENGER, CHAMPION, MlflowIndex
from tradewind.registry.ledger import Ledger, history_of
from tradewind.registry.people import People
from tradewind.registry.place import files_folder, registry_place
from tradewind.registry.record import NAME, ModelRecord
from tradewind.registry.serving import Served, choose

if TYPE_CHECKING:
    from tradewind.training.tracking import Place

Reference = int | str
"""A version's number, or ``champion``, ``challenger`` or ``latest``."""
PATIENCE = 120.0
"""Seconds to wait for another process that writes."""


class RegistryReader:
    """Models at ``place``: a folder, an MLflow URI, or None for the usual one.

    Artefacts and ledgers lie in the registry's own folder, the index of versions and aliases in MLflow. Every read
    verifies the people file, each signature, the order of decisions, that MLflow says the same, and, where files are
    asked for, their hashes. ``clock`` decides what an expiry means.
    """

    def __init__(self, place: Place | str | Path | None = None, *, clock: Clock | None = None) -> None:
        from tradewind.training.tracking import Place

        self.place = place if isinstance(place, Place) else registry_place(place)
        self.folder = files_folder(self.place)
        self.people_path = self.folder / "people.toml"
        self._clock = clock or SystemClock()
        self._index = MlflowIndex(self.place)
        self._archive = Archive(self.folder / "models")

    def people(self) -> People:
        """Return the people who may decide, verified."""
        return People.read(self.people_path)

    def names(self) -> list[str]:
        """Return the names of all models."""
        found = (path.stem for path in (self.folder / "ledgers").glob("*.jsonl"))
        return sorted(name for name in found if NAME.fullmatch(name))  # a killed write leaves a draft beside a ledger

    def indexed_names(self) -> list[str]:
        """Return the names that MLflow has; one without a ledger has lost it, and :meth:`findings` says so."""
        return self._index.names() if (self.folder / "ledgers").is_dir() else []

    def versions(self, name: str) -> list[int]:
        """Return the versions of ``name``, oldest first."""
        return list(self._sound(name).versions)

    def stage(self, name: str, version: Reference) -> Stage:
        """Return where a version stands."""
        ledger = self._sound(name)
        return ledger.state(_number(ledger, version)).stage

    def number(self, name: str, version: Reference) -> int:
        """Return the number that a reference means at present; UsageError where it means none."""
        return _number(self._sound(name), version)

    def champion(self, name: str) -> int | None:
        """Return the version at stage champion; what is served may be another, see :meth:`serving`."""
        return self._sound(name).champion

    def challenger(self, name: str) -> int | None:
        """Return the version that runs beside the champion."""
        return self._sound(name).challenger

    def history(self, name: str, version: Reference | None = None) -> tuple[Decision, ...]:
        """Return the decisions about a version, or about all of them, oldest first."""
        ledger = self._sound(name)
        return history_of(ledger.decisions, None if version is None else _number(ledger, version))

    def record(self, name: str, version: Reference) -> ModelRecord:
        """Return a version's record; InputError where the file is not the one that was signed for."""
        ledger = self._sound(name)
        return self._archive.record(name, ledger.state(_number(ledger, version)))

    def model_folder(self, name: str, version: Reference) -> Path:
        """Return a version's model folder after every file was verified; for looking at it, not for serving it."""
        ledger = self._sound(name)
        return self._archive.model(self._archive.record(name, ledger.state(_number(ledger, version))))

    def serving(self, name: str, version: int | None = None) -> Served:
        """Return what is to be served of ``name``, files verified.

        Raises
        ------
        UsageError : there is none, it is not approved, or serving was stopped.
        InputError : something was tampered with.
        """
        ledger = self._sound(name)
        choice = choose(ledger, self._clock.now(), version)
        record = self._archive.record(name, ledger.state(choice.version))
        if choice.baseline is not None and choice.baseline not in record.settings.get("baselines", ()):
            raise InputError(f"{record.reference} carries no baseline {choice.baseline!r} to fall back to")
        order = choice.order
        return Served(
            record=record,
            folder=self._archive.model(record),
            how=choice.how,
            baseline=choice.baseline,
            reason=order.reason if order else "",
            until=order.details.get("until") if order else None,
        )

    def served(self, name: str, version: int | None = None) -> ModelRecord:
        """Return the record of the model to be served; as :meth:`serving`, and refuses a fallback to a baseline."""
        return self._itself(name, version).record

    def served_folder(self, name: str, version: int | None = None) -> Path:
        """Return the verified folder of the model to be served; as :meth:`served`."""
        return self._itself(name, version).folder

    def _itself(self, name: str, version: int | None) -> Served:
        found = self.serving(name, version)
        if found.baseline is not None:
            raise UsageError(
                f"{name} is fallen back to its baseline {found.baseline}: the model itself is not served",
                fix="serve the baseline, or end the fallback with `tradewind models resume`",
            )
        return found

    def orders(self, name: str) -> dict[str, Decision | None]:
        """Return the override and the fallback in force at present."""
        ledger, now = self._sound(name), self._clock.now()
        return {"override": ledger.override(now), "fallback": ledger.fallback(now)}

    def findings(self, name: str, logged: Collection[str] = ()) -> list[str]:
        """Return everything that is wrong with ``name``, in words; empty when ledger, MLflow and files are sound.

        ``logged`` : hashes of decisions about ``name`` that an independent log holds. Somebody who takes the last
        decisions away from the ledger and from MLflow leaves both sound; that log still has them. It lacks those that
        somebody wrote past it; decisions from before the first it holds do not count, for logs are cut after years.
        """
        with self._alone():
            try:
                ledger = self._ledger(name)
            except InputError as error:
                return [str(error)]
            found = self._index.differences(ledger)
            hashes = [decision.hash for decision in ledger.decisions]
            gone = len(set(logged) - set(hashes))
            told = [place for place, one in enumerate(hashes) if one in set(logged)]
            past = len(hashes) - told[0] - len(told) if told else 0
            found += [f"{name}: the audit log was not told of {past} decision(s) of the ledger"] if past else []
            found += [f"{name}: the audit log holds {gone} decision(s) that the ledger lacks"] if gone else []
            strangers = self._index.strangers(ledger)
            found += [f"{name}/{version}: MLflow has it, and nobody signed for it" for version in strangers]
            for state in ledger.versions.values():
                try:
                    self._archive.model(self._archive.record(name, state))
                except InputError as error:
                    found.append(str(error))
        return found

    def people_findings(self, logged: Collection[str]) -> list[str]:
        """Return in words what is wrong with the people file; ``logged`` : hashes of its entries that a log holds."""
        try:
            gone = len(set(logged) - self.people().heads.keys())
        except InputError as error:
            return [str(error)]
        return [f"the audit log holds {gone} entry(ies) that the file lacks"] if gone else []

    def _ledger(self, name: str) -> Ledger:
        if not NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no model's name", fix="use lower-case letters, digits, '-' and '_'")
        path = self.folder / "ledgers" / f"{name}.jsonl"
        return Ledger.read(name, self.people(), path, now=self._clock.now())

    def _sound(self, name: str) -> Ledger:
        """Return the verified ledger of a model that exists and agrees with MLflow."""
        if not (self.folder / "ledgers").is_dir():  # reading makes no registry
            raise self._unknown(name)
        with self._alone():
            return self._sound_unlocked(name)

    def _sound_unlocked(self, name: str) -> Ledger:
        ledger = self._ledger(name)
        if not ledger.decisions:
            raise self._unknown(name)
        self._agrees(ledger)
        return ledger

    def _agrees(self, ledger: Ledger) -> None:
        differences = self._index.differences(ledger)
        if differences:
            raise InputError(
                differences[0],
                file=ledger.path,
                fix=f"find out who changed it, then run `tradewind models check {ledger.name} --repair`",
            )

    def _unknown(self, name: str) -> UsageError:
        known = ", ".join(self.names()) or "none is registered"
        return UsageError(f"there is no model {name!r} in {self.folder}", fix=f"choose from its models ({known})")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        from filelock import FileLock

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / "registry.lock", timeout=PATIENCE):
                yield
        except OSError as error:
            raise OutputError(
                f"cannot be used ({error})", file=self.folder, fix="choose a folder you may write to with --registry"
            ) from error


def _number(ledger: Ledger, version: Reference) -> int:
    if version in {CHAMPION, CHALLENGER}:
        found = ledger.champion if version == CHAMPION else ledger.challenger
        if found is None:
            raise UsageError(f"{ledger.name} has no {version}", fix="name a version by its number")
        return found
    if version == "latest":
        return max(ledger.versions)
    try:
        return ledger.state(int(version)).version
    except ValueError:
        raise UsageError(f"{version!r} names no version", fix="give a number, champion, challenger or latest") from None
