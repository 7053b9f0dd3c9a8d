"""The application: its state, its layers, its routes, and the page for people."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from tachi_data.clock import unix_ms
from tachi_data.escaping import as_script
from tachi_data.import_types import all_import_types
from tachi_data.service.callers.memory import HastyStore, Memory
from tachi_data.service.centre import Address, Centre
from tachi_data.service.dependencies import settings_of
from tachi_data.service.http import envelope as _envelope
from tachi_data.service.http.edge import Edge
from tachi_data.service.http.limits import Limiter
from tachi_data.service.http.proxies import Proxies
from tachi_data.service.processing import Processor
from tachi_data.service.routes import clients as _clients
from tachi_data.service.routes import history as _history
from tachi_data.service.routes import imports as _imports
from tachi_data.service.routes import orphans as _orphans
from tachi_data.service.routes import players as _players
from tachi_data.service.routes import profiles as _profiles
from tachi_data.service.routes import status as _status
from tachi_data.service.settings import Settings
from tachi_data.tables.opening import open_store
from tachi_data.version import __version__

log = logging.getLogger("tachi_data.service")
SHUTDOWN_S = 60.0


def create_app(settings: Settings | None = None, centre: Address | None = None) -> FastAPI:
    """The application on its store; made anew for each server process.

    Args:
        settings: Its settings; by default those of the environment.
        centre: Where another process has the centre; by default the application has its own.
    """
    settings = settings or Settings()
    store = open_store(settings.store)
    used = centre.connect() if centre else Centre(store, settings)
    app = FastAPI(
        title="tachi_data",
        version=__version__,
        description="Score imports of the rhythm-game tracker Tachi.",
        lifespan=_lifespan,
    )
    app.state.settings, app.state.store = settings, store
    app.state.limiter = Limiter(settings, used.count)
    app.state.own_centre = None if centre else used
    app.state.processor = Processor(store, settings, used)
    app.state.hasty_store, app.state.memory = HastyStore(settings.store), Memory()
    app.state.started = unix_ms()
    app.add_middleware(
        Edge,
        limiter=app.state.limiter,
        body_timeout_s=settings.body_timeout_s,
        bodies_at_once=settings.bodies_at_once,
    )
    if settings.trusted_proxies:
        app.add_middleware(Proxies, trusted=settings.trusted_proxies)
    _envelope.install(app)
    for router in (
        _imports.router,
        _clients.router(settings),
        _orphans.router,
        _history.router,
        _profiles.router,
        _status.router,
        _players.router(settings),
    ):
        # FastAPI looks twice for a route of an included router; that took half of what a request costs here.
        app.router.routes += router.routes
    app.get("/", include_in_schema=False)(page)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    own: Centre | None = app.state.own_centre
    if own is not None:
        await run_in_threadpool(own.resume)
    yield
    for work in (app.state.processor.work, *([own.work] if own else [])):
        if not await run_in_threadpool(work.wait, SHUTDOWN_S):
            log.error("imports were still running after %.0f seconds", SHUTDOWN_S)
    app.state.store.close()


async def page(request: Request) -> HTMLResponse:
    """A page for people: upload a file, see what became of it, and look at orphans."""
    text = files("tachi_data.service").joinpath("page.html").read_text(encoding="utf-8")
    offered = (all_import_types()[name] for name in settings_of(request).offered("file"))
    kinds = [
        {"id": k.id, "title": k.title, "options": [o for o in k.options if o != "filename"]}
        for k in offered
    ]
    policy = "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(
        text.replace("__KINDS__", as_script(kinds)), headers={"Content-Security-Policy": policy}
    )
