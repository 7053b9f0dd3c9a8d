"""BATCH-MANUAL as an uploaded file: the JSON format in which clients describe scores themselves."""

from __future__ import annotations

from tachi_data import games
from tachi_data.import_types import batch_manual as _batch_manual
from tachi_data.import_types.model import ImportType, Parsed, Source
from tachi_data.import_types.sources.json import json_document


def parse(source: Source) -> Parsed:
    """The file is the document."""
    return _batch_manual.parse_document(json_document(source))


IMPORT_TYPES = (
    ImportType(
        id="file/batch-manual",
        title="BATCH-MANUAL",
        games=games.names(),
        parse=parse,
        conversion=lambda gpt: _batch_manual.conversion(gpt, "BATCH-MANUAL"),
    ),
)
