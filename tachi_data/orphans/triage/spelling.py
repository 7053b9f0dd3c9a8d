"""What titles are compared by when a song is suggested: looser than any look-up, which never takes the result."""

from __future__ import annotations

import sys
from functools import cache

import polars as pl

# What is no letter, number or symbol in ASCII; a list of signs is left out three times as fast as a pattern.
_LEFT_OUT = [c for c in map(chr, range(128)) if not c.isalnum() and c not in "$+<=>^`|~"]


def loosened(texts: pl.Series) -> pl.Series:
    """Returns texts folded by compatibility and case (``ß`` is ``ss``), without marks, punctuation and blanks.

    Texts in ASCII, most of them, need no normalisation, which takes most of the time.

    >>> loosened(pl.Series(["Ｃａｆé, Noir!", "A-b c", "GROẞE Straße"])).to_list()
    ['cafenoir', 'abc', 'grossestrasse']
    """
    title = pl.col("title")
    rows = pl.DataFrame({"title": texts}, schema={"title": pl.String}).with_row_index("at")
    is_ascii = title.str.len_bytes() == title.str.len_chars()
    plain = rows.filter(is_ascii.fill_null(True)).with_columns(
        title.str.to_lowercase().str.replace_many(_LEFT_OUT, [""])
    )
    lower = title.str.normalize("NFKC").str.to_lowercase().str.replace_many(*_folds())
    others = rows.filter(~is_ascii).with_columns(
        lower.str.normalize("NFKD").str.replace_all(r"[^\p{L}\p{N}\p{S}]", "")
    )
    return pl.concat([plain, others]).sort("at")["title"]


def loosened_text(text: str) -> str:
    """Returns one text as `loosened` does it."""
    return str(loosened(pl.Series([text]))[0])


@cache
def _folds() -> tuple[list[str], list[str]]:
    """The letters that folding changes although they are small, and what they become."""
    letters = map(chr, range(sys.maxunicode + 1))
    pairs = {c: c.casefold() for c in letters if c.lower() == c != c.casefold()}
    return list(pairs), list(pairs.values())
