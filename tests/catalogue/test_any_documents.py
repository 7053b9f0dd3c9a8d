"""Documents of any shape are stored or refused with a CatalogueError; nothing else ever happens."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tachi_data.catalogue import apply, diff_catalogue, load_catalogue, patch_of
from tachi_data.catalogue.documents.reading import generation_of
from tachi_data.errors import LONGEST, CatalogueError
from tachi_data.store import Store, open_store
from tests.catalogue import documents as v2
from tests.catalogue import v3_documents as v3

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["'; DROP TABLE charts; --", "chart.level = 'x'", "~in", "\0", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["~in", "~not", "~gte", "data", "type", "table"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module", params=[2, 3])
def kept(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Store]:
    """A store of either generation, in which no example leaves anything."""
    folder = tmp_path_factory.mktemp("any")
    with open_store(folder / "store.duckdb", tables=v2.STORED) as opened:
        load_catalogue(opened, v2.write(folder, v2.SMALL if request.param == 2 else v3.SMALL))
        yield opened


@st.composite
def _catalogues(draw: st.DrawFn) -> dict[str, list[Any]]:
    """A small catalogue of either form, in which a few members are something else."""
    found: dict[str, list[Any]] = copy.deepcopy(draw(st.sampled_from([v2.SMALL, v3.SMALL])))
    for _ in range(draw(st.integers(1, 3))):
        documents = found[draw(st.sampled_from(sorted(found)))]
        place = draw(st.integers(0, len(documents) - 1))
        if not isinstance(documents[place], dict) or draw(st.integers(0, 9)) == 0:
            documents[place] = draw(JSON)
            continue
        inside = documents[place]
        while inside:
            name = draw(st.sampled_from(sorted(inside)))
            if isinstance(inside[name], dict) and inside[name] and draw(st.booleans()):
                inside = inside[name]
                continue
            inside[name] = draw(JSON)
            break
    return found


EMPTY_LIST = {**v3.SMALL, "charts-iidx-dp": [v3.chart("c3", 3) | {"data": []}]}


@example(documents=EMPTY_LIST)
@given(documents=_catalogues())
def test_any_document_is_stored_or_refused(kept: Store, documents: dict[str, list[Any]]) -> None:
    tables = kept.query("SHOW TABLES").height
    try:
        with kept.write(keep=False) as con:
            diff = apply(con, patch_of(documents, origin="patch", con=con), now=0)
            assert str(diff)
    except CatalogueError:
        pass
    assert kept.query("SHOW TABLES").height == tables


@given(documents=_catalogues())
def test_any_files_are_loaded_or_refused(
    kept: Store, tmp_path_factory: pytest.TempPathFactory, documents: dict[str, list[Any]]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    for name, found in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(found))
    tables = kept.query("SHOW TABLES").height
    with suppress(CatalogueError):
        assert str(diff_catalogue(kept, folder))
    assert kept.query("SHOW TABLES").height == tables


@given(files=st.dictionaries(st.sampled_from(["songs-x", "charts-x", "goals"]), st.lists(JSON)))
def test_the_form_of_anything_is_told_or_refused(files: dict[str, list[Any]]) -> None:
    try:
        assert generation_of(files) in (None, 2, 3)
    except CatalogueError:
        assert len(files) > 0


def test_a_folder_of_a_game_that_is_not_known_is_stored(kept: Store) -> None:
    folders = {"folders": [v2.folder("F", {"level": "12"}, game="newcomer", playtype="Single")]}
    with kept.write(keep=False) as con:
        apply(con, patch_of(folders, origin="patch", con=con), now=0)
        assert con.execute("SELECT title FROM folders WHERE game = 'newcomer'").fetchall() == [
            ("F",)
        ]


def test_a_long_text_is_not_repeated_as_a_whole(kept: Store) -> None:
    folders = {"folders": [v2.folder("F", {}, kind="x" * 30_000)]}
    with pytest.raises(CatalogueError, match="cannot have dict as data") as refused:  # noqa: SIM117
        with kept.write(keep=False) as con:
            apply(con, patch_of(folders, origin="patch", con=con), now=0)
    assert len(str(refused.value)) <= LONGEST


def test_half_a_surrogate_pair_as_an_identifier_is_refused(kept: Store) -> None:
    found = copy.deepcopy(v3.SMALL)
    name = next(name for name in found if name.startswith("charts-"))
    found[name][0]["songID"] = "\ud800"
    with pytest.raises(CatalogueError), kept.write(keep=False) as con:
        patch_of(found, origin="patch", con=con)
