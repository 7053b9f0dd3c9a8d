"""Rules of single games stand in their modules: no other room names a game."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tachi_data
from tachi_data import games

ROOT = Path(tachi_data.__file__).parent
# Formats are about single games, and so are the sample and the service's examples.
OF_GAMES = ("games", "import_types", "sample")
EXCEPTIONS = {
    "service/http/openapi.py",
    "service/models.py",
    # Lists the kinds of hashes, that of ITG among them.
    "catalogue/ties.sql",
}
GENERAL = sorted(
    path
    for suffix in ("py", "sql")
    for path in ROOT.rglob(f"*.{suffix}")
    if path.relative_to(ROOT).parts[0] not in OF_GAMES
    and str(path.relative_to(ROOT)) not in EXCEPTIONS
)
ALSO_GENERAL = [ROOT / "import_types" / f"{name}.py" for name in ("batch_manual", "match_types")]
MARKS = {
    alias for game in games.names() for gpt in games.gpts(game) for alias in gpt.difficulty_aliases
}
KEYS = {
    kind
    for game in games.names()
    for gpt in games.gpts(game)
    for kind in (*gpt.song_keys, *gpt.chart_keys)
}


@pytest.mark.parametrize("path", [*GENERAL, *ALSO_GENERAL], ids=lambda p: str(p.relative_to(ROOT)))
def test_no_general_module_names_a_game(path: Path) -> None:
    assert texts_of(path).isdisjoint({*games.names(), *MARKS, *KEYS})


def texts_of(path: Path) -> set[str]:
    """The string literals of a module or the quoted texts of a statement, without docstrings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return set(re.findall(r"'([^']*)'", re.sub("--.*", "", text)))
    nodes = ast.walk(ast.parse(text))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
