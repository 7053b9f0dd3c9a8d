from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.reference.text import fold, fold_text


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Étude É", "étude é"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("σίσυφος", "σίσυφοσ"),
        ("Straße", "straße"),
        ("STRASSE", "strasse"),
        ("\u1e9e", "ß"),
        ("ﬁn", "ﬁn"),
        ("ＡＢＣ", "ａｂｃ"),
        ("\u0130", "\u0130"),
        ("ДЖАЗ", "джаз"),
        ("\U00010400", "\U00010428"),
        ("がぎぐ ー 漢字", "がぎぐ ー 漢字"),
        ("", ""),
    ],
)
def test_one_letter_becomes_one_letter(written: str, folded: str) -> None:
    assert fold_text(written) == folded


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), max_size=20))
def test_columns_fold_like_single_texts(texts: list[str | None]) -> None:
    titles = pl.DataFrame({"title": pl.Series(texts, dtype=pl.String)})
    folded = titles.select(fold(pl.col("title")))["title"].to_list()
    assert folded == [None if text is None else fold_text(text) for text in texts]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_folding_keeps_the_length_and_is_done_once(text: str) -> None:
    folded = fold_text(text)
    assert len(folded) == len(text)
    assert fold_text(folded) == folded
