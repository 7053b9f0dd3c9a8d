"""The look-ups and the rules of the match types of a game.

The look-up of a score is that of its match type: each column is a chain of conditions, one for each match
type of the game. Reading an identifier costs more than looking at the match type, so that none is read
for a match type that another score has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from tachi_data.frames import quoted
from tachi_data.games import GPT, MatchType
from tachi_data.games.match_types import SPECIAL_CHART, Reading
from tachi_data.import_types import words as x
from tachi_data.import_types.model import Rule
from tachi_data.reference.text import folded_title_key

IDENTIFIER, DIFFICULTY = x.raw("identifier"), x.raw("difficulty")
PLAYTYPE, VERSION = x.context("playtype"), x.unless(x.context("version"), equals="")
# The ID of a song in v3.
V3_SONG = r"^S[0-9a-f]{19}$"
READINGS: Mapping[Reading, Callable[[pl.Expr], pl.Expr]] = {
    "text": lambda text: text,
    "title": folded_title_key,
    "song ID": lambda text: pl.coalesce(
        text.str.extract(V3_SONG, 0), x.natural(text).cast(pl.String)
    ),
    "in-game ID": lambda text: x.natural(x.trim(text), negative_zero=False).cast(pl.String),
}
EXPECTED: Mapping[Reading, str] = {
    "song ID": 'A song ID must be a whole number, or S and 19 digits, got "{}".',
    "in-game ID": 'An in-game ID must be a whole number, got "{}".',
}


def match_of(gpt: GPT) -> dict[str, pl.Expr]:
    """Returns what each score looks up, by the columns of `tachi_data.matching.KEYS`."""

    def of_each(column: Callable[[MatchType], pl.Expr | None]) -> pl.Expr:
        return _of_each(gpt, column)

    return {
        "song_kind": of_each(lambda kind: pl.lit(kind.key) if kind.finds == "song" else None),
        "song_key": of_each(lambda kind: key(kind) if kind.finds == "song" else None),
        "song_exact": IDENTIFIER,
        "artist": of_each(lambda kind: _artist(kind) if kind.artist else None),
        "chart_kind": of_each(lambda kind: pl.lit("song_id" if kind.finds == "song" else kind.key)),
        "chart_key": of_each(lambda kind: key(kind) if kind.finds == "chart" else None),
        "playtype": of_each(lambda kind: PLAYTYPE if kind.playtype == "looked up" else None),
        "difficulty": of_each(lambda kind: DIFFICULTY if kind.difficulty else None),
        "version": of_each(
            lambda kind: VERSION if kind.difficulty and not kind.any_version else None
        ),
        "primary_only": of_each(lambda kind: _primary_only(kind, gpt)),
        "only_one": of_each(lambda kind: pl.lit(kind.only_one)),
    }


def _primary_only(kind: MatchType, gpt: GPT) -> pl.Expr:
    if kind.difficulty is None or kind.any_version:
        return pl.lit(False)
    return ~x.one_of(DIFFICULTY, tuple(gpt.sent_as.values()))


def rules_of(gpt: GPT) -> tuple[Rule, ...]:
    """Returns what makes a single score invalid, before and after its song or chart is known."""
    unsupported = pl.format(
        '{} does not support the match type "{}".', pl.lit(gpt.name), quoted(x.raw("matchType"))
    )
    for kind in gpt.match_types:
        if kind.instead_of:
            pointed = pl.when(x.raw("matchType") == kind.instead_of).then(
                pl.lit(f" Use {kind.name}.")
            )
            unsupported = unsupported + pointed.otherwise(pl.lit(""))
    known = x.one_of(x.raw("matchType"), [kind.name for kind in gpt.match_types])
    return (
        x.invalid(~known, unsupported, after="reading"),
        *(rule for kind in gpt.match_types for rule in _rules(kind, gpt)),
    )


def of_type(kind: MatchType) -> pl.Expr:
    """Return whether a score has this match type."""
    return (x.raw("matchType") == kind.name).fill_null(False)


def key(kind: MatchType) -> pl.Expr:
    """Return the key in the identifier of a match type; null where it cannot be read."""
    return READINGS[kind.reads](pl.when(of_type(kind)).then(IDENTIFIER))


def _artist(kind: MatchType) -> pl.Expr:
    return folded_title_key(pl.when(of_type(kind)).then(x.unless(x.raw("artist"), equals="")))


def _of_each(gpt: GPT, column: Callable[[MatchType], pl.Expr | None]) -> pl.Expr:
    """Return the column of the match type that a score has; null where it has none."""
    value: pl.Expr = pl.lit(None)
    for kind in reversed(gpt.match_types):
        own = column(kind)
        if own is not None:
            value = pl.when(of_type(kind)).then(own).otherwise(value)
    return value


def _rules(kind: MatchType, gpt: GPT) -> Iterator[Rule]:
    """Return the rules of one match type, in the order in which they apply."""
    is_it = of_type(kind)
    aliases = tuple(gpt.difficulty_aliases) if kind.aliases else ()
    listed = is_listed(gpt)
    legal = listed | x.one_of(DIFFICULTY, aliases) if aliases else listed
    if kind.difficulty == "at once":
        yield x.invalid(is_it & ~legal, _no_difficulty(gpt), after="reading")
    if kind.checks_version:
        strange = VERSION.is_not_null() & ~VERSION.is_in(list(gpt.versions))
        message = pl.format('{} has no version "{}".', pl.lit(gpt.name), quoted(VERSION))
        yield x.invalid(is_it & strange, message, after="reading")
    if kind.reads in EXPECTED:
        message = pl.format(EXPECTED[kind.reads], quoted(IDENTIFIER))
        yield x.invalid(is_it & key(kind).is_null(), message, after="reading")
    if kind.difficulty == "with the song":
        unnamed = DIFFICULTY.is_null() | (DIFFICULTY == "")
        message = pl.lit("A difficulty is needed to find the chart of a song.")
        yield x.invalid(is_it & unnamed, message, after="song")
        yield x.invalid(is_it & ~legal, _no_difficulty(gpt), after="song")
        yield from _named_otherwise(is_it, gpt)
    if kind.playtype == "compared":
        found = pl.col("chart.playtype")
        message = pl.format("This chart is for {}, not {}.", found, quoted(PLAYTYPE))
        yield x.invalid(is_it & (found != PLAYTYPE), message)


def _named_otherwise(is_it: pl.Expr, gpt: GPT) -> Iterator[Rule]:
    """Return the rules of difficulties that are sent under the name of another one."""
    for own, name in gpt.sent_as.items():
        message = f"A {own} chart is found as {name}: send this instead."
        yield x.invalid(is_it & (own == DIFFICULTY), message, after="song")
        message = f"The song has several charts that are found as {name}: use inGameID."
        yield x.invalid(is_it & (name == DIFFICULTY) & (pl.col("chart_hits") > 1), message)


def is_listed(gpt: GPT) -> pl.Expr:
    """Return whether the game has the difficulty; a game without a list has any."""
    return pl.lit(True) if gpt.difficulties is None else x.one_of(DIFFICULTY, gpt.difficulties)


def _no_difficulty(gpt: GPT) -> pl.Expr:
    message = pl.format('{} has no difficulty "{}".', pl.lit(gpt.name), quoted(DIFFICULTY))
    message = message.fill_null(
        f"{gpt.name} finds a chart only by its difficulty, which is missing."
    )
    if gpt.open_difficulties:
        hint = f" A special chart is found by its in-game ID: use {SPECIAL_CHART.name}."
        message = message + pl.lit(hint)
    for difficulty, own in gpt.unsupported_difficulties.items():
        message = pl.when(difficulty == DIFFICULTY).then(pl.lit(own)).otherwise(message)
    return message
