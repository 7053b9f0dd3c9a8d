"""BATCH-MANUAL: a JSON document in which a client describes scores itself.

A document of the wrong shape is refused as a whole; the message names the path of the first violation. A
score with an unknown song or an impossible value does not affect other scores. The service of a score ends
in a suffix that says how the document arrived.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import polars as pl

from tachi_data import games
from tachi_data.errors import ImportFatal
from tachi_data.games import GPT, Decimal, Enum, Graph, Integer, Metric
from tachi_data.games import OneOf as MetaChoice
from tachi_data.import_types import words as x
from tachi_data.import_types.match_types import match_of, rules_of
from tachi_data.import_types.model import Conversion, Parsed
from tachi_data.names import snake
from tachi_data.records import checked
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

CONTEXT = Object(
    members={name: Str(nullable=True) for name in ("game", "playtype", "service", "version")}
)
EARLIEST = 1_000_000_000_000  # A smaller number is in seconds, not milliseconds.
MAYBE: dict[str, Any] = {"optional": True, "nullable": True}


# --- the shape of the document ----------------------------------------------------------------------


def kind_of(metric: Metric, **presence: Any) -> Kind:
    """Return the kind of a metric in a document. Bounds that depend on the chart are checked later."""
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
    """Return the kind of a member of ``scoreMeta``."""
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
    """Return the shape of one score."""
    extras = {name: kind_of(m, **MAYBE) for name, m in gpt.optional.items()}
    return Object(
        strict=True,
        members={
            **{name: kind_of(m) for name, m in gpt.provided.items()},
            "matchType": OneOf(games.match_type_names()),
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
    """Return the game and playtype that a document names.

    A document of v2 names both. A document of v3 names one word, and no playtype: ``iidx-sp``, ``sdvx``.
    """
    meta = document.get("meta") if isinstance(document, dict) else None
    if not isinstance(meta, dict) or "game" not in meta:
        raise ImportFatal(400, "meta.game: expected a game, but it is missing.")
    if "playtype" not in meta:
        return _named_by_one_word(meta["game"])
    return _of_playtype(meta["game"], meta["playtype"])


def _named_by_one_word(game: Any) -> GPT:
    """The game of a document without a playtype."""
    if isinstance(game, str) and game in games.v3_games():
        return games.gpt(*games.v3_games()[game])
    if not isinstance(game, str) or game not in games.names():
        known = ", ".join(games.v3_games())
        raise ImportFatal(400, f"meta.game: expected one of {known}, got {game!r:.60}.")
    playtypes = [gpt.playtype for gpt in games.gpts(game)]
    if len(playtypes) > 1:
        one_word = " or ".join(games.v3_name(game, playtype) for playtype in playtypes)
        raise ImportFatal(
            400,
            f"meta.playtype: expected {' or '.join(playtypes)} for {game}, but it is missing; without a"
            f" playtype, the game is {one_word}.",
        )
    return games.gpts(game)[0]


def _of_playtype(game: Any, playtype: Any) -> GPT:
    """The game of a document with a playtype."""
    known = {g: games.gpts(g) for g in games.names()}
    if not isinstance(game, str) or game not in known:
        hint = ""
        if isinstance(game, str) and game in games.v3_games():
            group = games.v3_games()[game][0]
            hint = f' Leave meta.playtype out, or send meta.game "{group}".'
        raise ImportFatal(
            400, f"meta.game: expected one of {', '.join(known)}, got {game!r:.60}.{hint}"
        )
    playtypes = {gpt.playtype: gpt for gpt in known[game]}
    if not isinstance(playtype, str) or playtype not in playtypes:
        raise ImportFatal(
            400,
            f"meta.playtype: expected one of {', '.join(playtypes)} for {game}, got {playtype!r:.60}.",
        )
    return playtypes[playtype]


META = Object(
    strict=True,
    members={
        "service": Str(3, 60),
        "game": Str(),
        "playtype": Str(optional=True),
        "version": Str(**MAYBE),
    },
)
OUTLINE = Object(members={"meta": META, "scores": ListOf()})


@cache
def document_of(gpt: GPT) -> Object:
    """Return the shape of a document without its scores."""
    provided = {name: c for name, c in gpt.classes.items() if c.derived_from is None}
    classes = Object(
        strict=True, members={n: OneOf(c.values, **MAYBE) for n, c in provided.items()}, **MAYBE
    )
    return Object(strict=True, members={**OUTLINE.members, "classes": classes})


def check(document: dict[str, Any], gpt: GPT) -> list[Any]:
    """Return the scores. Refuses the import at the first violation outside the scores."""
    checked(document, OUTLINE)
    checked(document, document_of(gpt))
    scores: list[Any] = document["scores"]
    return scores


def parse_document(document: Any) -> Parsed:
    """Check a document and return its scores, context and classes.

    The context names game and playtype, however the document does: orphan IDs are made of it.
    """
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
    """Return the conversion of one game and playtype."""
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
        refuses="all",
        path="scores",
    )


def explicit_nulls(gpt: GPT) -> pl.Expr:
    """Return the names of the judgements and optional metrics that the document states as null."""
    nothing = pl.lit([], dtype=pl.List(pl.String))

    def columns(group: str, names: Iterable[str]) -> pl.Expr:
        column = pl.element().replace({n: f"{group}.{snake(n)}" for n in names})
        return pl.col(f"nulls.{group}").list.eval(column).fill_null(nothing)

    judgements, optional = columns("judgements", gpt.judgements), columns("optional", gpt.optional)
    either = pl.col("nulls.judgements").is_not_null() | pl.col("nulls.optional").is_not_null()
    return pl.when(either).then(pl.concat_list(judgements, optional))
