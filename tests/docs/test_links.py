"""Links of the pages lead somewhere. `make docs` checks those between pages of the site once more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from tests.docs.pages import DOCS, PAGES, REPOSITORY, name_of, prose, text_of

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(text_of(page)), re.MULTILINE)
    return {slugify(re.sub(r"[`*]", "", heading), "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    links = LINK.findall(prose(page.read_text(encoding="utf-8")))
    assert [link for link in links if leads_nowhere(page, link)] == []


def test_every_page_is_in_the_navigation() -> None:
    settings = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    assert {*re.findall(r": ([\w/-]+\.md)$", settings, re.MULTILINE)} == pages
