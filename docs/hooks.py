"""Pages of the documentation that are made of declarations, when it is built.

A page says where: ``<!-- commands -->`` in ``reference/commands.md`` becomes all commands, and so on.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tachi_data as td
from tachi_data import games
from tachi_data.import_types import all_import_types
from tachi_data.import_types.reference import document
from tachi_data.tables import reference as tables


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the generated parts where a page wants them."""
    for name, write in GENERATED.items():
        place = f"<!-- {name} -->"
        if place in markdown:
            markdown = markdown.replace(place, "\n\n".join(write()))
    return markdown


def _import_types() -> Iterator[str]:
    return (document(kind) for kind in all_import_types().values())


def _cell(text: object) -> str:
    return re.sub(r"\s+", " ", str(text)).replace("|", "\\|").strip()


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _codes(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


# --- the command line ------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    import typer.main

    from tachi_data.cli import app

    root: Any = typer.main.get_command(app)
    yield "## tachi-data"
    yield f"{_help(root)} Its options stand before the command."
    yield _options(root)
    yield from _walked(root, "tachi-data")


def _walked(command: Any, path: str) -> Iterator[str]:
    for name, sub in command.commands.items():
        if hasattr(sub, "commands"):
            yield from _walked(sub, f"{path} {name}")
        else:
            yield f"## {path} {name}"
            yield _help(sub)
            yield _options(sub)


def _help(command: Any) -> str:
    return inspect.cleandoc(command.help or "").strip()


def _options(command: Any) -> str:
    rows = [(_signature(p), p.help or "", _default(p)) for p in command.params if p.name != "help"]
    return _table(("argument or option", "is", "default"), rows) if rows else "It takes no options."


def _signature(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name}`"
    names = _codes([*parameter.opts, *parameter.secondary_opts])
    needed = " (needed)" if parameter.required else ""
    return f"{names}{needed}"


def _default(parameter: Any) -> str:
    variable = f"or `{parameter.envvar}`" if parameter.envvar else ""
    value = parameter.default
    is_plain = isinstance(value, int | float | str) and not isinstance(value, bool)
    return " ".join(part for part in (f"`{value}`" if is_plain else "", variable) if part)


# --- Python ----------------------------------------------------------------------------------------


def _python() -> Iterator[str]:
    for name in td.__all__:
        if name.startswith("_"):
            continue
        value = getattr(td, name)
        yield f"## td.{name}"
        if inspect.isroutine(value):
            yield f"```python\n{_call(name, value)}\n```"
        yield _docstring(value)
        if inspect.isclass(value) or inspect.ismodule(value):
            yield from _members(name, value)


def _call(name: str, value: Any) -> str:
    text = str(inspect.signature(value)).replace("'", "")
    text = re.sub(r"\b(?:tachi_data|polars|collections|pathlib|duckdb)\.(?:\w+\.)*", "", text)
    if len(name) + len(text) <= 96:
        return f"{name}{text}"
    arguments, _, result = text.rpartition(" -> ")
    # A comma within brackets belongs to a type.
    pieces = re.sub(r", (?=[^\[\]]*(?:\[|$))", ",\n    ", arguments[1:-1])
    return f"{name}(\n    {pieces},\n) -> {result}"


def _members(name: str, value: Any) -> Iterator[str]:
    listed = getattr(value, "__all__", vars(value))
    public = ((n, vars(value)[n]) for n in listed if not n.startswith("_"))
    described = [(n, m) for n, m in public if callable(m) or isinstance(m, property)]
    if described:
        first = {n: (inspect.getdoc(m) or "").partition("\n\n")[0] for n, m in described}
        rows = [(f"`{n}`", text.replace("``", "`")) for n, text in first.items()]
        yield _table((f"of `{name}`", "is"), rows)


SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Example|Examples):$")


def _docstring(value: Any) -> str:
    """A docstring in Google's form as Markdown."""
    lines: list[str] = []
    in_section = in_code = False
    for line in (inspect.getdoc(value) or "").splitlines():
        heading = SECTION.match(line)
        in_section = in_section or heading is not None
        text = line.removeprefix("    ") if in_section else line
        is_code = text.startswith(">>> ") or (in_code and bool(text.strip()))
        if is_code != in_code:
            lines += ["", "```python"] if is_code else ["```", ""]
            in_code = is_code
        if is_code:
            lines.append(text)
        elif heading:
            lines += ["", f"**{heading[1]}**", ""]
        else:
            named = re.sub(r"^([\w*]+): ", r"- `\1`: ", text) if in_section else text
            lines.append(named.replace("``", "`"))
    return "\n".join([*lines, *(["```"] if in_code else [])])


# --- games -------------------------------------------------------------------------------------


def _games() -> Iterator[str]:
    for game in games.names():
        yield f"## {game}"
        for gpt in games.gpts(game):
            metrics = (
                f"`{n}`" if m.derive is None else f"`{n}` (derived)" for n, m in gpt.metrics.items()
            )
            rows: list[tuple[object, ...]] = [
                ("metrics", ", ".join(metrics)),
                ("optional metrics", _codes(gpt.optional)),
                ("judgements", _codes(gpt.judgements)),
                ("ratings of a score", _codes(gpt.ratings)),
                ("ratings of a profile", _codes(gpt.profile_ratings)),
                ("classes", _codes(gpt.classes)),
                ("difficulties", "any" if gpt.difficulties is None else _codes(gpt.difficulties)),
                ("versions", _codes(gpt.versions)),
                ("match types", _codes(kind.name for kind in gpt.match_types)),
                ("v3 game", _codes([games.v3_name(gpt.game, gpt.playtype)])),
                ("new or other in v3", _changed(gpt, games.gpt(gpt.game, gpt.playtype, 3))),
            ]
            shown = [row for row in rows if row[1]]
            yield _table((f"`{gpt.id}`", gpt.name), shown)


def _changed(before: games.GPT, after: games.GPT) -> str:
    """What v3 changed about a game and playtype, apart from what holds in v2, too."""
    parts = []
    for what, field in CHANGING.items():
        old, new = getattr(before, field), getattr(after, field)
        names = [name for name, value in new.items() if value != old.get(name)]
        parts += [f"{what} {_codes(names)}"] if names else []
    if after.validators != before.validators:
        parts.append("rules across metrics")
    if after.personal_best.merges != before.personal_best.merges:
        parts.append("the merging of personal bests")
    if list(after.personal_best.ranked_by()) != list(before.personal_best.ranked_by()):
        parts.append(f"the ranking of a chart, by {_codes(after.personal_best.ranked_by())}")
    return "; ".join(parts)


CHANGING = {
    "metrics": "metrics",
    "ratings of a score": "ratings",
    "ratings of a session": "session_ratings",
    "ratings of a profile": "profile_ratings",
    "classes": "classes",
}


def _example() -> Iterator[str]:
    """The catalogue and the plays of `docs.example`, as its source has them."""
    source = Path(__file__).with_name("example.py").read_text(encoding="utf-8")
    yield f"```python\n{source[source.index('CATALOGUE') : source.index('def ')].strip()}\n```"


GENERATED: dict[str, Callable[[], Iterator[str]]] = {
    "columns": lambda: iter([tables.document()]),
    "commands": _commands,
    "example": _example,
    "games": _games,
    "import types": _import_types,
    "python": _python,
}
