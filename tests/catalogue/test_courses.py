"""Courses of charts, which stand for classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tachi_data.errors import CatalogueError


def course(**changes: Any) -> dict[str, Any]:
    facts = {"md5sums": "0" * 128, "playtype": "7K", "title": "a dan"}
    return {**facts, "set": "genocideDan", "value": "NORMAL_1"} | changes


def test_courses_of_a_folder_are_replaced_with_it(tmp_path: Path, sample: Path) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for name in ("songs-iidx", "charts-iidx"):
        (folder / f"{name}.json").write_bytes((sample / "catalogue" / f"{name}.json").read_bytes())
    path = folder / "bms-course-lookup.json"
    path.write_text(json.dumps([course(), course(md5sums="1" * 128, title="another")]))
    with td.open_store(tmp_path / "store.duckdb") as store:
        first = td.load_catalogue(store, folder)
        assert first.others["collection"].to_list() == ["courses", "courses"]
        path.write_text(json.dumps([course(value="NORMAL_2")]))
        td.load_catalogue(store, folder)
        assert store.query("SELECT game, md5sums, value FROM courses").rows() == [
            ("bms", "0" * 128, "NORMAL_2")
        ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"playtype": "5K"}, "no class of the game has this playtype, set and value"),
        ({"value": "NORMAL_99"}, "no class of the game has this playtype, set and value"),
        ({"title": None}, "title: expected a string"),
    ],
)
def test_a_course_for_no_class_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with (
        td.open_store(tmp_path / "store.duckdb") as store,
        pytest.raises(CatalogueError, match=message),
    ):
        td.patch_catalogue(store, {"courses-bms": [course(**changes)]})


def test_the_real_ones(shared: Path, tmp_path: Path) -> None:
    documents = json.loads((shared / "catalogue" / "bms-course-lookup.json").read_text())
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.patch_catalogue(store, {"courses-bms": documents})
        assert store.query("SELECT count(*) AS n FROM courses")["n"][0] == len(documents) > 100
