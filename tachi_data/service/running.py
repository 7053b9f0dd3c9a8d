"""Running the application on a socket, with uvicorn: in this process, or in several."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tachi_data.service.app import SHUTDOWN_S, create_app
from tachi_data.service.centre import Address, Centre, offered
from tachi_data.service.http.connections import BACKLOG, Protocol
from tachi_data.service.http.logging import LOGGING
from tachi_data.service.settings import Settings
from tachi_data.tables.opening import open_store

log = logging.getLogger("tachi_data.service")
STOP_S = 60


def run(settings: Settings, host: str, port: int, workers: int = 1) -> None:
    """Serve until a signal asks to stop, then wait up to a minute for requests that are running.

    Args:
        settings: The settings of the service.
        host: Address to listen on.
        port: Port to listen on.
        workers: Number of processes that answer. Where there are several, this process answers none, and has the
            centre that they ask.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    def config(centre: Address | None) -> uvicorn.Config:
        return uvicorn.Config(
            partial(create_app, settings, centre),
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=Protocol(settings),  # type: ignore[arg-type]
            # Which proxies are trusted is a setting of ours; uvicorn would trust all of this machine.
            proxy_headers=False,
            # As many connections are accepted at a time, before anything counts them.
            backlog=BACKLOG,
            timeout_graceful_shutdown=STOP_S,
            log_config=LOGGING,
        )

    if workers == 1:
        uvicorn.Server(config(None)).run()
        return
    with open_store(settings.store) as store, TemporaryDirectory() as folder:
        centre = Centre(store, settings)
        served = config(offered(centre, Path(folder)))
        centre.resume()
        Multiprocess(served, [served.bind_socket()]).run()
        if not centre.work.wait(SHUTDOWN_S):
            log.error("imports were still running after %.0f seconds", SHUTDOWN_S)
