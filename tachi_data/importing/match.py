"""Second stage: datapoints become dry scores, and dry scores find their charts. It only reads the catalogue.

A format's rules and the look-ups settle each datapoint in a fixed order: rules about the record alone,
the song, rules that need the song, the chart, rules that need the chart. The first to object decides
``outcome`` and ``message``; a datapoint nobody objects to has null there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import matching, schemas
from tachi_data.errors import ImportFatal
from tachi_data.frames import collected, quoted
from tachi_data.games import gpts
from tachi_data.import_types import Conversion, Rule
from tachi_data.importing.borders import with_verdicts
from tachi_data.importing.parse import Datapoints, Parsed
from tachi_data.importing.state import State, state_of
from tachi_data.names import snake
from tachi_data.store import first_row, statements

sql = statements("tachi_data.importing")

KEY = ("row", "source", "user_id", "position", "line")
DEFAULTS = {
    "comment": pl.lit(None, dtype=pl.String),
    "time_achieved": pl.lit(None, dtype=pl.Datetime("ms")),
    "score_meta": pl.lit("{}"),
    "highlight": pl.lit(False),
}


@dataclass(frozen=True, eq=False)
class Matched:
    """A set of imports whose dry scores were looked up in the catalogue.

    Attributes:
        parsed: The result of the stage before.
        frames: The dry scores with their charts, a frame per group of datapoints: see `find_charts`.
        refused: Why imports are refused as a whole, by source.
        state: The state of the store that was looked into.
    """

    parsed: Parsed
    frames: tuple[pl.DataFrame, ...]
    refused: Mapping[int, ImportFatal]
    state: State


def match(parsed: Parsed, con: DuckDBPyConnection) -> Matched:
    """Make dry scores of the datapoints, and find their charts.

    An import that names a version which neither the game nor any chart has is refused.

    Args:
        parsed: The datapoints.
        con: A transaction that reads the catalogue.

    Returns:
        The dry scores with their charts, or with the reasons why they have none.
    """
    state = state_of(con)
    refused = {**parsed.refused, **_unknown_versions(parsed, con)}
    is_refused = pl.col("source").is_in(list(refused))
    frames = (find_charts(group, con) for group in parsed.groups)
    return Matched(
        parsed,
        tuple(rows.filter(~is_refused) if refused else rows for rows in frames),
        refused,
        state,
    )


def _unknown_versions(parsed: Parsed, con: DuckDBPyConnection) -> dict[int, ImportFatal]:
    stated = set(parsed.versions.values())
    strange = [(g, v) for g, v in stated if all(v not in value.versions for value in gpts(g))]
    unknown = {pair for pair in strange if not first_row(con, sql("version_is_listed"), [*pair])}
    return {
        source: ImportFatal(
            400,
            f"{game} has no version {version!r:.200}; it has {', '.join(gpts(game)[0].versions)}.",
        )
        for source, (game, version) in parsed.versions.items()
        if (game, version) in unknown
    }


def find_charts(datapoints: Datapoints, con: DuckDBPyConnection) -> pl.DataFrame:
    """Return dry scores with their charts, one row per datapoint, in order.

    Args:
        datapoints: The datapoints of one format and game.
        con: A transaction that reads the catalogue.

    Returns:
        The key columns, ``outcome, message, chart_found``, ``song_id, chart_id``, ``chart.*`` and ``song.*``,
        the dry score (provided metrics, ``judgements.*``, ``optional.*``, ``service``, ``comment``,
        ``time_achieved``, ``score_meta``, ``explicit_nulls``) and the look-up, ``match.*``.
    """
    conversion, game = datapoints.conversion, datapoints.gpt.game
    rows, look_ups = _look_ups(datapoints)
    named = _with_charts(rows, look_ups, game, con)
    rules = [
        *SONG_RULES,
        *_rules(conversion, "song"),
        *CHART_RULES,
        *_rules(conversion, "chart"),
        *PARENT_RULES,
    ]
    dry = collected(
        named.lazy().select(
            *KEY,
            "outcome",
            "message",
            pl.col("chart_id").is_not_null().alias("chart_found"),
            "chart_id",
            "song_id",
            "is_primary",
            *(c for c in named.columns if c.startswith(("chart.", "song.", "match."))),
            *dry_score(conversion, game),
            pl.lit(datapoints.kind.id).alias("import_type"),
            first_to_apply(rules).alias("rule"),
        )
    )
    found = settled(dry.drop("rule"), rules, dry["rule"], seen=named)
    if found.is_empty():  # A format that only provides classes declares no scores.
        return found
    found = with_verdicts(found, schemas.dry_scores(game), "InternalError")
    return with_verdicts(found, schemas.matched(game), "InternalError")


def _look_ups(datapoints: Datapoints) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The datapoints, judged by the rules about the record alone; and what each looks up."""
    rows, conversion = datapoints.rows, datapoints.conversion
    rules = _rules(conversion, "reading")
    asked = collected(
        rows.lazy().select(
            "row", *look_up_columns(conversion, datapoints.playtype), rule=first_to_apply(rules)
        )
    )
    return settled(rows, rules, asked["rule"]), asked.drop("rule")


