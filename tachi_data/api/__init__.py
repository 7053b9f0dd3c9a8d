"""The HTTP service: the three import endpoints of Tachi, and what a client needs around them."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse

import tachi_data
from tachi_data.api import _envelope, _imports, _status
from tachi_data.api._limits import Limiter
from tachi_data.api._processing import Processor
from tachi_data.api._settings import Settings
from tachi_data.importing import queue
from tachi_data.opening import open_store

__all__ = ["Settings", "create_app"]

log = logging.getLogger("tachi_data.api")
SHUTDOWN_S = 60.0


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application on its store; made anew for each server process."""
    settings = settings or Settings()
    store = open_store(settings.store)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(queue.recover, store)
        if settings.external_processing:
            app.state.processor.nudge()
        yield
        if not await run_in_threadpool(app.state.processor.wait, SHUTDOWN_S):
            log.error("imports were still running after %.0f seconds", SHUTDOWN_S)
        store.close()

    app = FastAPI(
        title="tachi_data",
        version=tachi_data.__version__,
        description="Score imports of the rhythm-game tracker Tachi.",
        lifespan=lifespan,
    )
    app.state.settings, app.state.store = settings, store
    app.state.limiter, app.state.processor = Limiter(settings), Processor(store, settings)
    app.state.started = time.time_ns() // 1_000_000
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"],
        allow_headers=["Content-Type", "X-User-Intent", "Authorization"],
    )
    _envelope.install(app)

    def limited(request: Request) -> None:
        app.state.limiter.check_request(request)

    for router in (_imports.router, _imports.ir, _status.router):
        app.include_router(router, dependencies=[Depends(limited)])

    @app.get("/", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(
            files("tachi_data.api").joinpath("page.html").read_text(encoding="utf-8")
        )

    return app
