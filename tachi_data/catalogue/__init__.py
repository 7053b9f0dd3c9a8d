"""Songs and charts, and what hangs on them: folders, goals, quests.

    diff = load_catalogue(store, "database-seeds/collections")
    patch_catalogue(store, {"songs-iidx": [song], "charts-iidx": [chart]})

The documents become tables (``songs``, ``charts``, …) and, once per change, tables of keys
(``song_keys``, ``chart_keys``) by which look-ups are joins on equality. Every change makes a new
version of the catalogue, and ``catalogue_changes`` says which keys find something else since.
"""

from __future__ import annotations

from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.catalogue.derived import renamed_charts, rules_of_today
from tachi_data.catalogue.documents.applying import (
    Update,
    apply,
    catalogue_generation,
    catalogue_version,
)
from tachi_data.catalogue.documents.diff import CatalogueDiff
from tachi_data.catalogue.documents.loading import (
    diff_catalogue,
    load_catalogue,
    patch_catalogue,
    patch_of,
    status,
    update_of,
)
from tachi_data.catalogue.fetching import sync
from tachi_data.catalogue.generations import rules, stale
from tachi_data.tables.catalogue import TABLES

__all__ = [
    "TABLES",
    "CatalogueDiff",
    "Update",
    "apply",
    "catalogue_generation",
    "catalogue_version",
    "chart_frame",
    "diff_catalogue",
    "load_catalogue",
    "patch_catalogue",
    "patch_of",
    "renamed_charts",
    "rules",
    "rules_of_today",
    "stale",
    "status",
    "sync",
    "update_of",
]
