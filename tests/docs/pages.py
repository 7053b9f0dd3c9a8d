"""The pages of the documentation as tests read them: their fenced blocks, commands, tables and links.

A block that cannot be run by a test says so, and why, in its first line:
``# Not run by the tests: it needs the network.``
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs import hooks

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(DOCS.rglob("*.md")),
]
NOT_RUN = "# Not run by the tests: "
FENCE = re.compile(r'^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; ``line`` is that of its first line of code, ``title`` a file to save it as."""

    page: str
    line: int
    language: str
    title: str | None
    text: str

    @property
    def not_run(self) -> str | None:
        """Why no test runs the block; None for one that is run."""
        first = self.text.partition("\n")[0]
        return first.removeprefix(NOT_RUN) if first.startswith(NOT_RUN) else None


def name_of(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


def text_of(page: Path) -> str:
    """The page as a reader of the built documentation has it."""
    return hooks.on_page_markdown(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(name_of(page), text.count("\n", 0, found.start(3)) + 1, *found.groups())
        for found in FENCE.finditer(text)
    ]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return FENCE.sub("", text)


def codes(text: str) -> list[str]:
    """What the prose has between backticks."""
    return CODE.findall(prose(text))


def first_cells(text: str) -> set[str]:
    """What is in backticks in the first column of the tables."""
    rows = re.findall(r"^\|([^|]*)\|", prose(text), re.MULTILINE)
    return {code for row in rows for code in CODE.findall(row)}


def commands(text: str, program: str) -> Iterator[list[str]]:
    """The words after each call of a program in shell code."""
    joined = re.sub(r"\\\n", " ", text)
    for line in joined.splitlines():
        for piece in re.split(r"\||;|&&|\$\(|\)", re.sub(r"(^|\s)#.*", "", line)):
            try:
                words = shlex.split(piece)
            except ValueError:  # A quotation that goes on in the next line.
                continue
            while words and re.fullmatch(r"\w+=.*", words[0]):
                words = words[1:]
            if words and words[0] == program:
                yield words[1:]
