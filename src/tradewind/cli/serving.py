"""What `tradewind serve` does: deploys, opens the server, follows the registry, and ends everything in order."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import quote, urlsplit, urlunsplit

from tradewind.cli import show
from tradewind.core import InputError, UsageError

if TYPE_CHECKING:
    from tradewind.serving.api import Server
    from tradewind.serving.node import NodeSettings, Outside
    from tradewind.serving.rollout import Experiment


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What `tradewind serve` was asked for; the fields are its flags."""

    model: str | None
    prices: Path | None
    deployment: Path | None
    others: Mapping[str, str] = field(default_factory=dict)
    student: Path | None = None
    experiment: Path | None = None
    news: Path | None = None
    universe: Path | None = None
    fear: Path | None = None
    connectors: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8600
    keys: Path | None = None
    no_auth: bool = False
    tls: tuple[Path | None, Path | None, Path | None] = (None, None, None)
    redis: str | None = None
    redis_password_file: Path | None = None
    kafka: str | None = None
    kafka_password_file: Path | None = None
    role: str = "all"
    features: str = "all"
    state: Path
    otlp: str | None = None
    log_level: str = "info"
    registry: str | None = None
    audit: str | None = None
    parity_at: str | None = None
    promote_as: str | None = None

    @property
    def deployment_file(self) -> Path:
        """Where the deployment is, or is written."""
        return self.deployment or self.state / "deployment.json"

    @property
    def keys_file(self) -> Path:
        """Where the keys are."""
        return self.keys or self.state / "keys.json"

    @property
    def log_place(self) -> str:
        """Where the event log is."""
        return f"kafka://{self.kafka}" if self.kafka else str(self.state / "log")


def run(ask: Ask) -> None:
    """Serve until told to stop.

    Raises
    ------
    UsageError : flags that contradict each other, a port in use, no model. InputError : a file is at fault.
    """
    from tradewind.cli.beside import Connecting, Following
    from tradewind.cli.nights import Nights
    from tradewind.cli.standing import leave
    from tradewind.serving.api import run_server
    from tradewind.serving.node import build_app
    from tradewind.serving.node.app import ServingApp
    from tradewind.serving.watch.logs import log_as_json

    _check(ask)
    log_as_json(_level(ask.log_level))
    _secrets(ask)
    following = Following.of(ask)
    following.prepare()
    settings = node_settings(ask)
    connecting = Connecting(ask.connectors, settings.log_place)
    app = build_app(settings, _outside(ask, connecting))
    server = server_settings(ask)
    nights = None if ask.parity_at is None else Nights(ask.state, settings.log_place, ask.parity_at, app.ready)

    async def make() -> ServingApp:
        await app.start()
        assert app.node is not None
        leave(app.node)
        connecting.start()
        following.start()
        if nights is not None:
            nights.start()
        return app

    async def stopped() -> None:
        if nights is not None:
            nights.stop()
        following.stop()
        connecting.stop()
        await app.stop()

    def started(running: Server) -> None:
        _spare_collector()
        show.say(f"Serving {app.served} at {running.url}")

    run_server(make, server, started=started, stopped=stopped)
    show.note("Stopped: what was asked is answered and recorded")


