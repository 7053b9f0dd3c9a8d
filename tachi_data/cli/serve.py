"""``tachi-data serve``, ``worker`` and ``lab``: the HTTP service, the worker of its imports, and JupyterLab."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tachi_data.cli._shared import opened
from tachi_data.errors import TachiError, needing


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes that answer.")] = 1,
) -> None:
    """Start the HTTP service. Its other settings are environment variables, see the documentation."""
    with needing("The HTTP service", "api"):
        from tachi_data.service import Settings
        from tachi_data.service.running import run

    run(Settings(store=context.obj.store), host, port, workers)


def worker(
    context: typer.Context,
    spool: Annotated[
        Path, typer.Option(envvar="TACHI_SPOOL", help="Folder of accepted imports.")
    ] = Path("spool"),
    once: Annotated[bool, typer.Option("--once", help="Stop when the queue is empty.")] = False,
) -> None:
    """Do the imports that a service with external processing has accepted."""
    from tachi_data.backlog import queue

    with opened(context) as store:
        while True:
            queue.work(store, spool)
            if once:
                return
            time.sleep(1)


def lab(
    folder: Annotated[Path, typer.Argument(help="Folder of notebooks.")] = Path("notebooks"),
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Whether a browser is opened.")] = True,
) -> None:
    """Start JupyterLab on a folder of notebooks."""
    with needing("JupyterLab", "notebooks"):
        from jupyterlab.labapp import main
    if not folder.is_dir():
        raise TachiError(
            f"{str(folder)!r}: expected a folder of notebooks, as in the sources of tachi_data."
        )
    options = [f"--notebook-dir={folder.resolve()}", f"--port={port}"]
    main(options if browser else [*options, "--no-browser"])