def _with_charts(
    rows: pl.DataFrame, look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """The datapoints with their look-up (``match.*``), and the song and chart that it finds."""
    found = matching.match(look_ups.filter(rows["outcome"].is_null()), game, con)
    return collected(
        rows.lazy()
        .with_columns(look_ups.select(pl.exclude("row").name.prefix("match.")))
        .join(found.lazy(), on="row", how="left", maintain_order="left")
    )


def look_up_columns(conversion: Conversion, playtype: str | None = None) -> list[pl.Expr]:
    """The look-up of each datapoint, all columns of `matching.KEYS`.

    Args:
        conversion: The conversion whose match is asked for.
        playtype: The playtype of look-ups whose match names none.
    """
    stated = {"playtype": pl.lit(playtype), **conversion.match}
    return [
        stated.get(name, pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in matching.KEYS.items()
    ]


def dry_score(conversion: Conversion, game: str) -> list[pl.Expr]:
    """The columns of the dry score, in their types. What the format does not mention is left out."""
    gpt = gpts(game)[0]
    dtypes = {snake(n): m.dtype for n, m in gpt.provided.items()}
    dtypes |= {f"judgements.{snake(n)}": pl.Int64() for n in gpt.judgements}
    dtypes |= {f"optional.{snake(n)}": m.dtype for n, m in gpt.optional.items()}
    stated = {**DEFAULTS, **conversion.columns}
    typed = [
        e.cast(dtypes[n], strict=False).alias(n) if n in dtypes else e.alias(n)
        for n, e in stated.items()
    ]
    return [*typed, _explicit_nulls(conversion).alias("explicit_nulls")]


def _explicit_nulls(conversion: Conversion) -> pl.Expr:
    """Which judgements and optional metrics are null, rather than absent."""
    if conversion.explicit_nulls is not None:
        return conversion.explicit_nulls
    mentioned = [
        pl.when(expression.is_null()).then(pl.lit(name))
        for name, expression in conversion.columns.items()
        if name.startswith(("judgements.", "optional."))
        and name.split(".")[1] not in conversion.absent
    ]
    if not mentioned:
        return pl.lit(None, dtype=pl.List(pl.String))
    names = pl.concat_list(mentioned).list.drop_nulls()
    return pl.when(names.list.len() > 0).then(names)


def _rules(conversion: Conversion, after: str) -> list[Rule]:
    return [rule for rule in conversion.rules if rule.after == after]


def first_to_apply(rules: Sequence[Rule]) -> pl.Expr:
    """Which rule, by its place, is the first that applies to a row that has no outcome yet."""
    first = pl.coalesce(
        pl.lit(None, dtype=pl.Int32),
        *(pl.when(rule.when).then(pl.lit(i, dtype=pl.Int32)) for i, rule in enumerate(rules)),
    )
    return pl.when(pl.col("outcome").is_null()).then(first)


def settled(
    rows: pl.DataFrame, rules: Sequence[Rule], first: pl.Series, *, seen: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The rows with outcome and message of the rule that is the ``first`` to apply to each, if any.

    Rules look at the columns of ``seen``, which is ``rows`` by default.
    """
    if first.null_count() == rows.height:
        return rows
    numbered = (
        (rows if seen is None else seen).with_columns(first.alias("rule")).with_row_index("at")
    )
    bad = numbered.filter(pl.col("rule").is_not_null())
    outcome: pl.Expr = pl.lit(None, dtype=pl.String)
    message: pl.Expr = pl.lit(None, dtype=pl.String)
    for i in first.unique().drop_nulls().to_list():
        rule, is_it = rules[i], pl.col("rule") == i
        text = pl.lit(rule.message) if isinstance(rule.message, str) else rule.message
        outcome = pl.when(is_it).then(pl.lit(rule.outcome)).otherwise(outcome)
        message = pl.when(is_it).then(text).otherwise(message)
    verdicts = bad.select("at", outcome=outcome, message=message)
    return rows.with_columns(
        rows[name].scatter(verdicts["at"], verdicts[name]) for name in ("outcome", "message")
    )


_TITLE = pl.format(
    '"{}"',
    quoted(pl.coalesce("match.song_exact", "match.song_key", "match.chart_key", pl.lit("?"))),
)
_WHERE = pl.concat_str(
    pl.lit(" ("),
    quoted(pl.concat_str("match.playtype", "match.difficulty", separator=" ", ignore_nulls=True)),
    pl.concat_str(pl.lit(", version "), quoted(pl.col("match.version"))).fill_null(""),
    pl.lit(")"),
)
SONG_RULES = (
    Rule(
        "SongOrChartNotFound",
        pl.col("song_hits") == 0,
        pl.format("The catalogue has no song {}.", _TITLE),
    ),
    Rule(
        "AmbiguousTitle",
        pl.col("song_hits") > 1,
        pl.format(
            '{} songs are called "{}", and the row does not tell which is meant: {}.',
            "song_hits",
            _TITLE,
            "song_candidates",
        )
        + pl.when(pl.col("match.artist").is_null() & (pl.col("match.song_kind") == "folded_title"))
        .then(pl.lit(" Naming the artist may help."))
        .otherwise(pl.lit("")),
    ),
)
CHART_RULES = (
    Rule("InternalError", pl.col("song_is_empty"), "The song has no charts in the catalogue."),
    Rule(
        "SongOrChartNotFound",
        pl.col("chart_id").is_null(),
        pl.format("The catalogue has no chart of {}{}.", _TITLE, _WHERE.fill_null("")),
    ),
)
PARENT_RULES = (
    Rule("InternalError", ~pl.col("has_song"), "The chart's song is missing in the catalogue."),
)
