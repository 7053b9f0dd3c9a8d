"""Catalogues from git repositories and folders; nothing here leaves the machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tachi_data.catalogue import sync
from tachi_data.errors import CatalogueError
from tachi_data.store import Store
from tests.catalogue.documents import SMALL, chart, write

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    done = subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _commit(folder: Path) -> str:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "Change")
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the small catalogue in ``seeds/collections``, and a tag on it."""
    folder = tmp_path / "repository"
    write(folder / "seeds" / "collections", SMALL)
    (folder / "README").write_text("Songs and charts")
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder)
    _git(folder, "tag", "first")
    return folder


def _source(store: Store) -> str:
    query = "SELECT source FROM catalogue_versions ORDER BY version DESC LIMIT 1"
    return str(store.query(query).item())


@pytest.mark.parametrize("as_url", [False, True])
def test_a_repository_is_loaded_at_its_head(store: Store, repository: Path, as_url: bool) -> None:
    commit = _git(repository, "rev-parse", "HEAD")
    # What is not committed does not count.
    write(repository / "seeds" / "collections", {"songs-iidx": []})
    source = repository.as_uri() if as_url else str(repository)
    assert sync(store, source).counts["charts_added"] == 4
    assert _source(store) == f"{source}@{commit}"
    assert not sync(store, source)


def test_a_cache_is_used_again(store: Store, repository: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    sync(store, repository, cache_dir=cache)
    more = {"charts-iidx": [*SMALL["charts-iidx"], chart("new", 2)]}
    write(repository / "seeds" / "collections", more)
    commit = _commit(repository)
    assert sync(store, repository, cache_dir=cache).counts["charts_added"] == 1
    assert _source(store).endswith(commit)
    assert len(list(cache.iterdir())) == 1
    assert sync(store, repository, cache_dir=cache, ref="first").counts["charts_removed"] == 1


def test_branches_tags_and_commits_can_be_named(store: Store, repository: Path) -> None:
    first = _git(repository, "rev-parse", "HEAD")
    write(repository / "seeds" / "collections", {"charts-iidx": SMALL["charts-iidx"][:1]})
    _git(repository, "checkout", "--quiet", "-b", "fewer/charts")
    _commit(repository)
    assert sync(store, repository, ref="fewer/charts").counts["charts_added"] == 1
    assert sync(store, repository, ref=first).counts["charts_added"] == 3
    assert not sync(store, repository, ref="main")


def test_the_folder_nearest_to_the_top_is_taken(store: Store, repository: Path) -> None:
    write(repository / "a" / "b" / "c", {"songs-iidx": [], "charts-iidx": []})
    _commit(repository)
    assert sync(store, repository).counts["charts_added"] == 4
    assert sync(store, repository, path="a").counts["charts_removed"] == 4


def test_a_folder_that_is_no_repository_is_loaded_as_it_is(store: Store, small: Path) -> None:
    assert sync(store, small.parent).counts["songs_added"] == 3
    with pytest.raises(CatalogueError, match="is no git repository"):
        sync(store, small, ref="main")


def test_links_are_not_followed(store: Store, repository: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("[]")
    file = repository / "seeds" / "collections" / "goals.json"
    file.unlink()
    file.symlink_to(secret)
    _commit(repository)
    with pytest.raises(CatalogueError, match=r"goals\.json is not JSON"):
        sync(store, repository)


@pytest.mark.parametrize(
    "source",
    [
        "--upload-pack=touch /tmp/x",
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "nowhere",
        "https://",
        "-oProxyCommand=x@host:path",
        "-x@host:path",
        "me@host:-path",
        "https://example.com/a b",
    ],
)
def test_other_sources_are_refused(store: Store, source: str) -> None:
    with pytest.raises(CatalogueError, match="neither a folder nor the URL"):
        sync(store, source)


@pytest.mark.parametrize("ref", ["--force", "-d", "a..b", "a b", "main:refs/heads/x", "", "a\nb"])
def test_other_refs_are_refused(store: Store, repository: Path, ref: str) -> None:
    with pytest.raises(CatalogueError, match="is no name of a branch"):
        sync(store, repository, ref=ref)


@pytest.mark.parametrize("path", ["/etc", "../..", "seeds/../../.."])
def test_other_paths_are_refused(store: Store, repository: Path, path: str) -> None:
    with pytest.raises(CatalogueError, match="is no path inside"):
        sync(store, repository, path=path)


def test_what_git_says_is_told(store: Store, repository: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="git cannot fetch the catalogue: fatal: "):
        sync(store, repository, ref="no-such-branch")
    with pytest.raises(CatalogueError, match="git cannot fetch the catalogue: fatal: "):
        sync(store, (tmp_path / "gone.git").as_uri())
    with pytest.raises(CatalogueError, match="gave no answer within"):
        sync(store, repository, timeout_s=1e-6)
    with pytest.raises(CatalogueError, match="holds no catalogue"):
        sync(store, repository, path="elsewhere")


def test_without_git_there_is_a_clear_word(
    store: Store, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CatalogueError, match="git has to be installed"):
        sync(store, repository)


def test_git_variables_of_the_caller_do_not_mislead(
    store: Store, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "elsewhere"))
    assert sync(store, repository).counts["charts_added"] == 4
