"""Reading the rows of the statements of this room."""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data.store import Store, statements

sql = statements("tachi_data.explore")


def query(store: Store, name: str, **parameters: Any) -> pl.DataFrame:
    """Returns the rows of a statement of ``queries.sql``, or of the file ``<name>.sql``."""
    return store.query(sql(name), parameters or None)
