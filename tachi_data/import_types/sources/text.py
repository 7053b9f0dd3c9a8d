"""Reading text: the bytes of a file in any encoding in which files of scores come.

UTF-8 and UTF-16 are told by their byte order mark or their bytes. Shift-JIS (cp932) and EUC-JP are taken only
where the text is Japanese in exactly one of them. Any other file is refused: a guess would damage titles.
"""

from __future__ import annotations

import codecs
import re

from tachi_data.errors import ImportFatal
from tachi_data.import_types.model import Source
from tachi_data.reference.text import BLANKS

# Those of UTF-32 come first, because the one of UTF-16 is their beginning.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
JAPANESE = ("cp932", "euc_jp")
# What XML declarations call encodings in which old sites wrote; a declaration counts where UTF-8 does not fit.
DECLARED = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "cp932", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-jp", "eucjp", "x-euc-jp"), "euc_jp"),
    **dict.fromkeys(("iso-8859-1", "latin1"), "latin-1"),
    "windows-1252": "cp1252",
}
_DECLARATION = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_FOREIGN = re.compile("[^\x00-\x7f]")
# Half-width katakana, private use and control characters: text that was read in a wrong encoding is full of them.
_UNLIKELY = re.compile("[\uff61-\uff9f\ue000-\uf8ff\x80-\x9f]")
ADVICE = "Save it as UTF-8 (spreadsheets call it “CSV UTF-8”), and import it again."


def text_of(source: Source) -> str:
    """Read the file as text; a byte order mark is dropped.

    Args:
        source: The import; its data are bytes or text.

    Returns:
        The text.

    Raises:
        ImportFatal: 400; the encoding cannot be told for certain.
    """
    data = source.data
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    return _decoded(bytes(data), JAPANESE)


def unicode_text(data: bytes) -> str:
    """Read bytes as UTF-8 or UTF-16, which is all that JSON may be; a byte order mark is dropped.

    Raises:
        ImportFatal: 400; the bytes are in another encoding.
    """
    return _decoded(data, ())


def _decoded(data: bytes, others: tuple[str, ...]) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            found = _strictly(data[len(mark) :], encoding)
            if found is None:
                raise ImportFatal(400, f"The file is cut off or damaged: it is not {encoding}.")
            return found.removeprefix("\ufeff")
    wide = _order_of_wide(data)
    if wide is not None:
        found = _strictly(data, wide)
        if found is None:
            raise ImportFatal(400, f"The file is cut off or damaged: it is not {wide}.")
        return found
    found = _strictly(data, "utf-8")
    if found is None and others:
        found = _as_declared(data) or _japanese(data, others)
    if found is None:
        raise ImportFatal(400, f"{_not_utf8(data)} {ADVICE}")
    return found


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _order_of_wide(data: bytes) -> str | None:
    """Return the encoding of bytes that are UTF-16 without a mark: one byte of most characters is 0."""
    first, second = data[0::2].count(0), data[1::2].count(0)
    few = len(data) // 8
    if second > few and second > 4 * first:
        return "utf-16-le"
    return "utf-16-be" if first > few and first > 4 * second else None


def _as_declared(data: bytes) -> str | None:
    """Return the text in the encoding that an XML declaration names, if it is one of `DECLARED`."""
    declaration = _DECLARATION.match(data)
    name = declaration[1].decode().lower() if declaration else ""
    return _strictly(data, DECLARED[name]) if name in DECLARED else None


def _japanese(data: bytes, encodings: tuple[str, ...]) -> str | None:
    """Return the text in the only one of the encodings in which it is Japanese; None where none or several are."""
    texts = [text for encoding in encodings if (text := _strictly(data, encoding)) is not None]
    likely = [text for text in texts if _is_japanese(text)]
    return likely[0] if len(likely) == 1 else None


def _is_japanese(text: str) -> bool:
    """Return whether text has full-width kana, and few of the characters that a wrong encoding brings."""
    kana, foreign = len(_KANA.findall(text)), len(_FOREIGN.findall(text))
    return 5 * kana > foreign and len(_UNLIKELY.findall(text)) < kana


def _not_utf8(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        return (
            f"The file is not UTF-8 (line {line} has the byte 0x{byte:02X}), "
            "and its encoding cannot be told for certain."
        )
    return "The encoding of the file cannot be told for certain."


def trimmed(content: str) -> str:
    """Remove Unicode white space (and U+FEFF) from both ends, like `words.trim` for a column."""
    return content.strip(BLANKS)
