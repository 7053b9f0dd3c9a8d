"""``tachi-data new-import-type``: write the file of a new format, to be filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tachi_data.errors import TachiError

TEMPLATE = '''"""{title}: say what it is and what is surprising about it."""

from __future__ import annotations

from tachi_data.games import {game}
from tachi_data.import_types import words as x
from tachi_data.import_types.sources.json import json_document
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.records.schema import Object, Str
from tachi_data.errors import ImportFatal

LAMPS = {{lamp: lamp for lamp in {game}.LAMPS}}
RECORD = Object(members={{"title": Str(), "difficulty": Str(), "lamp": Str(), "score": Str()}})


def parse(source: Source) -> Parsed:
    """A JSON array of records."""
    records = json_document(source)
    if not isinstance(records, list):
        raise ImportFatal(400, "The file must be an array of objects.")
    return Parsed(game="{game}", playtype="{playtype}", datapoints=records)


SCORE, LAMP = x.natural(x.raw("score")), x.mapped(x.raw("lamp"), LAMPS)
IMPORT_TYPES = (
    ImportType(
        id="{id}",
        title="{title}",
        games=("{game}",),
        parse=parse,
        conversion=Conversion(
            record=RECORD,
            match=x.by_title(x.raw("title"), playtype=x.text("{playtype}"), difficulty=x.raw("difficulty")),
            columns={{"score": SCORE, "lamp": LAMP, "service": x.text("{title}")}},
            rules=(
                x.unreadable(SCORE, x.raw("score"), "The score must be a whole number"),
                x.unreadable(LAMP, x.raw("lamp"), "The lamp must be one of the game's"),
            ),
        ),
    ),
)
'''


def new_import_type(
    id: Annotated[str, typer.Argument(help="ID of the new type, such as file/foo-csv.")],  # noqa: A002
    gpt: Annotated[str, typer.Option(help="Game and playtype, such as sdvx:Single.")],
    folder: Annotated[Path, typer.Option(help="The repository.")] = Path(),
) -> None:
    """Write a working import type to start from, and a folder for its sample."""
    from tachi_data import games
    from tachi_data.import_types import FOLDERS

    family, _, name = id.partition("/")
    game, _, playtype = gpt.partition(":")
    if family not in FOLDERS or not name.replace("-", "").isalnum() or name != name.lower():
        raise TachiError(f"{id!r}: expected file/…, ir/… or api/… in lower case with hyphens.")
    try:
        games.gpt(game, playtype)
    except KeyError:
        raise TachiError(f"There is no game and playtype {gpt!r}.") from None
    path = folder / "tachi_data" / "import_types" / family / f"{name.replace('-', '_')}.py"
    if path.exists():
        raise TachiError(f"{path} is there already.")
    title = name.replace("-", " ").capitalize()
    path.write_text(
        TEMPLATE.format(id=id, title=title, game=game, playtype=playtype), encoding="utf-8"
    )
    sample = folder / "tests" / "import_types" / family / name
    sample.mkdir(parents=True, exist_ok=True)
    (sample / "input.json").write_text("[]\n", encoding="utf-8")
    (sample / "catalogue.json").write_text("{}\n", encoding="utf-8")
    typer.echo(
        f"Wrote {path} and {sample}/. Fill in the sample, then run: pytest -k {name} --update-golden"
    )
