"""The application: operations of every view, the page itself, and one way to fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from tradewind import __version__
from tradewind.web import pages, projects_api, session_api
from tradewind.web.access import AccessStore, Throttle
from tradewind.web.access import api as people_api
from tradewind.web.border import Border
from tradewind.web.guard import opens
from tradewind.web.live import Live
from tradewind.web.problems import ProblemShape, handle_problems
from tradewind.web.ratings import RatingStore
from tradewind.web.ratings import api as ratings_api
from tradewind.web.roles import View
from tradewind.web.settings import DashboardSettings
from tradewind.web.views import ROUTERS
from tradewind.web.views.oncall.warming import steps_of as oncall_steps
from tradewind.web.warmer import Warmer
from tradewind.web.watcher import Watcher
from tradewind.web.workspace import Workspace


def build_dashboard(workspace: Workspace, settings: DashboardSettings | None = None) -> FastAPI:
    """Return the ASGI application over ``workspace``.

    Raises
    ------
    UsageError : the dashboard's store cannot be opened.
    """
    settings = settings or DashboardSettings()
    live = Live()

    def tell(topic: str) -> None:
        live.tell(topic)
        if topic in ("jobs", "projects", "journal", "monitor"):
            warmer.wake()

    watcher = Watcher(workspace, tell)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        live.bind()
        watcher.start()
        warmer.start()
        try:
            yield
        finally:
            live.close()
            watcher.stop()
            warmer.stop()

    failed = {code: {"model": ProblemShape} for code in (401, 403, 404, 422)}
    app = FastAPI(
        title="Tradewind dashboard",
        version=__version__,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses=failed,  # type: ignore[arg-type]
        generate_unique_id_function=lambda route: route.name,
    )
    warmer = Warmer(workspace, more=oncall_steps(app.state, workspace))
    app.state.workspace, app.state.settings, app.state.live = workspace, settings, live
    app.state.access = AccessStore(workspace.store, hours=settings.session_hours)
    app.state.throttle = Throttle()
    app.state.ratings = RatingStore(workspace.store)
    handle_problems(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=4)
    app.add_middleware(Border, headers=pages.SECURITY, answered=warmer.answered)
    app.add_middleware(pages.Built)  # added last: it comes first

    app.include_router(session_api.router)
    app.include_router(people_api.router)
    app.include_router(ratings_api.router)
    app.include_router(projects_api.router)
    for view, router in ROUTERS.items():
        app.include_router(
            router, prefix=f"/api/{view.value}", tags=[view.value], dependencies=[Depends(opens(View(view)))]
        )
    app.include_router(pages.router)
    return app
