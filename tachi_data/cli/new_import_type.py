"""``tachi-data new-import-type``: write the file of a new format, and a sample of it, to start from.

The files in ``templates/`` are the start; the how-to page of the documentation shows one of them. What
depends on the game (its metrics, difficulties and lamps) is made of its declaration.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tachi_data.errors import TachiError

if TYPE_CHECKING:
    from tachi_data.games import GPT, Metric

UNKNOWN = "A song that the catalogue does not have"


def new_import_type(
    id: Annotated[str, typer.Argument(help="ID of the new type, such as file/foo-csv.")],  # noqa: A002
    gpt: Annotated[str, typer.Option(help="Game and playtype, such as sdvx:Single.")],
    folder: Annotated[Path, typer.Option(help="The checkout to write into.")] = Path(),
) -> None:
    """Write a working import type to start from, and a sample of it.

    A file type whose ID ends in -csv gets a CSV parser, another one a JSON parser; ir/ is for bodies
    that a game client sends, api/ for answers of another service.
    """
    new = _new(id, gpt)
    path = folder / "tachi_data" / "import_types" / new.family / f"{new.name.replace('-', '_')}.py"
    if not path.parent.is_dir():
        raise TachiError(
            f"{path.parent} is not there. Name a checkout of tachi_data with --folder."
        )
    if path.exists():
        raise TachiError(f"{path} is there already. Choose another ID, or edit that file.")
    path.write_text(new.module(), encoding="utf-8")
    sample = folder / "tests" / "import_types" / new.id
    sample.mkdir(parents=True, exist_ok=True)
    for name, text in new.sample().items():
        (sample / name).write_text(text, encoding="utf-8")
    typer.echo(
        f"Wrote {path}\nand {sample}/{{{','.join(new.sample())}}}.\n"
        f"Now run: pytest tests/import_types -n 0 -k {new.name} --update-golden"
    )


def _new(id_: str, gpt: str) -> NewImportType:
    from tachi_data import games
    from tachi_data.import_types import FOLDERS

    family, _, name = id_.partition("/")
    game, _, playtype = gpt.partition(":")
    is_plain = name.replace("-", "").isalnum() and name == name.lower() and name[0].isalpha()
    if family not in FOLDERS or not is_plain:
        raise TachiError(
            f'"{id_}" is no ID of an import type. Write file/…, ir/… or api/… '
            "in lower case with hyphens, such as file/foo-csv."
        )
    try:
        return NewImportType(family, name, games.gpt(game, playtype))
    except KeyError:
        every = ", ".join(g.id for n in games.names() for g in games.gpts(n))
        raise TachiError(f'There is no game and playtype "{gpt}". There are: {every}.') from None


@dataclass(frozen=True)
class NewImportType:
    """An import type that is to be written."""

    family: str
    name: str
    gpt: GPT

    @property
    def id(self) -> str:
        """The ID: family and name."""
        return f"{self.family}/{self.name}"

    @property
    def is_csv(self) -> bool:
        """Whether the source is a CSV file."""
        return self.family == "file" and self.name.endswith("-csv")

    @property
    def title(self) -> str:
        """The name for people: "Foo CSV"."""
        known = {"csv": "CSV", "json": "JSON"}
        words = self.name.split("-")
        return " ".join(known.get(word, word.capitalize()) for word in words)

    def tables(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """The tables of names that the format needs: by member, its constant and what the game has."""
        from tachi_data.games import Enum
        from tachi_data.names import snake

        found = {
            name: (f"{snake(name).upper()}S", metric.values)
            for name, metric in self.gpt.provided.items()
            if isinstance(metric, Enum)
        }
        if self.gpt.difficulties is not None:
            found = {"difficulty": ("DIFFICULTIES", tuple(self.gpt.difficulties)), **found}
        return found

    def module(self) -> str:
        """The Python file."""
        from tachi_data.names import snake

        kind = {"file": "file_csv" if self.is_csv else "file_json"}.get(self.family, self.family)
        text = (files("tachi_data.cli") / "templates" / f"{kind}.txt").read_text(encoding="utf-8")
        tables, numbers = self.tables(), self._numbers()
        converted = {n: _converted(n, table) for n, (table, _) in tables.items()} | {
            n: f'x.{self._words(m)[1]}(x.raw("{n}"))' for n, m in numbers.items() if self.is_csv
        }
        values = {n: snake(n) if n in converted else f'x.raw("{n}")' for n in self.gpt.provided}
        columns = [f'"{snake(n)}": {value},' for n, value in values.items()]
        members = [f'"{n}": {self._member(n)},' for n in self.gpt.provided]
        cells = [f'"{n}"' for n in ("title", "difficulty", *self.gpt.provided, "playedAt")]
        used = {line.split(": ")[1].partition("(")[0] for line in members} | {
            "Int",
            "Object",
            "Str",
        }
        return Template(text).substitute(
            id=self.id,
            name=self.name,
            title=self.title,
            game=self.gpt.game,
            playtype=self.gpt.playtype,
            variable=f"{snake(self.name.replace('-', '_')).upper()}_API_URL",
            kinds=", ".join(sorted(used)),
            tables="# What the format writes (change this side): what the game calls it.\n"
            + "\n".join(_table(name, values) for name, values in tables.values()),
            members=_indented(members, 8),
            cells=", ".join(cells),
            difficulty="difficulty" if "difficulty" in tables else 'x.raw("difficulty")',
            names=_indented([f"{snake(n)} = {text}" for n, text in converted.items()], 4),
            columns=_indented(columns, 12),
            rules=_indented([self._rule(n) for n in converted], 12),
        )

    def _numbers(self) -> dict[str, Metric]:
        return {n: m for n, m in self.gpt.provided.items() if n not in self.tables()}

    def _words(self, metric: Metric) -> tuple[str, str]:
        """The kind of a member of JSON, and the word that reads it from a text."""
        from tachi_data.games import Integer

        return ("Int", "natural") if isinstance(metric, Integer) else ("Num", "number")

    def _member(self, name: str) -> str:
        if name in self.tables():
            return "Str()"
        return f"{self._words(self.gpt.provided[name])[0]}(0)"

    def _rule(self, name: str) -> str:
        from tachi_data.names import snake

        expected = "a name that the format has" if name in self.tables() else "a number"
        after = ['    after="song",'] if name == "difficulty" else []
        message = f'    "{name}: expected {expected}",'
        return "\n".join(
            ["x.unreadable(", f"    {snake(name)},", f'    x.raw("{name}"),', message, *after, "),"]
        )

    def sample(self) -> dict[str, str]:
        """A sample with a good play, one on an unknown song, and one that breaks a rule."""
        good = self._play()
        broken = good | {next(iter(self.tables())): "?"}
        plays = [good, good | {"title": UNKNOWN}, broken]
        if self.is_csv:
            lines = [",".join(map(str, play.values())) for play in ({n: n for n in good}, *plays)]
            content = {"input.csv": "\n".join(lines) + "\n"}
        else:
            source: Any = {
                "file": plays,
                "ir": {n: v for n, v in good.items() if n != "playedAt"},
                "api": {"response": {"body": plays}},
            }[self.family]
            content = {"input.json": _json(source)}
        return content | {"catalogue.json": _json(self._catalogue())}

    def _play(self) -> dict[str, Any]:
        values = {n: v[0] for n, (_, v) in self.tables().items() if n != "difficulty"}
        return {
            "title": "A song that the catalogue has",
            "difficulty": self._difficulty,
            **{n: values.get(n, 50) for n in self.gpt.provided},
            "playedAt": "2024-05-06 07:08" if self.is_csv else 1_714_979_280_000,
        }

    @property
    def _difficulty(self) -> str:
        return self.gpt.difficulties[0] if self.gpt.difficulties else "Any"

    def _catalogue(self) -> dict[str, Any]:
        """One song with one chart."""
        import polars as pl

        from tachi_data.names import snake

        bounds = [getattr(metric, "maximum", None) for metric in self.gpt.provided.values()]
        over_chart = (bound for bound in bounds if isinstance(bound, pl.Expr))
        read = {name for bound in over_chart for name in bound.meta.root_names()}
        needed = {name: 100 for name in self.gpt.chart_data if f"chart.{snake(name)}" in read}
        song = {"id": 1, "title": "A song that the catalogue has", "artist": "An artist"}
        chart = {"chartID": "a-chart", "songID": 1, "playtype": self.gpt.playtype}
        shown = {"difficulty": self._difficulty, "level": "10", "levelNum": 10, "isPrimary": True}
        facts = {"versions": list(self.gpt.versions[:1]), "data": needed}
        return {
            f"songs-{self.gpt.game}": [song | {"altTitles": [], "searchTerms": [], "data": {}}],
            f"charts-{self.gpt.game}": [chart | shown | facts],
        }


def _converted(name: str, table: str) -> str:
    """The expression that turns a name of the format into one of the game."""
    if name == "difficulty":
        return f'x.difficulty(GAME, x.raw("{name}"), {table})'
    return f'x.metric(GAME, "{name}", x.raw("{name}"), {table})'


def _table(name: str, values: tuple[str, ...]) -> str:
    return "\n".join([f"{name} = {{", *(f'    "{v}": "{v}",' for v in values), "}"])


def _indented(blocks: list[str], width: int) -> str:
    lines = (line for block in blocks for line in block.splitlines())
    return "\n".join(" " * width + line for line in lines)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
