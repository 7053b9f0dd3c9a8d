"""Classes that a player states: dans and emblems of one game, without any score.

Unlike the classes that come with scores, these may go down, and null removes one.
"""

from __future__ import annotations

from typing import Any

from tachi_data import games
from tachi_data.errors import ImportFatal
from tachi_data.games import GPT
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sources.json import json_document
from tachi_data.records.schema import Object


def parse(source: Source) -> Parsed:
    """Return the classes of the document; it has no scores."""
    document = json_document(source)
    if not isinstance(document, dict):
        raise ImportFatal(400, "Expected an object with game and classes.")
    gpt = gpt_of(document.get("game"))
    classes = checked_classes(gpt, document.get("classes"))
    return Parsed(gpt.game, [], playtype=gpt.playtype, classes={gpt.playtype: classes})


def gpt_of(name: object) -> GPT:
    """Return the game and playtype of a v3 game, such as ``iidx-sp``.

    Raises:
        ImportFatal: 400, there is none of this name.
    """
    if not isinstance(name, str) or name not in games.v3_games():
        known, shown = ", ".join(games.v3_games()), "nothing" if name is None else name
        raise ImportFatal(400, f"game: expected one of {known}, got {shown!s:.100}.")
    return games.gpt(*games.v3_games()[name])


def checked_classes(gpt: GPT, stated: Any) -> dict[str, str | None]:
    """Return the classes by class set, if all of them can be set.

    Raises:
        ImportFatal: 400, with the first class that cannot.
    """
    if not isinstance(stated, dict):
        raise ImportFatal(400, "classes: expected an object of class sets and their new classes.")
    provided = {name: c.values for name, c in gpt.classes.items() if c.derived_from is None}
    if not provided:
        raise ImportFatal(400, f"{games.v3_name(gpt.game, gpt.playtype)} has no classes to set.")
    sets = ", ".join(provided)
    if not stated:
        raise ImportFatal(400, f"classes: expected some of {sets}, got none.")
    for name, value in stated.items():
        if name in gpt.classes and name not in provided:
            raise ImportFatal(400, f"{name} follows from scores; classes to set are {sets}.")
        if name not in provided:
            raise ImportFatal(400, f"classes: expected some of {sets}, got {name[:100]!r}.")
        if value is not None and value not in provided[name]:
            known = ", ".join(provided[name])
            raise ImportFatal(400, f"{name}: expected null or one of {known}, got {value!r:.100}.")
    return dict(stated)


IMPORT_TYPES = (
    ImportType(
        id="file/import-class",
        title="Manual Class Import",
        games=games.names(),
        parse=parse,
        conversion=lambda gpt: Conversion(record=Object(), columns={}, match={}),
        lowers_classes=True,
    ),
)
