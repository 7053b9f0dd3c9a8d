"""The import types: one file per format or family, found by walking this package."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from tachi_data.import_types.declarations import FAMILIES, check
from tachi_data.import_types.model import ImportType

FOLDERS = FAMILIES


@cache
def all_import_types() -> dict[str, ImportType]:
    """Return all import types, from the tuple ``IMPORT_TYPES`` of every module in the folders.

    Returns:
        The import types by ID. The dict is made once, so do not change it.

    Raises:
        ValueError: Two types have one ID, or a declaration does not fit its game; the module is named.

    Example:
        >>> td.all_import_types()["file/batch-manual"].title
        'BATCH-MANUAL'
    """
    found: dict[str, ImportType] = {}
    for folder in FOLDERS:
        package = import_module(f"tachi_data.import_types.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.startswith("_"):
                continue
            for kind in _declared(f"{package.__name__}.{module.name}"):
                if kind.id in found:
                    raise ValueError(f"two import types are called {kind.id}")
                found[kind.id] = kind
    return found


def _declared(module: str) -> tuple[ImportType, ...]:
    """Return the import types of a module, checked against their games."""
    try:
        kinds: tuple[ImportType, ...] = import_module(module).IMPORT_TYPES
        for kind in kinds:
            check(kind)
    except ValueError as problem:
        raise ValueError(f"{module}: {problem}") from problem
    return kinds
