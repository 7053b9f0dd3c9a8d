r"""Text from outside, on its way out: one function for each place that people or programs read it in.

A title or a comment is other people's text. A terminal obeys its control characters, a browser its tags, a spreadsheet
its formulas, and every reader is misled by characters that turn text around.

>>> print(visible("A\x1b[31mRED\u202e"))
A\x1b[31mRED\u202e
>>> as_html("</script>"), as_cell("=1+1"), as_markdown("a|b")
('&lt;/script&gt;', "'=1+1", 'a\\|b')
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

# Control characters, and characters that nobody sees or that turn text around. A line break and a tab are among them:
# nothing that is shown in a line or a cell has one.
_RANGES = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0x61C, 0x61C),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x2069),
    (0xFEFF, 0xFEFF),
)
HIDDEN = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    for first, last in _RANGES
    for code in range(first, last + 1)
}
_LINES = {code: text for code, text in HIDDEN.items() if code not in (0x09, 0x0A)}
# Between values, JSON may have line breaks; within a text it has none.
_OF_JSON = {code: f"\\u{code:04x}" for code in HIDDEN if code > 0x1F}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~])")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")


def visible(text: object) -> str:
    """Returns a text for a terminal or a log, with its hidden characters as escapes."""
    return str(text).translate(HIDDEN)


def visible_lines(text: object) -> str:
    """Returns a text of several lines for a terminal, with its hidden characters as escapes."""
    return str(text).translate(_LINES)


def visible_json(text: str) -> str:
    """Returns a JSON text with its hidden characters as escapes of JSON: it has the same value."""
    return text.translate(_OF_JSON)


def as_html(text: object) -> str:
    """Returns a text for HTML, also between the quotes of an attribute."""
    return html.escape(visible(text))


def counts_as_html(told: str, counts: Mapping[str, int]) -> str:
    """Returns a line of text and a table of counts as HTML, for notebooks; counts of 0 are left out.

    >>> print(counts_as_html("<2 orphans>", {"scores": 2, "failed": 0}))
    <p>&lt;2 orphans&gt;</p><table><tr><td>scores</td><td style='text-align:right'>2</td></tr></table>
    """
    rows = "".join(
        f"<tr><td>{as_html(name)}</td><td style='text-align:right'>{count:,}</td></tr>"
        for name, count in counts.items()
        if count
    )
    return f"<p>{as_html(told)}</p>{rows and f'<table>{rows}</table>'}"


def as_markdown(text: object) -> str:
    """Returns a text for Markdown, also in a table: it is neither a link, nor a tag, nor a mark."""
    return _MARKS.sub(r"\\\1", as_html(text))


def as_script(value: Any) -> str:
    r"""Returns a JSON value as JavaScript within HTML: no text in it ends the script.

    >>> print(as_script({"title": "</script>"}))
    {"title": "\u003c/script\u003e"}
    """
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def as_cell(text: object) -> str:
    """Returns a text for a cell of a spreadsheet: it is no formula. A number stays one.

    >>> [as_cell(text) for text in ("-1.5", "@SUM(A1)", "Étude")]
    ['-1.5', "'@SUM(A1)", 'Étude']
    """
    shown = str(text)
    if shown.startswith(_FORMULA) and not _NUMBER.fullmatch(shown):
        shown = f"'{shown}"
    return visible_lines(shown)


def visible_frame(rows: pl.DataFrame) -> pl.DataFrame:
    r"""Returns rows whose texts have their hidden characters as escapes.

    >>> import polars as pl
    >>> visible_frame(pl.DataFrame({"title": ["\x1b"], "level": [1]})).row(0)
    ('\\x1b', 1)
    """
    import polars as pl
    import polars.selectors as cs

    names = [chr(code) for code in HIDDEN]
    texts = cs.string() | cs.categorical()
    listed = [
        pl.col(name).list.eval(pl.element().str.replace_many(names, list(HIDDEN.values())))
        for name, dtype in rows.schema.items()
        if dtype == pl.List(pl.String)
    ]
    return rows.with_columns(
        texts.cast(pl.String).str.replace_many(names, list(HIDDEN.values())), *listed
    )


def cells(rows: pl.DataFrame) -> pl.DataFrame:
    """Returns rows for a spreadsheet: no text of theirs is a formula; lists are joined.

    >>> import polars as pl
    >>> cells(pl.DataFrame({"title": ["=1+1", "-5", "x"]}))["title"].to_list()
    ["'=1+1", '-5', 'x']
    """
    import polars as pl
    import polars.selectors as cs

    text = cs.string()
    is_formula = text.str.contains(r"^[=+\-@\t\r]") & ~text.str.contains(f"^(?:{_NUMBER.pattern})$")
    joined = [
        pl.col(name).cast(pl.List(pl.String)).list.join(", ")
        for name, dtype in rows.schema.items()
        if isinstance(dtype, pl.List)
    ]
    flat = rows.with_columns(joined)
    marked = flat.with_columns(pl.when(is_formula).then("'" + text).otherwise(text).name.keep())
    kept = {chr(code): shown for code, shown in _LINES.items()}
    return marked.with_columns(text.str.replace_many(list(kept), list(kept.values())))
