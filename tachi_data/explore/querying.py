"""Questions to a store: one ``.sql`` file each."""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data.store import Store, statements

sql = statements("tachi_data.explore")


def query(store: Store, name: str, **parameters: Any) -> pl.DataFrame:
    """The rows of one of the queries beside this file, ``<name>.sql``."""
    return store.query(sql(name), parameters or None)
