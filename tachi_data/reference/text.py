"""What titles are compared by: simple case folding, and the blanks that do not count at the ends.

Folding: one code point becomes one code point, whatever stands around it and whatever the language: ``Σ``,
``σ`` and ``ς`` are equal, ``ß`` and ``ss`` are not, nor are full-width and half-width letters.
"""

from __future__ import annotations

from functools import cache

import polars as pl

# White space at the ends of a text that JavaScript's trim() takes away, and so the reference.
BLANKS = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)

# Where letters with case are: not among ideographs, Hangul and surrogates, nor in the planes above.
_CASED = (range(0x3000), range(0xA000, 0xAC00), range(0xF900, 0x20000))


def fold(text: pl.Expr) -> pl.Expr:
    """The text with every code point folded.

    >>> titles = pl.DataFrame({"title": ["ÉTUDE Στις", "Straße", None]})
    >>> titles.select(fold(pl.col("title"))).to_series().to_list()
    ['étude στισ', 'straße', None]
    """
    return text.map_batches(_folded_texts, return_dtype=pl.String, is_elementwise=True)


def fold_text(text: str) -> str:
    """One text with every code point folded, exactly as `fold` does it.

    >>> fold_text("ﬁn ＡＢＣ")
    'ﬁn ａｂｃ'
    """
    return text.translate(_translation())


def _folded(letter: str) -> str:
    """The letter itself where its folded form would be several."""
    return next((f for f in (letter.casefold(), letter.lower()) if len(f) == 1), letter)


def _folded_texts(texts: pl.Series) -> pl.Series:
    """To look for every letter takes milliseconds to prepare; a few texts are often ASCII, which needs none."""
    if (texts.str.len_bytes() == texts.str.len_chars()).all():
        return texts.str.to_lowercase()
    return texts.str.replace_many(*_letters())


@cache
def _translation() -> dict[int, str]:
    letters = ((code, chr(code)) for codes in _CASED for code in codes)
    return {code: folded for code, letter in letters if (folded := _folded(letter)) != letter}


@cache
def _letters() -> tuple[pl.Series, pl.Series]:
    """Every letter that folding changes, and what it becomes."""
    pairs = _translation()
    columns = ([chr(code) for code in pairs], list(pairs.values()))
    upper, lower = (pl.Series(column).implode() for column in columns)
    return upper, lower
