"""Every encoding in which files come is read, or refused with a sentence; no byte is ever replaced."""

from __future__ import annotations

import json

import pytest

from tachi_data.errors import ImportFatal
from tachi_data.import_types.model import Source
from tachi_data.import_types.sources.json import json_value
from tachi_data.import_types.sources.text import text_of

CSV = "楽曲名,難易度,ハイスコア\n夜のバス,EXHAUST,9876543\nﾊﾝｶｸ,MAXIMUM,1\n冥,NOVICE,2\n"
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")


@pytest.mark.parametrize("encoding", [*UNICODE, "cp932", "shift_jis", "euc_jp"])
@pytest.mark.parametrize("text", [CSV, CSV.replace("\n", "\r\n"), CSV * 50])
def test_text_is_read_in_its_encoding(text: str, encoding: str) -> None:
    assert text_of(Source(text.encode(encoding))) == text


@pytest.mark.parametrize("text", ["", "title\nplain,1\n", "title\nCafé,1\n", "Paper\x00Comet"])
def test_utf_8_stays_what_it_is(text: str) -> None:
    assert text_of(Source(text.encode())) == text_of(Source(text)) == text


@pytest.mark.parametrize(
    "data",
    [
        "title\nDétraqué,1\n".encode("cp1252"),  # Could be Shift-JIS, but for the missing kana.
        "title\nCafé,1\n".encode("cp1252"),
        "title\n冥,1\n".encode("cp932"),
        "title\nﾊﾝｶｸ,1\n".encode("cp932"),  # Could be EUC-JP.
        "title\nМузыка,1\n".encode("koi8-r"),
        "title\n음악,1\n".encode("euc-kr"),
        CSV.encode() + b"\xff",
        CSV.encode("utf-16-le")[:-1],
        b"\xff\xfe" + CSV.encode("utf-16-le")[:-1],
        b"\xef\xbb\xbf" + CSV.encode("cp932"),
    ],
)
def test_other_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(
        ImportFatal, match=r"^The file is (not UTF-8|cut off or damaged)"
    ) as refused:
        text_of(Source(data))
    assert refused.value.status_code == 400


def test_the_sentence_names_the_byte_and_its_line() -> None:
    with pytest.raises(ImportFatal, match="line 2 has the byte 0xE9"):
        text_of(Source("title\nCafé,1\n".encode("cp1252")))


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("Shift_JIS", "cp932"), ("EUC-JP", "euc_jp"), ("ISO-8859-1", "latin-1"), ("UTF-8", "utf-8")],
)
def test_a_declaration_of_xml_counts_where_utf_8_does_not_fit(declared: str, encoding: str) -> None:
    title = "Café" if encoding == "latin-1" else "冥の夜"
    document = f'<?xml version="1.0" encoding="{declared}"?><a>{title}</a>'
    assert text_of(Source(document.encode(encoding))) == document
    assert text_of(Source(document.encode())) == document


@pytest.mark.parametrize("encoding", UNICODE)
def test_json_is_unicode(encoding: str) -> None:
    value = {"identifier": "夜のバス", "scores": [1, 2.5, None]}
    assert json_value(json.dumps(value, ensure_ascii=False).encode(encoding)) == value


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
def test_other_json_is_refused(encoding: str) -> None:
    with pytest.raises(ImportFatal, match="not UTF-8"):
        json_value('{"identifier": "夜のバス"}'.encode(encoding))


def test_json_may_have_half_a_pair_and_huge_numbers() -> None:
    assert json_value(b'["a\\ud800", 1e400]') == ["a\ud800", float("inf")]
