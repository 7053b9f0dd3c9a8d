"""What holds for every import type."""

from __future__ import annotations

import re
import sys

import pytest

from tachi_data import games
from tachi_data.import_types import Conversion, ImportType, all_import_types
from tachi_data.import_types.reference import document
from tachi_data.names import snake
from tests.import_types.samples import Sample

ALL = pytest.mark.parametrize("kind", all_import_types().values(), ids=lambda kind: kind.id)


@ALL
def test_the_id_starts_with_the_path_of_its_file(kind: ImportType) -> None:
    """A folder counts as its file. Another name in an ID is one that the file is about by its first line."""
    parse = getattr(kind.parse, "func", kind.parse)  # Families share one, see functools.partial.
    module = parse.__module__.removeprefix("tachi_data.import_types.").removesuffix(".plays")
    family, file = module.split(".")
    folder, name = kind.id.split("/")
    about = (sys.modules[parse.__module__].__doc__ or "").split("\n")[0]
    own = [file.replace("_", "-"), *map(str.lower, re.findall(r"\b[A-Z]{3}\b", about))]
    assert folder == family
    assert any(name == start or name.startswith(f"{start}-") for start in own)


@ALL
def test_there_is_a_title_and_games_that_exist(kind: ImportType) -> None:
    assert kind.title.strip()
    assert kind.games
    assert set(kind.games) <= set(games.names())


@ALL
def test_a_conversion_is_built_for_every_gpt(kind: ImportType) -> None:
    for game in kind.games:
        for gpt in games.gpts(game):
            conversion = kind.conversion_of(gpt)
            assert isinstance(conversion, Conversion)
            provided = {c for c in conversion.columns if "." not in c}
            assert not conversion.columns or provided >= {snake(n) for n in gpt.provided}


@ALL
def test_there_is_a_sample(kind: ImportType) -> None:
    sample = Sample(kind.id)
    assert [p.name for p in sample.folder.glob("input.*")], f"put a sample into {sample.folder}"
    assert sample.catalogue
    assert sample.expected.exists(), "run pytest tests/import_types --update-golden"


@ALL
def test_its_documentation_follows_from_its_declaration(kind: ImportType) -> None:
    page = document(kind)
    conversion = kind.conversion_of(games.gpts(kind.games[0])[0])
    assert f"## {kind.id}\n" in page
    assert kind.title in page
    assert all(f"`{name}`" in page for name in (*kind.options, *conversion.record.members))
    assert page.count("\n1. ") == bool(conversion.rules)
    assert "None" not in page