def _spare_collector() -> None:
    """Let the garbage collector pass over what lives as long as the server: a full pass over it stops all for 0.2 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def node_settings(ask: Ask) -> NodeSettings:
    """Return the settings of the server itself."""
    from tradewind.governance.audit import place_of
    from tradewind.serving.node import NodeSettings
    from tradewind.serving.watch.traces import TraceSettings

    audit = place_of(ask.audit)
    python = (sys.executable, "-m")
    return NodeSettings(
        state=ask.state,
        deployment=ask.deployment_file,
        role=cast(Literal["all", "features", "api"], ask.role),
        log=ask.log_place,
        redis=_with_password(ask.redis, ask.redis_password_file),
        features=cast(Literal["model", "all"], ask.features),
        fear=ask.fear is not None,
        news=ask.news is not None,
        experiment=_experiment(ask),
        traces=TraceSettings(endpoint=ask.otlp),
        auditor=() if audit is None else _auditor(python, str(audit.database), ask),
        explainer=(*python, "tradewind.cli.explainer") if ask.role != "api" and _can_explain() else (),
    )


def _auditor(python: tuple[str, str], database: str, ask: Ask) -> tuple[str, ...]:
    from tradewind.cli.recorded import RECORDS
    from tradewind.cli.standing import ROLLOUT

    command = (*python, "tradewind.cli.auditor", "--audit", database)
    return (*command, "--records", str(ask.state / ROLLOUT / RECORDS))


def _can_explain() -> bool:
    """Return whether what explanations need is installed; a server for answers alone does without."""
    return find_spec("torch") is not None and find_spec("arch") is not None


def server_settings(ask: Ask) -> Any:
    """Return where the server listens."""
    from tradewind.serving.api import ServerSettings

    certificate, key, authority = ask.tls
    return ServerSettings(host=ask.host, port=ask.port, certificate=certificate, key=key, client_ca=authority)


def _outside(ask: Ask, connecting: Any) -> Outside:
    from tradewind.cli.beside import Promoting
    from tradewind.cli.recorded import RECORDS, Records
    from tradewind.cli.serving_keys import first_key
    from tradewind.cli.standing import ROLLOUT
    from tradewind.serving.node import Outside
    from tradewind.serving.rollout import Hooks

    if not ask.no_auth:
        first_key(ask.keys_file)
    hooks = Hooks(record=Records(ask.state / ROLLOUT / RECORDS))
    if ask.promote_as is not None:
        hooks = replace(hooks, decide=Promoting(ask.promote_as, registry=ask.registry, audit=ask.audit))
    return Outside(keys=None if ask.no_auth else ask.keys_file, hooks=hooks, connectors=connecting.snapshots)


def _experiment(ask: Ask) -> Any:
    """Return the experiment that was asked for: from its file, or a canary of the usual kind."""
    from tradewind.serving.node import FileSource
    from tradewind.serving.rollout import Arm, Experiment

    roles = FileSource(ask.deployment_file).current()
    if ask.experiment is not None:
        wanted = Experiment.from_toml(ask.experiment)
        return None if _promoted(ask, wanted, roles["champion"]) else wanted
    if "canary" not in roles:
        return None
    name = f"{roles['canary']}-after-{roles['champion']}".replace("/", "-").replace(":", "-")[:60]
    return Experiment(
        name=name,
        kind="canary",
        arms=(
            Arm(name="champion", model=roles["champion"], share=1.0),
            Arm(name="canary", model=roles["canary"], share=0.0),
        ),
    )


def _promoted(ask: Ask, experiment: Experiment, champion: str) -> bool:
    """Return whether the experiment ended by making one of its arms the champion that is served now."""
    from tradewind.cli.standing import ROLLOUT
    from tradewind.serving.rollout.state import load

    held = load(ask.state / ROLLOUT / f"{experiment.name}.rollout")
    if held is None or held.status != "promoted" or held.experiment != experiment.id:
        return False
    won = any(arm.name == held.winner and arm.model == champion for arm in experiment.arms)
    if won:
        show.note(f"The experiment {experiment.name} has ended: {champion} is the champion now")
    return won


def _check(ask: Ask) -> None:
    if ask.model is not None and ask.deployment is not None:
        raise UsageError("--model and --deployment both say what is served", fix="give one of them")
    if ask.model is None and not ask.deployment_file.exists():
        raise UsageError(
            "there is nothing to serve", field="model", fix="give --model and --prices, or --deployment FILE"
        )
    if ask.model is not None and ask.prices is None:
        raise UsageError(
            "a model is exported and checked on prices", field="prices", fix="give --prices, or --deployment FILE"
        )
    if ask.role not in {"all", "features", "api"}:
        raise UsageError(f"--role {ask.role!r} is not known", fix="use all, features or api")
    if ask.features not in {"all", "model"}:
        raise UsageError(f"--features {ask.features!r} is not known", fix="use all or model")
    if ask.role == "api" and ask.parity_at is not None:
        raise UsageError("a server of role api computes no features", field="parity-at", fix="leave out --parity-at")
    if ask.role == "api" and (ask.redis is None or ask.kafka is None):
        raise UsageError("a server of role api needs --redis and --kafka", fix="give both, or --role all")


def _level(text: str) -> str:
    level = text.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise UsageError(f"--log-level {text!r} is not known", fix="use debug, info, warning or error")
    return level


def _secrets(ask: Ask) -> None:
    if ask.kafka_password_file is not None:
        os.environ["TRADEWIND_KAFKA_PASSWORD"] = _secret(ask.kafka_password_file)


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", file=path, fix="give the file that holds the password"
        ) from error


def _with_password(url: str | None, file: Path | None) -> str | None:
    """Return the URL with the password of ``file`` in it."""
    if url is None or file is None:
        return url
    parts = urlsplit(url)
    user = parts.username or "default"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(_secret(file), safe='')}@{host}"))
