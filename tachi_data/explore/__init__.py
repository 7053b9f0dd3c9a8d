"""Frames and Altair charts about a store, for notebooks; each module is the subject of a notebook.

    from tachi_data import explore

    explore.set_up()                                   # once in each notebook
    store = explore.open_store("tachi.duckdb")         # without a path: the sample
    explore.imports.flow(explore.imports.stages_of(store, explore.sample_job("batch-manual")))
    explore.orphans.reasons(triage(store))
    explore.players.by_level(store, 1, explore.players.gpt_of("iidx:SP"))
    explore.table(explore.health.coverage(store))

DuckDB aggregates large tables before their rows reach Python. The store returns frames, never cursors, so a
notebook lets no writer wait.
"""

from __future__ import annotations

from tachi_data.errors import needing

with needing("tachi_data.explore", "notebooks"):
    from tachi_data.explore import findings, health, imports, orphans, picking, players
    from tachi_data.explore.opening import (
        SAMPLE,
        catalogue_of,
        open_copy,
        open_store,
        sample_job,
        sample_sheet,
        write_export,
    )
    from tachi_data.explore.showing import found, readable, selectable, set_up, summary, table

__all__ = [
    "SAMPLE",
    "catalogue_of",
    "findings",
    "found",
    "health",
    "imports",
    "open_copy",
    "open_store",
    "orphans",
    "picking",
    "players",
    "readable",
    "sample_job",
    "sample_sheet",
    "selectable",
    "set_up",
    "summary",
    "table",
    "write_export",
]
