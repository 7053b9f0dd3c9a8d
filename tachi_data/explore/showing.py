"""Showing charts and tables in JupyterLab and in HTML copies, without the network."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import itables
import polars as pl
import polars.selectors as cs
import vl_convert
from great_tables import GT
from IPython.display import display
from itables.widget import ITable

from tachi_data.escaping import as_html, as_script, visible, visible_frame

OUTCOMES = {
    "ScoreImported": "#2a9d8f",
    "Skipped": "#8d99ae",
    "SongOrChartNotFound": "#e9c46a",
    "OrphanExists": "#d9c89e",
    "AmbiguousTitle": "#f4a261",
    "InvalidDatapoint": "#e76f51",
    "InternalError": "#9d0208",
}
INK = "#264653"
WHOLE = alt.Axis(labelExpr="datum.value % 1 ? '' : format(datum.value, ',')")
_numbers = itertools.count()


@dataclass(frozen=True)
class Html:
    """A piece of HTML that a notebook shows."""

    text: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.text


def set_up() -> None:
    """Let the notebook show charts and tables; call it once, before the first of them.

    The scripts that draw charts become part of the notebook's output; otherwise each chart would load them
    from the network.
    """
    alt.renderers.register("tachi", _html)
    alt.renderers.enable("tachi")
    alt.theme.enable("tachi")
    itables.init_notebook_mode(all_interactive=False, connected=False)
    pl.Config.set_fmt_str_lengths(60)
    script = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    display(Html(f"<script>{script}</script>"))  # type: ignore[no-untyped-call]


@alt.theme.register("tachi", enable=False)
def _theme() -> alt.theme.ThemeConfig:
    return alt.theme.ThemeConfig(
        config={
            "title": {"anchor": "start", "fontSize": 15, "subtitleColor": "#666", "offset": 12},
            "axis": {"labelLimit": 280, "gridColor": "#eee"},
            "legend": {"labelLimit": 260},
            "view": {"stroke": None},
        }
    )


def _html(spec: dict[str, Any], **_: Any) -> dict[str, str]:
    """Returns the HTML of a chart, which is drawn once the output of `set_up` is loaded."""
    place = f"tachi-chart-{next(_numbers)}-{abs(hash(str(spec))) % 10**8}"
    draw = (
        "(function draw(patience) {"
        f"const place = document.getElementById('{place}');"
        "if (place && window.vegaEmbed) {"
        f"window.vegaEmbed(place, {as_script(spec)}, {{actions: false}}).catch(console.error);"
        "} else if (patience) { setTimeout(draw, 100, patience - 1); }"
        "})(100);"
    )
    return {"text/html": f'<div id="{place}"></div><script>{draw}</script>'}


def table(rows: pl.DataFrame) -> Html:
    """Returns a table to search and sort, in pages."""
    return Html(itables.to_html_datatable(readable(rows), scrollX=True, **_layout(rows)))


class Selectable(ITable):
    """A table whose rows are selected by clicks; ``selected_rows`` has their numbers.

    An HTML copy, which cannot answer clicks, marks the selected rows.
    """

    def __init__(self, rows: pl.DataFrame, selected: list[int]) -> None:
        super().__init__(
            readable(rows), select={"style": "multi"}, selected_rows=selected, **_layout(rows)
        )
        self._rows = rows

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        number = pl.int_range(pl.len())
        marks = pl.when(number.is_in(self.selected_rows)).then(pl.lit("✓")).otherwise(pl.lit(""))
        shown = table(self._rows.select(marks.alias("selected"), pl.all()))
        return {**data, "text/html": shown.text}, metadata


def selectable(rows: pl.DataFrame, selected: list[int]) -> Selectable:
    """Returns a table whose rows are selected by clicks; ``selected`` are selected at first."""
    return Selectable(rows, selected)


def _layout(rows: pl.DataFrame) -> dict[str, Any]:
    """Returns the layout of a table: text is on the left, and its column is wide where it is long."""
    places = {"left": [], "wide": []}  # type: dict[str, list[int]]
    for place, column in enumerate(rows):
        if column.dtype == pl.String or column.dtype.is_nested():
            places["left"].append(place)
        if column.dtype == pl.String and (column.str.len_chars().quantile(0.9) or 0) > 30:
            places["wide"].append(place)
    return {
        "classes": "display compact",
        "style": "width:auto;margin:0",
        "show_dtypes": False,
        "maxBytes": 0,
        "columnDefs": [
            {"className": "dt-left", "targets": places["left"]},
            {"width": "24em", "targets": places["wide"]},
        ],
    }


def readable(rows: pl.DataFrame) -> pl.DataFrame:
    """Returns rows as they are shown: titles in words, whole numbers as such, double blanks marked."""
    rows = visible_frame(rows)
    whole = [c.name for c in rows if c.dtype.is_float() and (c == c.round()).all()]
    return (
        rows.with_columns(
            cs.float().round(4),
        )
        .with_columns(
            pl.col(whole).cast(pl.Int64),
            pl.col(pl.String).str.replace_all("  ", "␣␣", literal=True),
            pl.col(pl.List(pl.String)).list.join(", "),
        )
        .rename(words)
    )


def summary(rows: pl.DataFrame, title: str, subtitle: str = "") -> GT:
    """Returns a few rows as a formatted table: numbers with separators, shares in percent."""
    if rows.is_empty():
        subtitle = " ".join(filter(None, (subtitle, "None.")))
    shown = GT(visible_frame(rows).rename(words)).tab_header(
        title=visible(title), subtitle=visible(subtitle)
    )
    shown = shown.tab_options(table_font_size="13px", table_margin_left="0px")
    numbers = [words(name) for name, dtype in rows.schema.items() if dtype.is_integer()]
    shares = [words(name) for name, dtype in rows.schema.items() if dtype.is_float()]
    return shown.fmt_integer(columns=numbers).fmt_percent(columns=shares, decimals=1)


def found(*sentences: str) -> Html:
    """Returns what a notebook found, in sentences, for its end; empty ones are left out."""
    items = "".join(f"<li>{as_html(sentence)}</li>" for sentence in sentences if sentence)
    style = "border-left:4px solid #2a9d8f;padding:.2em 1em;font-size:15px"
    return Html(f"<div style='{style}'><b>Found</b><ul>{items}</ul></div>")


def coloured(
    column: str, colours: Mapping[str, str], rows: pl.DataFrame | None = None, **more: Any
) -> alt.Color:
    """Returns a colour for each value of a column; with ``rows``, only for the values in them."""
    if rows is not None:
        colours = {name: colour for name, colour in colours.items() if name in rows[column]}
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{column}:N", scale=scale, **more)


def words(column: str) -> str:
    """Returns the name of a column as words for a title."""
    return column.replace("_", " ")
