"""Running the application on a socket, with uvicorn."""

from __future__ import annotations

from tachi_data.service.app import create_app
from tachi_data.service.http.connections import BACKLOG, protocol
from tachi_data.service.http.logging import LOGGING
from tachi_data.service.settings import Settings

STOP_S = 60


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal asks to stop, then wait up to a minute for requests that are running."""
    import uvicorn

    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        http=protocol(settings),  # type: ignore[arg-type]
        # Which proxies are trusted is a setting of ours; uvicorn would trust all of this machine.
        proxy_headers=False,
        # As many connections are accepted at a time, before anything counts them.
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_S,
        log_config=LOGGING,
    )
