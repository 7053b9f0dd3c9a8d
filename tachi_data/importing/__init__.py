"""Importing scores: parse, match, validate, emit. One import or ten thousand take the same road.

    parse(jobs)            -> Parsed     knows no store
    match(parsed, con)     -> Matched    reads the catalogue
    validate(matched, con) -> Judged     reads known scores and charts
    emit(judged, tx)       -> Outcomes   the only stage that writes

Each is a function from a frozen value to a frozen value; `ImportSet` walks the road step by step. Callers
use `tachi_data.imports`.
"""

from __future__ import annotations

from tachi_data.importing.emit import emit
from tachi_data.importing.job import ImportJob, waves
from tachi_data.importing.match import Matched, match
from tachi_data.importing.outcomes import ImportOutcome, Outcomes
from tachi_data.importing.parse import Parsed, parse
from tachi_data.importing.road import Guard, import_set
from tachi_data.importing.steps import ImportSet
from tachi_data.importing.validate import Judged, validate

__all__ = [
    "Guard",
    "ImportJob",
    "ImportOutcome",
    "ImportSet",
    "Judged",
    "Matched",
    "Outcomes",
    "Parsed",
    "emit",
    "import_set",
    "match",
    "parse",
    "validate",
    "waves",
]
