"""Pages of the documentation that are made out of declarations, when it is built."""

from __future__ import annotations

from typing import Any

from tachi_data.import_types import all_import_types
from tachi_data.import_types.reference import document
from tachi_data.tables import reference as tables

PLACE = "<!-- import types -->"
COLUMNS = "<!-- columns -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the import types and the stored tables where a page wants them."""
    if COLUMNS in markdown:
        markdown = markdown.replace(COLUMNS, tables.document())
    if PLACE not in markdown:
        return markdown
    return markdown.replace(
        PLACE, "\n".join(document(kind) for kind in all_import_types().values())
    )
