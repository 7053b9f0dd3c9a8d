"""What the registries and the code have is on a page, and nothing else is."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data import games
from tachi_data.import_types import all_import_types
from tests.docs.pages import DOCS, PAGES, REPOSITORY, codes, first_cells, name_of, text_of
from tests.stores import open_new

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
FILE = re.compile(
    r"(?:tachi_data|tests|pipelines|data|docs|notebooks)/[\w/.-]*\.(?:py|sql|md|json|toml)"
)
# The reader makes these, following the page.
WRITTEN_BY_A_PAGE = {
    "tachi_data/import_types/file/foo_csv.py",
    "tachi_data/import_types/file/foo_json.py",
}
ENVIRONMENT = re.compile(
    r'environ(?:\.get\(|\[)\s*"(\w+)"|getenv\(\s*"(\w+)"|envvar="(\w+)"|\bSIZE = "(\w+)"'
)


def test_public_names_are_those_of_the_reference() -> None:
    assert first_cells(text_of(DOCS / "reference" / "index.md")) - {"tachi_data"} == {*td.__all__}


@pytest.mark.parametrize("name", [n for n in td.__all__ if not n.startswith("_")])
def test_every_public_name_has_its_docstring_on_a_page(name: str) -> None:
    page = text_of(DOCS / "reference" / "python.md")
    section = page.partition(f"\n## td.{name}\n")[2].partition("\n## ")[0]
    assert section.count("```python\n>>> ") >= 1
    assert section.count("```") % 2 == 0
    assert not re.search(r"(?<!`)``(?!`)", section), "no mark-up of docstrings is left"


def test_import_types_and_games_are_on_their_pages() -> None:
    kinds, gpts = text_of(DOCS / "reference" / "import-types.md"), games.names()
    assert {kind for kind in all_import_types() if f"\n## {kind}\n" not in kinds} == set()
    assert re.findall(r"^## (\w+)$", text_of(DOCS / "reference" / "games.md"), re.M) == [*gpts]


def test_stored_tables_are_on_their_page(tmp_path: Path) -> None:
    page = text_of(DOCS / "reference" / "columns.md")
    with open_new(tmp_path / "store.duckdb") as store:
        stored = store.query(
            "FROM duckdb_columns() SELECT table_name, column_name "
            "WHERE table_name IN (SELECT table_name FROM duckdb_tables() WHERE NOT internal) "
            "AND table_name <> 'store_meta'"  # The store's own.
        )
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.M | re.S))
    missing = {  # The members of a struct column are listed one by one.
        (table, column)
        for table, column in stored.iter_rows()
        if not re.search(rf"`{column}[`.]", sections.get(table, ""))
    }
    assert missing == set()


def read_from_the_environment() -> set[str]:
    """The names of environment variables in the code, the service's settings and the registries."""
    from tachi_data.service.settings import Settings

    files = [
        *(REPOSITORY / "tachi_data").rglob("*.py"),
        *(REPOSITORY / "pipelines").rglob("*.py"),
        REPOSITORY / "tests" / "conftest.py",
    ]
    matches = (ENVIRONMENT.finditer(path.read_text(encoding="utf-8")) for path in files)
    read = {name for found in matches for match in found for name in match.groups() if name}
    services = {k.service.id: k.service for k in all_import_types().values() if k.service}
    asked = {name for service in services.values() for name in service.settings}
    return read | asked | {f"TACHI_{name.upper()}" for name in Settings.model_fields}


def test_settings_are_those_of_their_page() -> None:
    page = first_cells(text_of(DOCS / "reference" / "settings.md"))
    assert page == read_from_the_environment()


def test_the_map_in_the_readme_is_the_tree() -> None:
    table = README.partition("## Where things are")[2]
    named = {cell.rstrip("/") for cell in first_cells(table)}
    assert {name for name in named if not (REPOSITORY / name).exists()} == set()
    rooms = {
        f"tachi_data/{path.parent.name}"
        for path in (REPOSITORY / "tachi_data").glob("*/__init__.py")
    }
    assert rooms - named == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    named = {c for c in codes(page.read_text(encoding="utf-8")) if FILE.fullmatch(c)}
    assert {path for path in named if not (REPOSITORY / path).exists()} - WRITTEN_BY_A_PAGE == set()


def test_the_design_says_where_to_find_what_is_asked_most() -> None:
    page = (DOCS / "explanation" / "design.md").read_text(encoding="utf-8")
    table = page.partition("## Where do I find")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    modules = {row[0].removeprefix("| "): codes(row[2]) for row in rows}
    assert all(any(FILE.fullmatch(path) for path in paths) for paths in modules.values())
    asked = (
        "score get its ID",
        "session chosen",
        "second import",
        "catalogue changes",
        "scores_iidx",
    )
    assert [words for words in asked if not any(words in question for question in modules)] == []


def test_the_names_that_a_game_may_import_are_where_the_page_says() -> None:
    page = (DOCS / "how-to" / "add-a-game.md").read_text(encoding="utf-8")
    table = page.partition("### Where the names come from")[2].partition("\n\nWrite")[0]
    rows = [codes(line) for line in table.splitlines() if line.startswith("| `")]
    missing = [
        f"{module}.{name}"
        for module, *names in rows
        for name in names
        if not hasattr(import_module(module), name)
    ]
    assert [len(names) > 1 for names in rows] == [True] * 4
    assert missing == []


def test_the_rooms_in_the_design_are_the_layers() -> None:
    import tomllib

    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]
    layers = [re.split(r"\s*[|:]\s*", layer) for layer in contract["layers"]]
    page = (DOCS / "explanation" / "design.md").read_text(encoding="utf-8")
    drawn = page.partition("## Layers")[2].partition("```")[2].partition("```")[0]
    found = [re.findall(r"[a-z_]+", line.partition("  ")[0]) for line in drawn.splitlines()[2:]]
    assert [sorted(line) for line in found if line] == [sorted(layer) for layer in layers]


def test_the_stub_is_the_only_list_of_public_names() -> None:
    source = (REPOSITORY / "tachi_data" / "__init__.py").read_text(encoding="utf-8")
    names = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    assert names & {*td.__all__} == set()
