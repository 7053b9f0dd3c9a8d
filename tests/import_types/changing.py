"""Importing a changed sample, for tests of one import type."""

from __future__ import annotations

from typing import Any

import tachi_data as td
from tests.conftest import Open
from tests.import_types.samples import NOW, PLAYERS, Sample


class Trial:
    """One import by a new player, with the sample's catalogue and more documents."""

    def __init__(self, open_stores: Open, import_type: str, *, catalogue: Any = None) -> None:
        self.sample = Sample(import_type)
        self.store = open_stores(self.sample.catalogue | (catalogue or {}))
        self.player = next(PLAYERS)

    def run(
        self, *changes: tuple[str, str], source: Any = None, **options: Any
    ) -> list[tuple[str, str | None]]:
        """Import the sample with texts exchanged; gives outcome and chart of each datapoint."""
        content = self.sample.source if source is None else source
        for old, new in changes:
            assert old.encode() in content, old
            content = content.replace(old.encode(), new.encode())
        outcome = td.import_scores(
            self.store,
            self.sample.import_type,
            content,
            user_id=self.player,
            options=self.sample.options | options,
            now=NOW,
        )
        return outcome.datapoints.select("outcome", "chart_id").rows()

    def documents(self, kind: str) -> list[dict[str, Any]]:
        return td.export_documents(self.store, kind, user_id=self.player)

    def score(self, chart_id: str) -> dict[str, Any]:
        """The one stored score of a chart."""
        (score,) = (s for s in self.documents("scores") if s["chartID"] == chart_id)
        return score
