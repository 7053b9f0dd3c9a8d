"""The reference page of an import type, made of its declaration."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping

import polars as pl

from tachi_data import games
from tachi_data.import_types.model import ImportType, Rule
from tachi_data.records.schema import Anything, Kind, Object


def document(kind: ImportType) -> str:
    """Return Markdown about one import type: its purpose, its input, and its rules for datapoints.

    What differs between games is shown for the first one.
    """
    return "\n\n".join(_parts(kind)) + "\n"


def _parts(kind: ImportType) -> Iterator[str]:
    gpt = games.gpts(kind.games[0])[0]
    conversion = kind.conversion_of(gpt)
    parse = getattr(kind.parse, "func", kind.parse)  # Families share one, see functools.partial.
    yield f"## {kind.id}"
    yield f"*{kind.title}*"
    yield inspect.getdoc(inspect.getmodule(parse)) or ""
    yield "Games: " + ", ".join(kind.games) + "."
    if kind.options:
        yield "Options: " + ", ".join(f"`{option}`" for option in kind.options) + "."
    if kind.service is not None:
        needed = ", ".join(f"`{name}`" for name in kind.service.credentials)
        yield f"Fetched from {kind.service.title}; a link has {needed}."
    members = list(_members(conversion.record.members))
    if members:
        scope = f" (of {gpt.id})" if not kind.has_one_game else ""
        yield f"A record{scope} has:\n\n| member | is | |\n| --- | --- | --- |\n" + "\n".join(
            members
        )
    rules = [_rule(rule) for rule in conversion.rules]
    if rules:
        yield "The first of these that applies ends a datapoint:\n\n" + "\n".join(
            f"{number}. {rule}" for number, rule in enumerate(rules, 1)
        )


def _members(members: Mapping[str, Kind], path: str = "") -> Iterator[str]:
    for name, kind in members.items():
        inner = isinstance(kind, Object) and kind.members
        words = "an object" if inner else _cell(kind.expected)
        whether = " ".join(
            word
            for word, is_so in (("optional", kind.optional), ("or null", kind.nullable))
            if is_so and not isinstance(kind, Anything)
        )
        yield f"| `{path}{name}` | {words} | {whether} |"
        if isinstance(kind, Object):
            yield from _members(kind.members, f"{path}{name}.")


def _rule(rule: Rule) -> str:
    stage = {
        "reading": "at once",
        "song": "once its song is known",
        "chart": "once its chart is known",
    }[rule.after]
    message = rule.message if isinstance(rule.message, str) else _pattern(rule.message)
    return f"`{rule.outcome}`, {stage}: {message}"


def _pattern(message: pl.Expr) -> str:
    """Return the constant texts of a message that depends on the datapoint, with … for the rest."""
    shown = pl.DataFrame({name: ["…"] for name in message.meta.root_names()})
    try:
        text = shown.select(message.cast(pl.String))[0, 0]
    except pl.exceptions.PolarsError:
        text = None
    return text or "a value that cannot be (the message says which)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
