"""The score-import system of the rhythm-game tracker Tachi, as a data toolkit.

import tachi_data as td

store = td.open_store("tachi.duckdb")
td.load_catalogue(store, "data/sample/catalogue")
outcome = td.import_scores(store, "file/batch-manual", "scores.json", user_id=1)
outcome.document, outcome.datapoints

The public names are those of ``__init__.pyi``. Each is loaded when it is first used, so that a command
line that only shows its help stays quick.
"""

import ast
from importlib import import_module
from pathlib import Path


def _public_names() -> dict[str, str]:
    """Return the module that has each public name, as the stub beside this file says."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = (line for line in stub.body if isinstance(line, ast.ImportFrom))
    return {name.name: str(line.module) for line in imports for name in line.names}


_PUBLIC = _public_names()
__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _PUBLIC[name]
    if module == __name__:
        return import_module(f"{module}.{name}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
