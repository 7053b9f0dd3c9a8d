"""The samples: for each import type a small invented source, its catalogue, and what comes out.

``tests/import_types/<import type>/`` holds ``input.csv``, ``.json`` or ``.xml`` (a file, a body, or
recorded answers), ``options.json`` if the type has options, ``catalogue.json`` (documents for
`patch_catalogue`) and ``expected.json``, which ``--update-golden`` writes.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tachi_data as td
from tachi_data.import_types import all_import_types

HERE = Path(__file__).parent
PLAYERS = itertools.count(1000)  # Player 1 is that of the golden samples.
NOW = 1_767_225_600_000  # 2026-01-01 UTC


@dataclass(frozen=True)
class Sample:
    """One folder. ``now`` of every import is `NOW`."""

    import_type: str

    @property
    def folder(self) -> Path:
        return HERE / self.import_type

    @property
    def path(self) -> Path:
        """The input file; fails where the sample is missing."""
        (path,) = self.folder.glob("input.*")
        return path

    @property
    def source(self) -> Any:
        return self.path.read_bytes() if self.is_file else json.loads(self.path.read_text())

    @property
    def is_file(self) -> bool:
        return self.import_type.startswith("file/")

    @property
    def options(self) -> dict[str, Any]:
        path = self.folder / "options.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def catalogue(self) -> dict[str, Any]:
        return json.loads((self.folder / "catalogue.json").read_text())

    @property
    def expected(self) -> Path:
        return self.folder / "expected.json"

    def run(
        self, store: td.Store, source: Any = None, *, user_id: int | None = None, now: int = NOW
    ) -> td.ImportOutcome:
        """Import the sample, or another source of its type, for a new player by default."""
        return td.import_scores(
            store,
            self.import_type,
            self.source if source is None else source,
            user_id=next(PLAYERS) if user_id is None else user_id,
            options=self.options,
            now=now,
        )


SAMPLES = [
    Sample(import_type)
    for import_type in all_import_types()
    if any((HERE / import_type).glob("input.*"))
]
