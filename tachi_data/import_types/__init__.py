"""The import types: one file per format or family, found by walking this package."""

from __future__ import annotations

import pkgutil
import sys
from functools import cache
from importlib import import_module
from types import ModuleType

from tachi_data.import_types.clients import (
    Attachment,
    Call,
    Client,
    Question,
    Reply,
    Route,
    Stored,
)
from tachi_data.import_types.model import (
    Conversion,
    ImportType,
    Link,
    Parsed,
    Rule,
    Service,
    Source,
)

__all__ = [
    "Attachment",
    "Call",
    "Client",
    "Conversion",
    "ImportType",
    "Link",
    "Parsed",
    "Question",
    "Reply",
    "Route",
    "Rule",
    "Service",
    "Source",
    "Stored",
    "import_types",
]

FOLDERS = ("file", "api", "ir")


@cache
def import_types() -> dict[str, ImportType]:
    """All import types by id. Having an ``IMPORT_TYPES`` tuple in a module here is being registered."""
    found: dict[str, ImportType] = {}
    for folder in FOLDERS:
        package = import_module(f"{__name__}.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.startswith("_"):
                continue
            for kind in import_module(f"{package.__name__}.{module.name}").IMPORT_TYPES:
                if kind.id in found:
                    raise ValueError(f"two import types are called {kind.id}")
                found[kind.id] = kind
    return found


class _Callable(ModuleType):
    """``td.import_types()`` works, although importing this package hides the function of that name."""

    def __call__(self) -> dict[str, ImportType]:
        """All import types by id."""
        return import_types()


sys.modules[__name__].__class__ = _Callable
