"""What titles are compared by: simple case folding, and one spelling for all kinds of blanks.

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

# Characters without a width, and the other blanks of Unicode, which trim() leaves; none of them tells titles apart.
_INVISIBLE = "\u180e\u200b\u2060\ufeff"
_ALL_BLANKS = BLANKS.replace("\ufeff", "") + "\x1c\x1d\x1e\x1f\x85"
_ODD = f"^ | $|  |[{_INVISIBLE}{_ALL_BLANKS.replace(' ', '')}]"

# Where letters with case are: not among ideographs, Hangul and surrogates, nor in the planes above.
_CASED = (range(0x3000), range(0xA000, 0xAC00), range(0xF900, 0x20000))


def spaced(text: pl.Expr) -> pl.Expr:
    r"""The text with one space for each run of blanks in it, and none at its ends; nothing but blanks stays.

    >>> titles = pl.DataFrame({"title": ["\u3000A\u00a0 B\t", "A\u200bB", "\u3000"]})
    >>> titles.select(spaced(pl.col("title"))).to_series().to_list()
    ['A B', 'AB', '\u3000']
    """
    return text.map_batches(_spaced_texts, return_dtype=pl.String, is_elementwise=True)


def title_key(title: pl.Expr) -> pl.Expr:
    """What a title is looked up by; the catalogue's keys and look-ups both go through here."""
    return spaced(title)


def folded_title_key(title: pl.Expr) -> pl.Expr:
    """What a title, or an artist, is looked up by in any case, likewise on both sides."""
    return fold(spaced(title))


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


def _spaced_texts(texts: pl.Series) -> pl.Series:
    """Most titles have plain spaces only, and to see that is much faster than to replace them."""
    if not texts.str.contains(_ODD).any():
        return texts
    plain = (
        texts.str.replace_all(f"[{_INVISIBLE}]", "")
        .str.replace_all(f"[{_ALL_BLANKS}]+", " ")
        .str.strip_chars(" ")
    )
    return plain.zip_with(plain != "", texts)


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
