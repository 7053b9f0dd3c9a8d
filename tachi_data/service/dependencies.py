"""The parts of the application that routes and callers ask for, as FastAPI dependencies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from tachi_data.service.callers.memory import HastyStore, Memory
from tachi_data.service.http.limits import Limiter
from tachi_data.service.processing import Processor
from tachi_data.service.settings import Settings
from tachi_data.store import Store


def store_of(request: Request) -> Store:
    """Returns the store of the application."""
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    """Returns the settings of the application."""
    settings: Settings = request.app.state.settings
    return settings


def processor_of(request: Request) -> Processor:
    """Returns the processor, which carries imports out."""
    processor: Processor = request.app.state.processor
    return processor


def limiter_of(request: Request) -> Limiter:
    """Returns the counter of requests, imports and wrong secrets."""
    limiter: Limiter = request.app.state.limiter
    return limiter


def memory_of(request: Request) -> Memory:
    """Returns the memory of callers."""
    memory: Memory = request.app.state.memory
    return memory


def hasty_store_of(request: Request) -> HastyStore:
    """Returns the store for requests that do not wait long for it."""
    store: HastyStore = request.app.state.hasty_store
    return store


def address_of(request: Request) -> str:
    """Returns the address under which the client reaches the service, without a slash at the end.

    It is ``TACHI_BASE_URL`` where that is set, else the scheme and host of the request.
    """
    wanted = settings_of(request).base_url
    return (wanted or str(request.base_url)).rstrip("/")


def poll_address(request: Request, import_id: str) -> str:
    """Returns where this client can ask how far an import is."""
    return f"{address_of(request)}/api/v1/imports/{import_id}/poll-status"


def user_intent(request: Request) -> bool:
    """Returns whether the client says that a person asked for the import."""
    return request.headers.get("x-user-intent", "").lower() == "true"


AppSettings = Annotated[Settings, Depends(settings_of)]
AppProcessor = Annotated[Processor, Depends(processor_of)]
OpenStore = Annotated[Store, Depends(store_of)]
