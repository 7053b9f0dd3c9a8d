"""The examples and commands of README, tutorial and how-to, run from top to bottom as they stand there."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import NOT_RUN, PAGES, REPOSITORY, Block, blocks, name_of

LANGUAGES = {"bash", "python", "json", "text", "sql"}
RUN = {"bash", "python"}
# What a page takes for granted.
STORED = """
tachi-data catalogue load data/sample/catalogue > /dev/null
cat > lost.json <<'END'
{"meta": {"game": "iidx", "playtype": "SP", "service": "test"}, "scores": [{"matchType": "songTitle",
 "identifier": "no such song", "difficulty": "ANOTHER", "score": 300, "lamp": "CLEAR"}]}
END
tachi-data import lost.json --type file/batch-manual --user 7 > /dev/null
"""
BEFORE = {
    "docs/how-to/work-through-orphans.md": f"""{STORED}
ORPHAN=$(tachi-data orphans list --json | python -c 'import json, sys; print(json.load(sys.stdin)[0]["orphan_id"])')
mkdir database-seeds && cp -r data/sample/catalogue database-seeds/collections
tachi-data export orphans | gzip > orphan-scores.ndjson.gz
""",
    "docs/how-to/run-the-flows.md": STORED,
    "docs/how-to/explore-in-notebooks.md": STORED,
}
# The Python blocks of these pages are one program: the first one has the imports.
ONE_PROGRAM = {"docs/how-to/answer-your-own-questions.md"}
# What it says is shown.
SHOWN = {
    "docs/tutorial/first-import.md": (
        "2 datapoints, 1 score imported",
        "SongOrChartNotFound",
        "shape: (1, ",
    )
}
# One page starts Prefect's server, which takes a quarter of a minute.
MARKS = {"docs/how-to/run-the-flows.md": [pytest.mark.flow]}
RUNNABLE = [
    pytest.param(page, id=name_of(page), marks=[pytest.mark.slow, *MARKS.get(name_of(page), [])])
    for page in PAGES
    if any(block.language in RUN and block.not_run is None for block in blocks(page))
    and page.name not in ("add-an-import-type.md", "add-a-game.md", "CONTRIBUTING.md")
]


def script(page: Path) -> str:
    """The blocks of a page as one shell script that stops at the first failure."""
    one_program = [
        block.text
        for block in blocks(page)
        if name_of(page) in ONE_PROGRAM and block.language == "python"
    ]
    pieces = [
        "set -euo pipefail",
        'make() { command make -o env "$@"; }',
        BEFORE.get(name_of(page), ""),
    ]
    for block in blocks(page):
        if block.title:
            pieces.append(f"mkdir -p {shlex.quote(str(Path(block.title).parent))}")
            pieces.append(
                f"cat > {shlex.quote(block.title)} <<'END_OF_BLOCK'\n{block.text}END_OF_BLOCK"
            )
        elif block.text in one_program:
            continue
        elif block.language in RUN and block.not_run is None:
            pieces.append(f"echo '== {block.page}, line {block.line}' >&2")
            is_python = block.language == "python"
            pieces.append(
                f"python - <<'END_OF_BLOCK'\n{block.text}END_OF_BLOCK" if is_python else block.text
            )
    if one_program:
        pieces.append(f"python - <<'END_OF_BLOCK'\n{''.join(one_program)}END_OF_BLOCK")
    return "\n".join(pieces)


def checkout(folder: Path) -> Path:
    """A folder that looks like a checkout with everything installed."""
    for name in (
        "Makefile",
        "docs",
        "notebooks",
        "pipelines",
        "pyproject.toml",
        "tachi_data",
        "tests",
    ):
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / ".venv").symlink_to(sys.prefix)
    shutil.copytree(REPOSITORY / "data", folder / "data")
    return folder


def run(code: str, folder: Path, *, code_in: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    environment = {name: v for name, v in os.environ.items() if not name.startswith("TACHI_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",
        "PYTHONPATH": str(code_in),
        "COLUMNS": "200",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # The first server in a new place makes its database, which takes long on a busy machine.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    }
    return subprocess.run(
        ["/bin/bash", "-c", code],
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("page", RUNNABLE)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    done = run(script(page), checkout(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert [text for text in SHOWN.get(name_of(page), ()) if text not in done.stdout] == []


def test_ten_questions_are_answered_in_three_lines() -> None:
    page = REPOSITORY / "docs" / "how-to" / "answer-your-own-questions.md"
    answers = [block.text for block in blocks(page) if block.language == "python"][1:]
    assert len(answers) == page.read_text(encoding="utf-8").count("\n## ") == 10
    assert max(answer.count("\n") for answer in answers) <= 3


ALL = [block for page in PAGES for block in blocks(page)]


@pytest.mark.parametrize("block", ALL, ids=lambda b: f"{b.page}:{b.line}")
def test_a_block_is_code_or_says_why_it_is_not_run(block: Block) -> None:
    assert block.language in LANGUAGES
    assert block.text.count(NOT_RUN) == (block.not_run is not None)
    assert block.not_run is None or block.not_run.endswith(".")
    if block.language == "python":
        ast.parse(block.text)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_is_fenced(page: Path) -> None:
    """Indented code would be run by nobody."""
    text = page.read_text(encoding="utf-8")
    outside = "".join(part for i, part in enumerate(text.split("```")) if i % 2 == 0)
    assert re.findall(r"\n\n    .*", outside) == []
