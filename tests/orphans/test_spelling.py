"""Suggestions and the answer about orphans compare titles by one rule."""

from __future__ import annotations

import sys
import unicodedata

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.orphans.triage.spelling import loosened, loosened_text

LETTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


def by_python(text: str) -> str:
    """The rule in the words of Python, for one text."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        c for c in unicodedata.normalize("NFKD", folded) if unicodedata.category(c)[0] in "LNS"
    )


def test_every_letter_is_loosened_as_python_does_it() -> None:
    assigned = [c for c in LETTERS if unicodedata.category(c) not in ("Cn", "Co")]
    got = loosened(pl.Series(assigned)).to_list()
    wrong = [(c, g) for c, g in zip(assigned, got, strict=True) if g != by_python(c)]
    assert wrong == []


@given(st.lists(st.text(st.sampled_from("aZ ßẞςΣÉéİıﬁＡ１!・ー゛が\u0301$"), max_size=8)))
def test_texts_keep_their_order_and_are_loosened_alike(texts: list[str]) -> None:
    got = loosened(pl.Series(texts, dtype=pl.String)).to_list()
    assert got == [by_python(text) for text in texts]
    assert got == [loosened_text(text) for text in texts]
