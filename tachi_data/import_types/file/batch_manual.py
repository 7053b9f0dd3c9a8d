"""BATCH-MANUAL as an uploaded file: the JSON format in which clients describe scores themselves."""

from __future__ import annotations

from tachi_data import games
from tachi_data.import_types import _batch_manual, _parse
from tachi_data.import_types._model import ImportType, Parsed, Source


def parse(source: Source) -> Parsed:
    """The file is the document."""
    return _batch_manual.parse_document(_parse.json_document(source))


IMPORT_TYPES = (
    ImportType(
        id="file/batch-manual",
        title="BATCH-MANUAL",
        games=games.names(),
        parse=parse,
        conversion=lambda gpt: _batch_manual.conversion(gpt, "BATCH-MANUAL"),
    ),
)
