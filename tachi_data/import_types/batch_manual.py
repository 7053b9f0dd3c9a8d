"""BATCH-MANUAL: a JSON document in which a client describes scores itself.

Any violation of the document's shape refuses the whole import, naming the path; what concerns one
score (an unknown song, an impossible value) leaves the others alone. The suffix of the service says
how the document arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import polars as pl

from tachi_data import games
from tachi_data.errors import ImportFatal
from tachi_data.games import GPT, Decimal, Enum, Graph, Integer, Metric
from tachi_data.games import OneOf as MetaChoice
from tachi_data.import_types import words as x
from tachi_data.import_types.model import Conversion, Parsed, Rule
from tachi_data.names import snake
from tachi_data.records.schema import (
    Anything,
    Bool,
    Int,
    Kind,
    ListOf,
    Num,
    Object,
    OneOf,
    Str,
)
from tachi_data.records.violations import Records, violations
from tachi_data.reference.text import fold

MATCH_TYPES = (
    "songTitle", "tachiSongID", "bmsChartHash", "itgChartHash", "sdvxInGameID", "inGameID", "inGameStrID",
    "uscChartHash", "popnChartHash", "ddrSongHash",
)  # fmt: skip
HASHES = {
    "bmsChartHash": "bms_hash",
    "itgChartHash": "gsv3",
    "popnChartHash": "sha256",
    "uscChartHash": "sha1",
}
CONTEXT = Object(
    members={name: Str(nullable=True) for name in ("game", "playtype", "service", "version")}
)
EARLIEST = 1_000_000_000_000  # A smaller number is in seconds, not milliseconds.
MAYBE: dict[str, Any] = {"optional": True, "nullable": True}


# --- the shape of the document ----------------------------------------------------------------------


def kind_of(metric: Metric, **presence: Any) -> Kind:
    """What a document may hold for a metric. Bounds that depend on the chart are checked later."""
    if isinstance(metric, Enum):
        return OneOf(metric.values, **presence)
    if isinstance(metric, Graph):
        number = Int if metric.integer else Num
        return ListOf(number(metric.minimum, metric.maximum, nullable=metric.nullable), **presence)
    number = Int if isinstance(metric, Integer) else Num
    assert isinstance(metric, (Integer, Decimal))
    if metric.chart_dependent:
        return number(**presence)
    assert not isinstance(metric.minimum, pl.Expr)
    assert not isinstance(metric.maximum, pl.Expr)
    return number(metric.minimum, metric.maximum, **presence)


def meta_kind(choice: MetaChoice) -> Kind:
    """What a member of ``scoreMeta`` may hold."""
    presence: dict[str, Any] = {"optional": True, "nullable": choice.nullable}
    if choice.number:
        return Num(**presence)
    if choice.boolean:
        return Bool(**presence)
    if choice.pair:
        return ListOf(OneOf(choice.values), size=2, **presence)
    return OneOf(choice.values, **presence)


@cache
def score_of(gpt: GPT) -> Object:
    """The shape of one score."""
    extras = {name: kind_of(m, **MAYBE) for name, m in gpt.optional.items()}
    return Object(
        strict=True,
        members={
            **{name: kind_of(m) for name, m in gpt.provided.items()},
            "matchType": OneOf(MATCH_TYPES),
            "identifier": Str(),
            "comment": Str(3, 240, empty=True, **MAYBE),
            "difficulty": Str(**MAYBE),
            "artist": Str(**MAYBE),
            "timeAchieved": Num(EARLIEST, above=True, also=(0,), **MAYBE),
            "judgements": Object(
                strict=True,
                keep_nulls=True,
                members={name: Int(0, **MAYBE) for name in gpt.judgements},
                **MAYBE,
            ),
            "optional": Object(
                strict=True, keep_nulls=True, fallback="hitMeta", members=extras, **MAYBE
            ),
            "hitMeta": Anything()
            if not extras
            else Object(strict=True, members=extras, flat=False, **MAYBE),
            "scoreMeta": Object(
                strict=True,
                as_json=True,
                members={name: meta_kind(choice) for name, choice in gpt.score_meta.items()},
                **MAYBE,
            ),
        },
    )


def gpt_of(document: Any) -> GPT:
    """The game and playtype that a document says it is about."""
    meta = document.get("meta") if isinstance(document, dict) else None
    if not isinstance(meta, dict) or "game" not in meta:
        raise ImportFatal(400, "meta.game: expected a game, but it is missing.")
    if "playtype" not in meta:
        raise ImportFatal(400, "meta.playtype: expected a playtype, but it is missing.")
    known = {g: games.gpts(g) for g in games.names()}
    game, playtype = meta["game"], meta["playtype"]
    if not isinstance(game, str) or game not in known:
        raise ImportFatal(400, f"meta.game: expected one of {', '.join(known)}, got {game!r:.60}.")
    playtypes = {gpt.playtype: gpt for gpt in known[game]}
    if not isinstance(playtype, str) or playtype not in playtypes:
        raise ImportFatal(
            400,
            f"meta.playtype: expected one of {', '.join(playtypes)} for {game}, got {playtype!r:.60}.",
        )
    return playtypes[playtype]


META = Object(
    strict=True,
    members={"service": Str(3, 60), "game": Str(), "playtype": Str(), "version": Str(**MAYBE)},
)
OUTLINE = Object(members={"meta": META, "scores": ListOf()})


@cache
def document_of(gpt: GPT) -> Object:
    """The shape of a document, but for its scores."""
    provided = {name: c for name, c in gpt.classes.items() if c.derived_from is None}
    classes = Object(
        strict=True, members={n: OneOf(c.values, **MAYBE) for n, c in provided.items()}, **MAYBE
    )
    return Object(strict=True, members={**OUTLINE.members, "classes": classes})


def check(document: dict[str, Any], gpt: GPT) -> Records:
    """The scores. Refuses the import at the first violation: meta, scores, classes, unknown keys."""
    _refuse([document], OUTLINE)
    scores = Records(document["scores"])
    _refuse(scores, ListOf(score_of(gpt)), "scores")
    _refuse([document], document_of(gpt))
    return scores


def _refuse(values: list[Any], shape: Object | ListOf, path: str = "") -> None:
    if isinstance(shape, ListOf):
        stray = next((i for i, v in enumerate(values) if type(v) is not dict), len(values))
        assert isinstance(shape.element, Object)
        found = violations(values if stray == len(values) else values[:stray], shape.element)
        if not found and stray < len(values):
            raise ImportFatal(
                400, f"{path}[{stray}]: expected an object, got {values[stray]!r:.60}."
            )
    else:
        found = violations(values, shape)
    if found:
        row = min(found)
        raise ImportFatal(
            400, f"{path}[{row}]{found[row].path}: {found[row].reason}" if path else str(found[row])
        )


def parse_document(document: Any) -> Parsed:
    """Check a document and take it apart."""
    gpt = gpt_of(document)
    scores = check(document, gpt)
    meta, classes = document["meta"], document.get("classes")
    version = meta.get("version")
    return Parsed(
        game=gpt.game,
        playtype=gpt.playtype,
        datapoints=scores,
        context={
            "game": gpt.game,
            "playtype": gpt.playtype,
            "service": meta["service"],
            "version": version,
        },
        classes=None
        if classes is None
        else {gpt.playtype: {name: value for name, value in classes.items() if value is not None}},
        version=version if version and gpt.versions else None,
    )


# --- conversion ---------------------------------------------------------------------------------------


def conversion(gpt: GPT, suffix: str) -> Conversion:
    """How the scores of one game and playtype become dry scores."""
    return Conversion(
        record=score_of(gpt),
        context=CONTEXT,
        match=match_of(gpt),
        rules=rules_of(gpt),
        columns={
            **{snake(name): x.raw(name) for name in gpt.provided},
            **{f"judgements.{snake(name)}": x.raw(f"judgements.{name}") for name in gpt.judgements},
            **{f"optional.{snake(name)}": x.raw(f"optional.{name}") for name in gpt.optional},
            "service": x.context("service") + f" ({suffix})",
            "comment": x.unless(x.raw("comment"), equals=""),
            "time_achieved": x.milliseconds(x.unless(x.raw("timeAchieved"), equals=0)),
            "score_meta": x.raw("scoreMeta"),
        },
        explicit_nulls=explicit_nulls(gpt),
    )


def explicit_nulls(gpt: GPT) -> pl.Expr:
    """Which judgements and optional metrics the document states as null."""
    nothing = pl.lit([], dtype=pl.List(pl.String))

    def columns(group: str, names: Iterable[str]) -> pl.Expr:
        column = pl.element().replace({n: f"{group}.{snake(n)}" for n in names})
        return pl.col(f"nulls.{group}").list.eval(column).fill_null(nothing)

    judgements, optional = columns("judgements", gpt.judgements), columns("optional", gpt.optional)
    either = pl.col("nulls.judgements").is_not_null() | pl.col("nulls.optional").is_not_null()
    return pl.when(either).then(pl.concat_list(judgements, optional))


def of_type(*names: str) -> pl.Expr:
    """True for scores with one of these match types."""
    return x.one_of(x.raw("matchType"), names)


def whole(identifier: pl.Expr) -> pl.Expr:
    """A plain number without sign, blanks around it allowed; as canonical text, null where it is none."""
    return x.natural(x.trim(identifier), negative_zero=False).cast(pl.String)


def match_of(gpt: GPT) -> Mapping[str, pl.Expr]:
    """What each match type looks up."""
    identifier, nothing = x.raw("identifier"), pl.lit(None, dtype=pl.String)
    version = x.unless(x.context("version"), equals="")
    hashes = {t: HASHES[t] for t in HASHES if t in gpt.match_types}
    # Reading a text costs more than looking at the match type: nothing is read in vain.
    title = pl.when(of_type("songTitle")).then(identifier)
    song_id = pl.when(of_type("tachiSongID")).then(identifier)
    by_number, by_text = of_type("inGameID", "sdvxInGameID"), of_type("inGameStrID")
    by_hash, number = of_type(*hashes), pl.when(by_number).then(identifier)
    # BMS keeps each hash once, so the playtype is only checked afterwards.
    playtype_counts = ~of_type("sdvxInGameID", "itgChartHash") & ~(
        of_type("bmsChartHash") & (gpt.game == "bms")
    )
    return {
        "song_kind": pl.when(of_type("songTitle")).then(pl.lit("folded_title"))
        .when(of_type("tachiSongID")).then(pl.lit("song_id"))
        .when(of_type("ddrSongHash")).then(pl.lit("ddr_song_hash")),
        "song_key": pl.when(of_type("songTitle")).then(fold(title))
        .when(of_type("tachiSongID")).then(x.natural(song_id).cast(pl.String))
        .otherwise(identifier),
        "song_exact": identifier,
        "artist": fold(pl.when(of_type("songTitle")).then(x.unless(x.raw("artist"), equals=""))),
        "chart_kind": pl.when(by_number).then(pl.lit("in_game_id"))
        .when(by_text).then(pl.lit("in_game_str_id"))
        .when(by_hash).then(x.mapped(x.raw("matchType"), hashes or {"": ""}))
        .otherwise(pl.lit("song_id")),
        "chart_key": pl.when(by_number).then(whole(number)).when(by_text | by_hash).then(identifier),
        "playtype": pl.when(playtype_counts).then(x.context("playtype")),
        "difficulty": pl.when(by_hash).then(nothing).otherwise(x.raw("difficulty")),
        "version": pl.when(by_hash).then(nothing).otherwise(version),
        "primary_only": ~by_hash,
    }  # fmt: skip


def rules_of(gpt: GPT) -> tuple[Rule, ...]:
    """What makes a single score invalid, before and after its song is known."""
    difficulty, identifier = x.raw("difficulty"), x.raw("identifier")
    unnamed = difficulty.is_null() | (difficulty == "")
    listed = pl.lit(True) if gpt.difficulties is None else x.one_of(difficulty, gpt.difficulties)
    legal = (
        pl.when(of_type("sdvxInGameID"))
        .then(listed | difficulty.eq_missing(pl.lit("ANY_INF")))
        .otherwise(listed)
    )
    by_song, by_id = (
        of_type("songTitle", "tachiSongID"),
        of_type("inGameID", "inGameStrID", "sdvxInGameID"),
    )
    song_id = pl.when(of_type("tachiSongID")).then(identifier)
    by_number = of_type("inGameID", "sdvxInGameID")
    version = x.unless(x.context("version"), equals="")
    unknown = (
        pl.when(difficulty == "WORLD'S END").then(pl.lit("WORLD'S END charts are not supported."))
        if gpt.game == "chunithm" else pl.when(False).then(pl.lit(""))
    ).otherwise(pl.format("{} has no difficulty {}.", pl.lit(gpt.name), difficulty.fill_null("(none)")))  # fmt: skip
    unsupported = pl.format(
        "{} does not support the match type {}.", pl.lit(gpt.name), x.raw("matchType")
    )
    if gpt.game == "sdvx":
        unsupported = unsupported + pl.when(of_type("inGameID")).then(
            pl.lit(" Use sdvxInGameID.")
        ).otherwise(pl.lit(""))
    return (
        x.invalid(~of_type(*gpt.match_types), unsupported, after="reading"),
        x.invalid((by_id | of_type("ddrSongHash")) & ~legal, unknown, after="reading"),
        x.invalid(
            of_type("sdvxInGameID") & version.is_not_null() & ~version.is_in(list(gpt.versions)),
            pl.format("SOUND VOLTEX has no version {}.", version),
            after="reading",
        ),
        x.invalid(
            of_type("tachiSongID") & x.natural(song_id).is_null(),
            pl.format("A song ID must be a whole number, got {}.", identifier),
            after="reading",
        ),
        x.invalid(
            by_number & whole(pl.when(by_number).then(identifier)).is_null(),
            pl.format("An in-game ID must be a whole number, got {}.", identifier),
            after="reading",
        ),
        x.invalid(
            of_type("popnChartHash") & (x.context("playtype") != "9B"),
            "popnChartHash is for 9B.",
            after="reading",
        ),
        x.invalid(
            by_song & unnamed, "A difficulty is needed to find the chart of a song.", after="song"
        ),
        x.invalid(by_song & ~listed, unknown, after="song"),
        x.invalid(
            of_type("bmsChartHash") & (pl.col("chart.playtype") != x.context("playtype")),
            pl.format(
                "This chart is for {}, not {}.", pl.col("chart.playtype"), x.context("playtype")
            ),
        ),
    )
