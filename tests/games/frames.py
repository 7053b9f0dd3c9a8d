"""Frames of scores for tests: typed columns for all that expressions of a game may read."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from tachi_data.games import GPT
from tachi_data.names import snake


def readable_columns(gpt: GPT) -> dict[str, pl.DataType]:
    """The columns that metrics, validators and score ratings may read, with their types."""
    return {
        "chart_id": pl.String(),
        **{snake(n): m.dtype for n, m in gpt.provided.items()},
        **{f"judgements.{snake(n)}": pl.Int64() for n in gpt.judgements},
        **{f"optional.{snake(n)}": m.dtype for n, m in gpt.optional.items()},
        **{f"chart.{snake(n)}": dtype for n, dtype in gpt.chart_data.items()},
        "chart.level_num": pl.Float64(),
        "chart.difficulty": pl.String(),
    }


def score_frame(gpt: GPT, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """One row per mapping of column to value; what a mapping lacks is null."""
    columns = readable_columns(gpt)
    filled = [dict.fromkeys(columns) | dict(row) for row in rows]
    return pl.DataFrame(filled, schema=columns, strict=False)
