"""The import types: one file per format or family, found by walking this package."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from tachi_data.import_types.model import ImportType

FOLDERS = ("file", "api", "ir")


@cache
def all_import_types() -> dict[str, ImportType]:
    """All import types by id. Having an ``IMPORT_TYPES`` tuple in a module here is being registered."""
    found: dict[str, ImportType] = {}
    for folder in FOLDERS:
        package = import_module(f"tachi_data.import_types.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.startswith("_"):
                continue
            for kind in import_module(f"{package.__name__}.{module.name}").IMPORT_TYPES:
                if kind.id in found:
                    raise ValueError(f"two import types are called {kind.id}")
                found[kind.id] = kind
    return found
