"""The score-import system of the rhythm-game tracker Tachi, as a data toolkit.

import tachi_data as td

store = td.open_store("tachi.duckdb")
td.load_catalogue(store, "data/sample/catalogue")
outcome = td.import_scores(store, "file/batch-manual", "scores.json", user_id=1)
outcome.document, outcome.datapoints
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tachi_data.version import __version__ as __version__

# Names are loaded when they are first used: a command line that only shows its help stays quick.
_PUBLIC = {
    "CatalogueDiff": "tachi_data.catalogue",
    "CatalogueError": "tachi_data.errors",
    "ImportFatal": "tachi_data.errors",
    "ImportJob": "tachi_data.importing",
    "ImportOutcome": "tachi_data.importing",
    "ImportSet": "tachi_data.importing",
    "OrphanReport": "tachi_data.orphans",
    "Store": "tachi_data.store",
    "StoreError": "tachi_data.errors",
    "TachiError": "tachi_data.errors",
    "all_import_types": "tachi_data.import_types",
    "blacklist_scores": "tachi_data.upkeep",
    "catalogue_sync": "tachi_data.catalogue",
    "copy_store": "tachi_data.store",
    "export_documents": "tachi_data.exporting",
    "import_many": "tachi_data.imports",
    "import_scores": "tachi_data.imports",
    "ingest_orphans": "tachi_data.orphans",
    "load_catalogue": "tachi_data.catalogue",
    "maintain": "tachi_data.store",
    "open_store": "tachi_data.tables",
    "patch_catalogue": "tachi_data.catalogue",
    "reprocess_orphans": "tachi_data.orphans",
    "revert_import": "tachi_data.upkeep",
    "subscribe": "tachi_data.standings.goals",
    "unsubscribe": "tachi_data.standings.goals",
    "update_scores": "tachi_data.upkeep",
    "verify": "tachi_data.upkeep",
}

__all__ = ["__version__", *sorted(_PUBLIC)]

if TYPE_CHECKING:
    from tachi_data import schemas as schemas
    from tachi_data.catalogue import CatalogueDiff as CatalogueDiff
    from tachi_data.catalogue import catalogue_sync as catalogue_sync
    from tachi_data.catalogue import load_catalogue as load_catalogue
    from tachi_data.catalogue import patch_catalogue as patch_catalogue
    from tachi_data.errors import CatalogueError as CatalogueError
    from tachi_data.errors import ImportFatal as ImportFatal
    from tachi_data.errors import StoreError as StoreError
    from tachi_data.errors import TachiError as TachiError
    from tachi_data.exporting import export_documents as export_documents
    from tachi_data.import_types import all_import_types as all_import_types
    from tachi_data.importing import ImportJob as ImportJob
    from tachi_data.importing import ImportOutcome as ImportOutcome
    from tachi_data.importing import ImportSet as ImportSet
    from tachi_data.imports import import_many as import_many
    from tachi_data.imports import import_scores as import_scores
    from tachi_data.orphans import OrphanReport as OrphanReport
    from tachi_data.orphans import ingest_orphans as ingest_orphans
    from tachi_data.orphans import reprocess_orphans as reprocess_orphans
    from tachi_data.standings.goals import subscribe as subscribe
    from tachi_data.standings.goals import unsubscribe as unsubscribe
    from tachi_data.store import Store as Store
    from tachi_data.store import copy_store as copy_store
    from tachi_data.store import maintain as maintain
    from tachi_data.tables.opening import open_store as open_store
    from tachi_data.upkeep import blacklist_scores as blacklist_scores
    from tachi_data.upkeep import revert_import as revert_import
    from tachi_data.upkeep import update_scores as update_scores
    from tachi_data.upkeep import verify as verify


def __getattr__(name: str) -> Any:
    if name == "schemas":
        return import_module("tachi_data.schemas")
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
