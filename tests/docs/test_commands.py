"""The command line, the Makefile and their pages say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
from click import Command

from tachi_data.cli import app
from tests.docs.pages import DOCS, PAGES, REPOSITORY, blocks, codes, commands, name_of, text_of

ROOT = typer.main.get_command(app)
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def subcommands(command: Command) -> dict[str, Command]:
    return getattr(command, "commands", {})


def walked(command: Command, path: str = "tachi-data") -> dict[str, Command]:
    """Each command that does something, by what a person types."""
    inner = [walked(sub, f"{path} {name}") for name, sub in subcommands(command).items()]
    if not inner:
        return {path: command}
    return {path: found for sub in inner for path, found in sub.items()}


COMMANDS = walked(ROOT)


def wrong_word(words: list[str], *, whole: bool) -> str | None:
    """The first word that the command line would not take; None for a good command.

    A mention in prose may name a group of commands; in a block the command is ``whole``.
    """
    command: Command = ROOT
    for word in words:
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
        if word.startswith("-"):
            if word.partition("=")[0] not in options:
                return word
        else:
            command = subcommands(command).get(word, command)
    return words[-1] if whole and subcommands(command) and "--help" not in words else None


def in_blocks(page: Path) -> str:
    return "\n".join(block.text for block in blocks(page) if block.language == "bash")


def in_prose(page: Path) -> str:
    return "\n".join(codes(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_that_a_page_names_are_there(page: Path) -> None:
    called = [(words, True) for words in commands(in_blocks(page), "tachi-data")]
    called += [(words, False) for words in commands(in_prose(page), "tachi-data")]
    wrong = [(words, wrong_word(words, whole=whole)) for words, whole in called]
    assert [(words, word) for words, word in wrong if word] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_targets_that_a_page_names_are_there(page: Path) -> None:
    called = commands(f"{in_blocks(page)}\n{in_prose(page)}", "make")
    named = {word for words in called for word in words if re.fullmatch("[a-z-]+", word)}
    assert named <= TARGETS


def test_every_target_has_a_page() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {target for target in TARGETS if f"make {target}" not in text} == {"help"}


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_is_on_the_reference_page(path: str) -> None:
    page = text_of(DOCS / "reference" / "commands.md")
    heading = f"\n## {path}\n"
    assert heading in page
    section = page.partition(heading)[2].partition("\n## ")[0]
    params = [p for p in COMMANDS[path].params if p.name != "help"]
    assert [o for p in params for o in p.opts if f"`{o}" not in section] == []
    assert all(p.help and p.help.endswith(".") for p in params), "each has a sentence of help"


@pytest.mark.parametrize("path", ["tachi-data", *COMMANDS])
def test_help_fits_a_narrow_terminal(path: str) -> None:
    from typer.testing import CliRunner

    runner = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    done = runner.invoke(app, [*path.split()[1:], "--help"])
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "…" not in re.sub(r"\w+/…|:…", "", done.stdout), "nothing is cut off"
