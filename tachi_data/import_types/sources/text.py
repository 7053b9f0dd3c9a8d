"""Reading text."""

from __future__ import annotations

from tachi_data.import_types.model import Source
from tachi_data.reference.text import BLANKS


def text_of(source: Source) -> str:
    """The file as text: UTF-8. Invalid bytes become U+FFFD, and a byte order mark is dropped."""
    data = source.data
    decoded = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
    return decoded.removeprefix("\ufeff")


def trimmed(content: str) -> str:
    """Without Unicode white space (and U+FEFF) at both ends, as `words.trim` makes it of a column."""
    return content.strip(BLANKS)
