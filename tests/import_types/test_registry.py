"""What holds for every import type."""

from __future__ import annotations

import pytest

from tachi_data import games
from tachi_data.import_types import Conversion, ImportType, all_import_types
from tachi_data.import_types.reference import document
from tachi_data.names import snake
from tests.import_types.samples import Sample

ALL = pytest.mark.parametrize("kind", all_import_types().values(), ids=lambda kind: kind.id)


def module_of(kind: ImportType) -> str:
    parse = getattr(kind.parse, "func", kind.parse)  # Families share one, see functools.partial.
    return parse.__module__.removeprefix("tachi_data.import_types.")


@ALL
def test_the_id_starts_with_the_path_of_its_file(kind: ImportType) -> None:
    module = module_of(kind)
    family = [k.id for k in all_import_types().values() if module_of(k) == module]
    assert kind.id.split("/")[0] == module.split(".")[0]
    if not module.endswith(".plays"):  # A client with routes is a folder; it may serve networks.
        assert any(id_.startswith(module.replace(".", "/").replace("_", "-")) for id_ in family)


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
