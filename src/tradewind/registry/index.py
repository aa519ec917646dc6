"""The registry in MLflow's own terms: versions with their stage as a tag, and the aliases champion and challenger.

Other tools read models there. The signed ledger decides; the index must agree with it, so that a stage or an alias that
was changed in MLflow alone is noticed and nothing is served.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.core import InputError
from tradewind.registry.ledger import RESTORE, Ledger

if TYPE_CHECKING:
    from tradewind.training.tracking import Place

STAGE, MODEL, RECORD = "tradewind.stage", "tradewind.model_sha256", "tradewind.record_sha256"
HEAD = "tradewind.ledger"
CHAMPION, CHALLENGER = "champion", "challenger"
PAGE = 1000


class MlflowIndex:
    """Model versions in the MLflow store at ``place``."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def new_version(self, name: str, source: Path, run: str | None) -> int:
        """Make a version of the registered model ``name`` (made where absent) and return its number.

        ``source`` tells by the number where the files will be; MLflow wants it first, so it gets the folder above.
        """
        with self._client() as client:
            if not client.search_registered_models(f"name='{name}'"):
                client.create_registered_model(name)
            made = client.create_model_version(name, source=source.as_uri(), run_id=run)
            return int(made.version)

    def sync(self, ledger: Ledger) -> None:
        """Let MLflow say what ``ledger`` says."""
        name = ledger.name
        with self._client() as client:
            held = {int(v.version): v for v in _versions(client, name)}
            for version, state in ledger.versions.items():
                wanted = {STAGE: str(state.stage), MODEL: state.model_sha256, RECORD: state.record_sha256}
                for tag, value in wanted.items():
                    if held[version].tags.get(tag) != value:
                        client.set_model_version_tag(name, str(version), tag, value)
            found = client.get_registered_model(name)
            for alias, holder in ((CHAMPION, ledger.champion), (CHALLENGER, ledger.challenger)):
                now = found.aliases.get(alias)
                if holder is None and now is not None:
                    client.delete_registered_model_alias(name, alias)
                elif holder is not None and str(now) != str(holder):
                    client.set_registered_model_alias(name, alias, str(holder))
            client.set_registered_model_tag(name, HEAD, ledger.head)

    def restore(self, ledger: Ledger, source: Path) -> None:
        """Let MLflow hold the versions of ``ledger``, and say what the ledger says.

        MLflow gives a number once, so where a version is gone the model is made anew there. A version without a stage
        is what a registration left that was broken off, and is removed; one with a stage tells of lost decisions and
        stays, for :meth:`strangers` to find.

        Raises
        ------
        InputError : MLflow was told of decisions and the ledger holds none.
        """
        name = ledger.name
        with self._client() as client:
            found = client.search_registered_models(f"name='{name}'")
            held = {int(v.version): v.tags for v in _versions(client, name)} if found else {}
            if not ledger.decisions:
                if found and (HEAD in found[0].tags or any(STAGE in tags for tags in held.values())):
                    raise InputError("is gone, and MLflow was told of decisions", file=ledger.path, fix=RESTORE)
                if found:
                    client.delete_registered_model(name)
                return
            if found and any(version < max(held, default=0) for version in ledger.versions.keys() - held.keys()):
                client.delete_registered_model(name)
                found, held = [], {}
            if not found:
                client.create_registered_model(name)
            new = range(max(held, default=0) + 1, max(ledger.versions) + 1)
            held |= {int(client.create_model_version(name, source=source.as_uri()).version): {} for _ in new}
            for version, tags in held.items():
                if version not in ledger.versions and STAGE not in tags:
                    client.delete_model_version(name, str(version))
        self.sync(ledger)

    def differences(self, ledger: Ledger) -> list[str]:
        """Return in words where MLflow and ``ledger`` disagree; empty where they agree."""
        name = ledger.name
        with self._client() as client:
            registered = client.search_registered_models(f"name='{name}'")
            if not registered:
                return [f"MLflow has no model {name}"] if ledger.decisions else []
            held = {int(v.version): v.tags for v in _versions(client, name)}
            aliases, tags = dict(registered[0].aliases), dict(registered[0].tags)
        found = []
        for version, state in ledger.versions.items():
            wanted = {STAGE: str(state.stage), MODEL: state.model_sha256, RECORD: state.record_sha256}
            for tag, value in wanted.items():
                said = held.get(version, {}).get(tag)
                if said != value:
                    found.append(f"{name}/{version}: MLflow says {tag} is {said!r}, the signed ledger {value!r}")
        for alias, signed in ((CHAMPION, ledger.champion), (CHALLENGER, ledger.challenger)):
            said = aliases.get(alias)
            if (None if said is None else int(said)) != signed:
                found.append(f"{name}: MLflow's {alias} is {said}, the signed ledger's {signed}")
        if tags.get(HEAD, "") != ledger.head:
            found.append(f"{name}: the ledger's last decision is another than the one MLflow was told of")
        return found

    def names(self) -> list[str]:
        """Return the names of the registered models in MLflow."""
        with self._client() as client:
            return sorted(str(model.name) for model in client.search_registered_models(max_results=PAGE))

    def strangers(self, ledger: Ledger) -> list[int]:
        """Return versions that MLflow has and no decision is about."""
        with self._client() as client:
            if not client.search_registered_models(f"name='{ledger.name}'"):
                return []
            return sorted({int(v.version) for v in _versions(client, ledger.name)} - ledger.versions.keys())

    @contextmanager
    def _client(self) -> Iterator[Any]:
        from tradewind.training.tracking import masked
        from tradewind.training.tracking.store import opened

        try:
            with opened(self.place):
                from mlflow.tracking import MlflowClient

                yield MlflowClient(self.place.uri, self.place.uri)
        except (InputError, KeyboardInterrupt):
            raise
        except Exception as error:
            why = masked(" ".join(str(error).split()))[:300]
            raise InputError(
                f"the registry in {self.place.shown} cannot be read or written ({why})",
                fix="check the path, its permissions and --registry",
            ) from error


def _versions(client: Any, name: str) -> list[Any]:
    return list(client.search_model_versions(f"name='{name}'", max_results=PAGE))
