"""Reading text."""

from __future__ import annotations

from tachi_data.import_types.model import Source
from tachi_data.reference.text import BLANKS


def text_of(source: Source) -> str:
    """Read the file as UTF-8 text. Invalid bytes become U+FFFD, and a byte order mark is dropped."""
    data = source.data
    decoded = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
    return decoded.removeprefix("\ufeff")


def trimmed(content: str) -> str:
    """Remove Unicode white space (and U+FEFF) from both ends, like `words.trim` for a column."""
    return content.strip(BLANKS)
